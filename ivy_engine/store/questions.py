"""Questions that have been asked and not answered: what a short answer means (R-114)."""

from datetime import datetime

from peewee import TextField

from ivy_engine.store.db import Instant, Table, db, to_ms


class Question(Table):
    id = TextField(primary_key=True)
    member_id = TextField()
    kind = TextField()
    workout_id = TextField(null=True)
    about = TextField(null=True)
    asked_at = Instant()
    expires_at = Instant()
    closed_at = Instant(null=True)


def add(question: Question) -> None:
    question.save(force_insert=True)


def open_of(member_id: str, now: datetime) -> list[Question]:
    """Those that an answer can still be meant for, the newest first."""
    rows = Question.select().where((Question.member_id == member_id) & Question.closed_at.is_null() & (Question.expires_at > now))
    return list(rows.order_by(Question.asked_at.desc(), Question.id.desc()))


def close(question: Question, now: datetime) -> None:
    question.closed_at = now
    question.save(only=[Question.closed_at])


def close_all(member_id: str, now: datetime) -> int:
    """None of a member's questions is open any more; how many were."""
    return db.changed("UPDATE question SET closed_at = ? WHERE member_id = ? AND closed_at IS NULL", to_ms(now), member_id)
