"""A column that says when somebody must look at a row: the earliest time, the rows that are due, a later time."""

from datetime import datetime

from ivy_engine.store.db import Table, db, from_ms, to_ms


class DueColumn:
    """One such column; its SQL is written once. `key` is the column that a row is named by."""

    def __init__(self, table: str, column: str, key: str = "id") -> None:
        self._column = column
        waits = f"FROM {table} WHERE {column} IS NOT NULL"
        self._next = f"SELECT MIN({column}) {waits}"
        self._due = f"SELECT {key} {waits} AND {column} <= ? ORDER BY {column}, {key}"
        self._later = f"UPDATE {table} SET {column} = ? WHERE {key} = ?"  # noqa: S608 - names of our own columns

    def next(self) -> datetime | None:
        """When the first row is due; None when none ever is."""
        found = db.row(self._next)
        earliest: datetime | None = from_ms(found[0]) if found and found[0] is not None else None
        return earliest

    def keys(self, now: datetime) -> list[str]:
        """The rows that are due, longest due first."""
        return [row[0] for row in db.rows(self._due, to_ms(now))]

    def later(self, key: str, at: datetime) -> None:
        """Look at a row again at another time. Inside a write."""
        db.changed(self._later, to_ms(at), key)

    def of(self, row: Table) -> datetime | None:
        """When a row is due."""
        due: datetime | None = getattr(row, self._column)
        return due

    def set(self, row: Table, at: datetime | None) -> None:
        """When a row is due next, None for never. Saves nothing."""
        setattr(row, self._column, at)
