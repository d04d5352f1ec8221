"""Events that came in by a webhook, each stored once, unique by provider and event id."""

from datetime import datetime

from peewee import IntegerField, TextField

from ivy_engine.store.db import EncryptedJson, Instant, Table, db, from_ms, to_ms


class InboundEvent(Table):
    id = TextField(primary_key=True)
    provider = TextField()
    event_id = TextField()
    kind = TextField()
    payload = EncryptedJson(null=True)
    status = TextField(default="RECEIVED")  # RECEIVED, HANDLED or FAILED
    due_at = Instant(null=True)
    tries = IntegerField(default=0)
    error = TextField(null=True)
    received_at = Instant()
    handled_at = Instant(null=True)


def add_once(event: InboundEvent) -> bool:
    """Store an event; False if it came in before."""
    return InboundEvent.insert(event.__data__).on_conflict_ignore().as_rowcount().execute() == 1


def by_id(event_row_id: str) -> InboundEvent | None:
    return InboundEvent.one("id", event_row_id)


def waiting(event_row_id: str, now: datetime) -> InboundEvent | None:
    """The event if it is still to be handled now."""
    found = by_id(event_row_id)
    return (
        found if found is not None and found.status == "RECEIVED" and found.due_at is not None and found.due_at <= now else None
    )


def save(event: InboundEvent) -> None:
    if event.dirty_fields:
        event.save(only=event.dirty_fields)


def next_due() -> datetime | None:
    found = db.row("SELECT MIN(due_at) FROM inbound_event WHERE status = 'RECEIVED' AND due_at IS NOT NULL")
    return from_ms(found[0]) if found and found[0] is not None else None


def due(now: datetime) -> list[str]:
    rows = db.rows(
        "SELECT id FROM inbound_event WHERE status = 'RECEIVED' AND due_at IS NOT NULL AND due_at <= ? ORDER BY due_at, id",
        to_ms(now),
    )
    return [row[0] for row in rows]


def latest(limit: int) -> list[InboundEvent]:
    return list(InboundEvent.select().order_by(InboundEvent.id.desc()).limit(limit))
