"""The virtual clock's row: it is kept in the database and survives a restart (CONTRACT 3)."""

from datetime import datetime

from ivy_engine.store.db import db, from_ms, to_ms


def virtual_now() -> datetime | None:
    found = db.row("SELECT virtual_now FROM clock WHERE id = 1")
    return from_ms(found[0]) if found and found[0] is not None else None


def save_virtual_now(instant: datetime | None) -> None:
    db.changed(
        "INSERT INTO clock (id, virtual_now) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET virtual_now = excluded.virtual_now",
        None if instant is None else to_ms(instant),
    )
