"""The database: one SQLite file, one process-wide write lock, transactions that join, migrations at start."""

import fcntl
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol, Self

import orjson
from peewee import BigIntegerField, DatabaseError, Model, SqliteDatabase, TextField
from playhouse.migrations import Runner

log = logging.getLogger(__name__)
MIGRATIONS = Path(__file__).parent / "migrations"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NewerDatabase(Exception):
    """The file was written by a newer version of the engine."""


class Cipher(Protocol):
    def encrypt(self, text: str) -> str: ...
    def decrypt(self, text: str) -> str: ...


class Database(SqliteDatabase):
    """Opened once per process by `open`; each thread keeps a connection of its own."""

    cipher: Cipher

    def __init__(self) -> None:
        super().__init__(None, lock_type="IMMEDIATE", autoconnect=False)
        self._write_lock = threading.RLock()
        self._connections: list[sqlite3.Connection] = []
        self.before_commit: Callable[[], None] = lambda: None

    def open(self, path: Path, cipher: Cipher, synchronous: str) -> None:
        """Open or create the file at `path` and bring it up to date.

        Raises OSError when it is not a usable database, NewerDatabase when it is ahead of us.
        """
        self.cipher = cipher
        self.init(
            str(path),
            pragmas={
                "journal_mode": "wal",
                "synchronous": synchronous,
                "foreign_keys": 1,
                "cache_size": -8000,
                "temp_store": "memory",
            },
            timeout=15,
            check_same_thread=False,
        )
        with _file_lock(path.with_suffix(".migrating")):
            try:
                self._connected()
                self._migrate(path)
            except DatabaseError as error:
                self.close_all()
                raise OSError(f"{path}: {error}") from error
            except NewerDatabase:
                self.close_all()
                raise

    def close_all(self) -> None:
        """Write the log back into the file and close the connections of all threads."""
        if not self.is_closed():
            try:
                self.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            except DatabaseError as error:  # the write-ahead log is kept and read at the next start
                log.warning("the write-ahead log could not be written back: %s", error)
            self.close()
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        self.before_commit = lambda: None

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._connect()  # type: ignore[misc]
        self._connections.append(connection)
        return connection

    def _connected(self) -> None:
        if self.is_closed():
            self.connect()

    @contextmanager
    def write(self) -> Iterator[None]:
        """A write transaction. An inner one joins the outer one: all or nothing."""
        with self._write_lock:
            if self.in_transaction():
                yield
                return
            self._connected()
            with self.transaction():
                yield
                self.before_commit()

    @contextmanager
    def read(self) -> Iterator[None]:
        """Several reads of one snapshot, without the write lock; inside a write it joins it."""
        self._connected()
        if self.in_transaction():
            yield
            return
        with self.transaction("DEFERRED"):
            yield

    def later(self, wake: Callable[[], None]) -> None:
        """Run `wake` after the outermost commit, or at once outside a transaction. It only wakes: a failure loses nothing."""

        def guarded() -> None:
            try:
                wake()
            except Exception:  # the rows are committed, and the sweep finds them without being woken
                log.exception("waking the workers failed")

        self.after_commit(guarded)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """A compiled read: SQL text that stands in `store`, beside the model it reads (DESIGN 3.9)."""
        found: list[tuple[Any, ...]] = self.execute_sql(sql, values).fetchall()
        return found

    def row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self.execute_sql(sql, values).fetchone()
        return found

    def changed(self, sql: str, *values: Any) -> int:
        """Run one statement and tell how many rows it changed."""
        count: int = self.execute_sql(sql, values).rowcount
        return count

    def _migrate(self, path: Path) -> None:
        runner = Runner(self, str(MIGRATIONS))
        status = runner.status()
        unknown = [step.name for step in status if step.path is None]
        if unknown:
            raise NewerDatabase(f"{path} was written by a newer version of Ivy (it has {', '.join(unknown)})")
        pending = [step for step in status if not step.applied]
        if pending and len(pending) < len(status):
            self._snapshot(path, pending[0].name)
        if pending:
            runner.up()

    def _snapshot(self, path: Path, before: str) -> None:
        folder = path.parent / "backups"
        folder.mkdir(exist_ok=True)
        copy = folder / f"before-{before}.db"
        copy.unlink(missing_ok=True)
        self.execute_sql("VACUUM INTO ?", (str(copy),))
        log.info("saved a copy of the database before migration %s", before)


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


db = Database()


class Instant(BigIntegerField):
    """A UTC instant as whole milliseconds since 1970."""

    def db_value(self, value: datetime | None) -> int | None:
        return None if value is None else to_ms(value)

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else from_ms(value)


def to_ms(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)


class Day(TextField):
    """A calendar date as YYYY-MM-DD."""

    def db_value(self, value: date | None) -> str | None:
        return None if value is None else value.isoformat()

    def python_value(self, value: str | None) -> date | None:
        return None if value is None else date.fromisoformat(value)


class Encrypted(TextField):
    """Text that is unreadable in the file (DESIGN 3.12). No query compares it."""

    def db_value(self, value: str | None) -> str | None:
        return None if value is None else db.cipher.encrypt(value)

    def python_value(self, value: str | None) -> str | None:
        return None if value is None else db.cipher.decrypt(value)


class EncryptedJson(Encrypted):
    """A JSON value that is unreadable in the file."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else super().db_value(orjson.dumps(value).decode())

    def python_value(self, value: str | None) -> Any:
        text = super().python_value(value)
        return None if text is None else orjson.loads(text)


class Json(TextField):
    """A JSON value in the clear."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def python_value(self, value: str | None) -> Any:
        return None if value is None else orjson.loads(value)


@cache
def _row_query(table: "type[Table]", column: str) -> str:
    """The text of the query for one row, built once: building it costs many times what running it does (DESIGN 3.9)."""
    sql, _ = table.select().where(getattr(table, column) == "").limit(1).sql()
    return str(sql).replace("LIMIT ?", "LIMIT 1")


class Table(Model):
    @classmethod
    def one(cls, column: str, value: str) -> Self | None:
        """The row whose text column has a value."""
        found: Self | None = next(iter(cls.raw(_row_query(cls, column), value)), None)
        return found

    class Meta:
        database = db
        legacy_table_names = False
