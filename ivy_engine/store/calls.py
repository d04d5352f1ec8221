"""Calls: planned, claimed by a conditional UPDATE, changed by provider events."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from peewee import BooleanField, IntegerField, TextField

from ivy_engine.store.db import Day, Encrypted, EncryptedJson, Instant, Table, db, from_ms, to_ms


class Call(Table):
    id = TextField(primary_key=True)
    member_id = TextField()
    call_type = TextField()
    scheduled_at = Instant()
    due_at = Instant(null=True)  # when something must be done about it: dial, look again after a kill, ask the provider
    started_at = Instant(null=True)
    ended_at = Instant(null=True)
    duration = IntegerField(null=True)
    status = TextField(default="SCHEDULED")
    retell_call_id = TextField(null=True, unique=True)
    transcript = Encrypted(null=True)
    recording_url = Encrypted(null=True)
    outcome = TextField(null=True)
    sentiment = TextField(null=True)
    needs_follow_up = BooleanField(default=False)
    context_snapshot = EncryptedJson(null=True)
    direction = TextField(default="outbound")
    attempt = IntegerField(default=1)
    retry_of_id = TextField(null=True)
    local_date = Day()
    source = TextField()
    transcript_summary = Encrypted(null=True)
    analyzed = BooleanField(default=False)
    in_voicemail = BooleanField(default=False)
    extracted = EncryptedJson(null=True)
    effects_applied_at = Instant(null=True)
    dial_tries = IntegerField(default=0)
    claimed_by = TextField(null=True)
    last_error = TextField(null=True)
    window_ends_at = Instant(null=True)  # of a retry: the first call's
    dialled_at = Instant(null=True)  # when the first attempt was recorded
    held = TextField(null=True)  # due, but waiting: for its turn (pace), for a place, or for the provider (halt)
    outcome_known = BooleanField(default=False)  # an operator has said what came of it
    cancelled_by = TextField(
        null=True
    )  # "person" for a call that nobody wanted, "moved" for its old place: it is not planned there again
    created_at = Instant()
    updated_at = Instant()


def by_id(call_id: str) -> Call | None:
    return Call.one("id", call_id)


def by_provider_id(provider_call_id: str) -> Call | None:
    return Call.one("retell_call_id", provider_call_id)


def add_once(call: Call) -> bool:
    """Store a planner call; False if that member, type and local date already has one (R-97)."""
    return Call.insert(call.__data__).on_conflict_ignore().as_rowcount().execute() == 1


def save(call: Call) -> None:
    if call.dirty_fields:
        call.save(only=call.dirty_fields)


def planned_types(member_id: str, day: date) -> frozenset[str]:
    """Types of the member's calls of a local date that are not cancelled."""
    rows = Call.select(Call.call_type).where(
        (Call.member_id == member_id) & (Call.local_date == day) & (Call.status != "CANCELLED")
    )
    return frozenset(row.call_type for row in rows)


def unwanted_types(member_id: str, day: date) -> frozenset[str]:
    """Types of planned calls of a local date that somebody has cancelled or moved away."""
    rows = Call.select(Call.call_type).where(
        (Call.member_id == member_id) & (Call.local_date == day) & Call.cancelled_by.in_(("person", "moved"))
    )
    return frozenset(row.call_type for row in rows)


def of_day(member_id: str, day: date) -> list[Call]:
    """The member's calls of a local date, in order."""
    rows = Call.select().where((Call.member_id == member_id) & (Call.local_date == day))
    return list(rows.order_by(Call.scheduled_at, Call.id))


def has_onboarding(member_id: str) -> bool:
    rows = Call.select(Call.id).where(
        (Call.member_id == member_id)
        & (Call.call_type == "ONBOARDING")
        & ((Call.status != "CANCELLED") | (Call.cancelled_by == "person"))
    )
    return bool(rows.exists())


def has_completed(member_id: str) -> bool:
    rows = Call.select(Call.id).where((Call.member_id == member_id) & (Call.status == "COMPLETED"))
    return bool(rows.exists())


def page(
    member_id: str,
    call_type: str | None,
    status: str | None,
    span: tuple[datetime | None, datetime | None],
    after: tuple[datetime, str] | None,
    offset: int,
    limit: int,
) -> tuple[list[Call], int]:
    """The latest scheduled first, and how many there are in all; the end of `span` does not belong.

    `after` is the time and the id of the last one seen before. One row more than `limit` tells that there are more.
    """
    query = Call.select().where(Call.member_id == member_id)
    if call_type:
        query = query.where(Call.call_type == call_type)
    if status:
        query = query.where(Call.status == status)
    start, end = span
    if start:
        query = query.where(Call.scheduled_at >= start)
    if end:
        query = query.where(Call.scheduled_at < end)
    rows = query.order_by(Call.scheduled_at.desc(), Call.id.desc())
    if after:
        at, last_id = after
        rows = rows.where(Call.scheduled_at <= at, (Call.scheduled_at < at) | (Call.id < last_id))
    return list(rows.offset(offset).limit(limit + 1)), query.count()


def upcoming(after: tuple[datetime, str] | None, offset: int, limit: int) -> tuple[list[Call], int]:
    """Everybody's calls that wait, the next first, and how many there are; one row more than `limit` if there are more."""
    query = Call.select().where(Call.status == "SCHEDULED")
    rows = query.order_by(Call.scheduled_at, Call.id)
    if after:
        at, last_id = after
        rows = rows.where(Call.scheduled_at >= at, (Call.scheduled_at > at) | (Call.id > last_id))
    return list(rows.offset(offset).limit(limit + 1)), query.count()


def cancel_unwanted(call: Call, now: datetime) -> None:
    """By somebody who did not want it: `unwanted_types` keeps the planner from making it again."""
    call.status, call.due_at, call.held, call.updated_at = "CANCELLED", None, None, now
    call.cancelled_by = "person"
    save(call)


def cancel_future(member_id: str, now: datetime) -> int:
    """Planner calls that have not been dialled are cancelled; how many."""
    return _cancel(member_id, now, (Call.source == "planner") & (Call.scheduled_at > now))


def judge_rescues(member_id: str, day: date, saved: bool, now: datetime) -> int:
    """Rescue conversations of a date that is closed now: whether the day was saved (R-106); how many."""
    return db.changed(
        "UPDATE call SET outcome = ?, updated_at = ? WHERE member_id = ? AND local_date = ? AND call_type = 'RESCUE' "
        "AND status = 'COMPLETED' AND outcome = 'completed' AND outcome_known = 0",
        "rescue_success" if saved else "rescue_failed",
        to_ms(now),
        member_id,
        day.isoformat(),
    )


def waiting_of(member_id: str) -> list[Call]:
    """A member's calls that wait to be dialled."""
    return list(Call.select().where((Call.member_id == member_id) & (Call.status == "SCHEDULED")))


def cancel_scheduled(member_id: str, now: datetime) -> int:
    """Whatever has not been dialled is cancelled, planned or not; how many."""
    return _cancel(member_id, now)


def cancel_planned_on(member_id: str, day: date, now: datetime) -> int:
    """The planner calls of a local date that have not been dialled, the weekly ones apart (R-92), and all retries; how many."""
    of_the_day = (Call.source == "retry") | (
        Call.call_type.in_(("MORNING_PLANNING", "EVENING_REVIEW")) & (Call.source == "planner")
    )
    return _cancel(member_id, now, (Call.local_date == day) & of_the_day)


def cancel_retries(member_id: str, now: datetime) -> int:
    """Retries that have not been dialled are cancelled; how many."""
    return _cancel(member_id, now, Call.source == "retry")


def _cancel(member_id: str, now: datetime, *which: Any) -> int:
    """Of a member's calls that wait."""
    waiting = (Call.member_id == member_id) & (Call.status == "SCHEDULED")
    changed: int = Call.update(status="CANCELLED", due_at=None, updated_at=now).where(waiting, *which).execute()
    return changed


def next_planned(member_id: str, now: datetime) -> datetime | None:
    """When the member's next planned call is."""
    return _instant(
        db.row(
            "SELECT MIN(scheduled_at) FROM call WHERE member_id = ? AND scheduled_at > ? AND status = 'SCHEDULED' "
            "AND source IN ('planner', 'api')",
            member_id,
            to_ms(now),
        )
    )


def dialled_days(member_id: str, first: date, after: date) -> list[date]:
    """The local dates of the planner calls of a span that were dialled, one for each call."""
    rows = db.rows(
        "SELECT local_date FROM call WHERE member_id = ? AND local_date >= ? AND local_date < ? AND dial_tries > 0 "
        "AND dialled_at IS NOT NULL AND source = 'planner' AND call_type IN ('ONBOARDING', 'MORNING_PLANNING', 'EVENING_REVIEW')",
        member_id,
        first.isoformat(),
        after.isoformat(),
    )
    return [date.fromisoformat(row[0]) for row in rows]


def in_progress() -> int:
    """Calls that take a place: being dialled, ringing or talking."""
    found = db.row("SELECT COUNT(*) FROM call WHERE status = 'IN_PROGRESS'")
    return int(found[0]) if found else 0


def dialled_since(since: datetime) -> list[datetime]:
    """When calls were dialled since, the latest first."""
    rows = db.rows("SELECT dialled_at FROM call WHERE dialled_at > ? ORDER BY dialled_at DESC", to_ms(since))
    return [from_ms(row[0]) for row in rows]


def hold(now: datetime, until: datetime, why: str) -> int:
    """Whatever is due to be dialled for the first time waits; how many."""
    return db.changed(
        "UPDATE call SET due_at = ?, held = ? WHERE status = 'SCHEDULED' AND due_at <= ?", to_ms(until), why, to_ms(now)
    )


def free(now: datetime, held: str) -> int:
    """What was waited for is there: whoever was held for it is due; how many."""
    return db.changed("UPDATE call SET due_at = ?, held = NULL WHERE held = ? AND status = 'SCHEDULED'", to_ms(now), held)


NEXT_DIAL = (
    "SELECT MIN(due_at) FROM (SELECT MIN(due_at) AS due_at FROM call WHERE status = 'SCHEDULED' UNION ALL "
    "SELECT MIN(due_at) FROM call WHERE status = 'IN_PROGRESS' AND retell_call_id IS NULL)"
)
DIAL_DUE = (
    "SELECT id, due_at FROM call WHERE status = 'SCHEDULED' AND due_at <= ? UNION ALL "
    "SELECT id, due_at FROM call WHERE status = 'IN_PROGRESS' AND due_at <= ? AND retell_call_id IS NULL ORDER BY 2, 1"
)


def next_dial() -> datetime | None:
    """When a call is to be dialled next, or looked at again because its dialling never ended."""
    return _instant(db.row(NEXT_DIAL))


def dial_due(now: datetime) -> list[str]:
    return [row[0] for row in db.rows(DIAL_DUE, to_ms(now), to_ms(now))]


def claim(call_id: str, run: str, now: datetime, lease_ends: datetime) -> bool:
    """SCHEDULED -> IN_PROGRESS, or take over a dialling that never ended. True for exactly one of many who try."""
    return (
        db.changed(
            "UPDATE call SET status = 'IN_PROGRESS', claimed_by = ?, due_at = ?, dial_tries = dial_tries + 1, held = NULL, "
            "updated_at = ? WHERE id = ? AND due_at <= ? "
            "AND (status = 'SCHEDULED' OR (status = 'IN_PROGRESS' AND retell_call_id IS NULL))",
            run,
            to_ms(lease_ends),
            to_ms(now),
            call_id,
            to_ms(now),
        )
        == 1
    )


def release_former(run: str, now: datetime) -> int:
    """Dialling that a former process held is due at once: the provider is asked before anything is dialled (DESIGN 3.2)."""
    return db.changed(
        "UPDATE call SET due_at = ? WHERE status = 'IN_PROGRESS' AND retell_call_id IS NULL AND claimed_by <> ?",
        to_ms(now),
        run,
    )


def look_again(call_id: str, due_at: datetime) -> None:
    """Nothing could be done about a call now."""
    db.changed("UPDATE call SET due_at = ? WHERE id = ? AND due_at IS NOT NULL", to_ms(due_at), call_id)


def next_stuck() -> datetime | None:
    return _instant(db.row("SELECT MIN(due_at) FROM call WHERE status = 'IN_PROGRESS' AND retell_call_id IS NOT NULL"))


def stuck(now: datetime) -> Sequence[Call]:
    """Calls in progress of which nothing was heard for too long."""
    rows = Call.select().where((Call.status == "IN_PROGRESS") & (Call.due_at <= now) & Call.retell_call_id.is_null(False))
    return list(rows.order_by(Call.due_at, Call.id))


def live(member_id: str | None) -> list[Call]:
    """Calls now ringing or connected."""
    query = Call.select().where((Call.status == "IN_PROGRESS") & Call.retell_call_id.is_null(False))
    if member_id:
        query = query.where(Call.member_id == member_id)
    return list(query.order_by(Call.scheduled_at, Call.id))


def latest(limit: int) -> list[Call]:
    return list(Call.select().order_by(Call.id.desc()).limit(limit))


def _instant(found: tuple[Any, ...] | None) -> datetime | None:
    return from_ms(found[0]) if found and found[0] is not None else None
