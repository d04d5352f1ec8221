"""Answers that were given under an Idempotency-Key. The key itself is not stored: a keyed hash of its scope finds the row."""

from datetime import datetime

from peewee import IntegerField, TextField

from ivy_engine.store.db import Encrypted, Instant, Table, db, to_ms


class Idempotency(Table):
    key = TextField(primary_key=True)
    member_id = TextField(null=True)
    fingerprint = TextField()
    status = IntegerField()
    answer = Encrypted()
    created_at = Instant()


def answer_to(key: str, since: datetime) -> Idempotency | None:
    """The answer that was given under a key after `since`."""
    found: Idempotency | None = Idempotency.get_or_none((Idempotency.key == key) & (Idempotency.created_at > since))
    return found


def keep(row: Idempotency) -> None:
    """Keep an answer, in the place of one that is over. Inside a write."""
    db.changed("DELETE FROM idempotency WHERE key = ?", row.key)
    row.save(force_insert=True)


def answered(key: str, status: int, answer: str) -> None:
    """The answer of a claim that was waiting for it. Inside a write."""
    row = Idempotency.get_or_none(Idempotency.key == key)
    if row is not None:
        row.status, row.answer = status, answer
        row.save(only=(Idempotency.status, Idempotency.answer))


def drop(key: str) -> None:
    """Forget a claim. Inside a write."""
    db.changed("DELETE FROM idempotency WHERE key = ?", key)


def drop_old(until: datetime, at_most: int) -> None:
    """Forget some of the answers that are over, the oldest first. Inside a write."""
    db.changed(
        "DELETE FROM idempotency WHERE key IN (SELECT key FROM idempotency WHERE created_at <= ? ORDER BY created_at LIMIT ?)",
        to_ms(until),
        at_most,
    )
