"""Messages out and in. A row is the promise; claiming moves its due time ahead, so that a kill leaves it to be found."""

from collections.abc import Sequence
from datetime import date, datetime

from peewee import BooleanField, IntegerField, TextField

from ivy_engine.store.db import Day, Encrypted, EncryptedJson, Instant, Table, db, from_ms, to_ms
from ivy_engine.store.due import DueColumn


class Message(Table):
    id = TextField(primary_key=True)
    member_id = TextField()
    channel = TextField()
    direction = TextField(default="OUTBOUND")
    message_type = TextField()
    template = TextField(null=True)
    params = EncryptedJson(null=True)
    body = Encrypted(null=True)
    is_reply = BooleanField(default=False)
    status = TextField(default="QUEUED")
    whatsapp_id = TextField(null=True, unique=True)
    twilio_sid = TextField(null=True, unique=True)
    mail_id = TextField(null=True)
    fallback_of_id = TextField(null=True, unique=True)
    call_id = TextField(null=True)
    workout_id = TextField(null=True)
    once_key = TextField(null=True, unique=True)
    due_at = Instant(null=True)
    tries = IntegerField(default=0)
    claimed_by = TextField(null=True)
    failed_reason = TextField(null=True)
    created_at = Instant()
    sent_at = Instant(null=True)
    delivered_at = Instant(null=True)
    read_at = Instant(null=True)
    expires_at = Instant(null=True)  # its purpose has passed by then
    counted_on = Day(null=True)  # the member's date whose ceiling it counts for
    asks_about = TextField(null=True)  # what the question that it asks is about, beside the workout
    any_hour = BooleanField(default=False)  # an answer, or at a time of the member's choosing: no quiet hours
    check_at = Instant(null=True)  # when it goes by SMS if WhatsApp has not delivered it


CHECK = DueColumn("message", "check_at")


def by_id(message_id: str) -> Message | None:
    return Message.one("id", message_id)


def by_provider_id(channel: str, provider_id: str) -> Message | None:
    return Message.one("whatsapp_id" if channel == "WHATSAPP" else "twilio_sid", provider_id)


def add_once(message: Message) -> bool:
    """Store a message; False if its once_key (or provider id, or fallback) is taken."""
    return Message.insert(message.__data__).on_conflict_ignore().as_rowcount().execute() == 1


def save(message: Message) -> None:
    if message.dirty_fields:
        message.save(only=message.dirty_fields)


def next_due() -> datetime | None:
    found = db.row("SELECT MIN(due_at) FROM message WHERE status = 'QUEUED' AND due_at IS NOT NULL")
    return from_ms(found[0]) if found and found[0] is not None else None


def due(now: datetime) -> list[str]:
    rows = db.rows(
        "SELECT id FROM message WHERE status = 'QUEUED' AND due_at IS NOT NULL AND due_at <= ? ORDER BY due_at, id",
        to_ms(now),
    )
    return [row[0] for row in rows]


def claim(message_id: str, run: str, now: datetime, lease_ends: datetime) -> bool:
    """True for exactly one of many who try to send it now."""
    return (
        db.changed(
            "UPDATE message SET claimed_by = ?, due_at = ?, tries = tries + 1 WHERE id = ? AND status = 'QUEUED' AND due_at <= ?",
            run,
            to_ms(lease_ends),
            message_id,
            to_ms(now),
        )
        == 1
    )


def release_former(run: str, due_at: datetime) -> int:
    """What a former process was sending is due again, a little later: the provider's status may tell that it left."""
    return db.changed(
        "UPDATE message SET due_at = ?, claimed_by = NULL "
        "WHERE status = 'QUEUED' AND due_at IS NOT NULL AND claimed_by IS NOT NULL AND claimed_by <> ?",
        to_ms(due_at),
        run,
    )


def cancel_queued(member_id: str, why: str) -> int:
    """Nothing that waits is sent any more, and its words are dropped; how many."""
    return db.changed(
        "UPDATE message SET status = 'FAILED', failed_reason = ?, due_at = NULL, params = NULL, body = NULL "
        "WHERE member_id = ? AND status = 'QUEUED'",
        why,
        member_id,
    )


def cancel_automatic(member_id: str, why: str) -> int:
    """No nudge that waits is sent any more; answers, e-mails and the word after a hold are (R-14, R-153); how many."""
    return db.changed(
        "UPDATE message SET status = 'FAILED', failed_reason = ?, due_at = NULL "
        "WHERE member_id = ? AND status = 'QUEUED' AND is_reply = 0 AND channel <> 'EMAIL' AND template <> 'wellbeing_check'",
        why,
        member_id,
    )


def cancel_of(member_id: str, template: str, why: str) -> int:
    """Messages of a template that wait are not sent any more; how many."""
    return db.changed(
        "UPDATE message SET status = 'FAILED', failed_reason = ?, due_at = NULL "
        "WHERE member_id = ? AND template = ? AND status = 'QUEUED'",
        why,
        member_id,
        template,
    )


def cancel_about(member_id: str, workout_id: str) -> int:
    """Nothing that waits to be said about a workout is sent any more; how many."""
    return db.changed(
        "UPDATE message SET status = 'FAILED', failed_reason = 'purpose_passed', due_at = NULL "
        "WHERE member_id = ? AND workout_id = ? AND status = 'QUEUED'",
        member_id,
        workout_id,
    )


def heard_since(member_id: str, since: datetime) -> bool:
    """Whether the member has written since."""
    found = db.row(
        "SELECT 1 FROM message WHERE member_id = ? AND created_at >= ? AND direction = 'INBOUND' LIMIT 1", member_id, to_ms(since)
    )
    return found is not None


def written_since(member_id: str, templates: Sequence[str], since: datetime) -> int:
    """How many messages of some templates were written to the member since; a fallback is no second one."""
    rows = Message.select(Message.id).where(
        (Message.member_id == member_id)
        & (Message.created_at >= since)
        & (Message.direction == "OUTBOUND")
        & Message.fallback_of_id.is_null()
        & Message.template.in_(list(templates))
    )
    return int(rows.count())


def counted_on(member_id: str, day: date) -> int:
    """How many automatic messages count for the ceiling of a member's date; what failed does not."""
    found = db.row(
        "SELECT COUNT(*) FROM message WHERE member_id = ? AND counted_on = ? AND status <> 'FAILED'", member_id, day.isoformat()
    )
    return int(found[0]) if found else 0


def asked_since(member_id: str, templates: Sequence[str], since: datetime | None) -> int:
    """How many messages of some templates have been sent to the member since an instant, or ever."""
    rows = Message.select(Message.id).where(
        (Message.member_id == member_id)
        & (Message.direction == "OUTBOUND")
        & Message.status.in_(["SENT", "DELIVERED", "READ"])
        & Message.template.in_(list(templates))
    )
    return int((rows if since is None else rows.where(Message.sent_at > since)).count())


def last_heard(member_id: str) -> datetime | None:
    """When the member wrote last."""
    found = db.row("SELECT MAX(created_at) FROM message WHERE member_id = ? AND direction = 'INBOUND'", member_id)
    return from_ms(found[0]) if found and found[0] is not None else None


def last_sent(member_id: str, template: str) -> datetime | None:
    """When the member was last sent a message of a template."""
    found = db.row("SELECT MAX(sent_at) FROM message WHERE member_id = ? AND template = ?", member_id, template)
    return from_ms(found[0]) if found and found[0] is not None else None


def is_written(once_key: str) -> bool:
    return db.row("SELECT 1 FROM message WHERE once_key = ?", once_key) is not None


def page(
    member_id: str, channel: str | None, after: tuple[datetime, str] | None, offset: int, limit: int
) -> tuple[list[Message], int]:
    """A member's messages, the newest first, and how many there are in all.

    `after` is the time and the id of the last one seen before. One row more than `limit` tells that there are more.
    """
    query = Message.select().where(Message.member_id == member_id)
    if channel:
        query = query.where(Message.channel == channel)
    rows = query.order_by(Message.created_at.desc(), Message.id.desc())
    if after:
        at, last_id = after
        rows = rows.where(Message.created_at <= at, (Message.created_at < at) | (Message.id < last_id))
    return list(rows.offset(offset).limit(limit + 1)), query.count()


def latest(limit: int) -> list[Message]:
    return list(Message.select().order_by(Message.id.desc()).limit(limit))


OWNERS = (
    "SELECT id, member_id, status FROM message WHERE id IN ({marks}) UNION ALL "
    "SELECT id, member_id, status FROM call WHERE id IN ({marks})"
)


def owners(ids: list[str]) -> dict[str, tuple[str, str]]:
    """(member id, status) of messages and calls by their ids."""
    if not ids:
        return {}
    marks = ", ".join("?" * len(ids))
    return {row[0]: (row[1], row[2]) for row in db.rows(OWNERS.format(marks=marks), *ids, *ids)}
