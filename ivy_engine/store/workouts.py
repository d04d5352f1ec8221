"""Workouts of a member."""

from datetime import date, datetime
from typing import NamedTuple

from peewee import BooleanField, IntegerField, TextField

from ivy_engine.store.db import Day, Encrypted, Instant, Table, db, from_ms, to_ms
from ivy_engine.store.due import DueColumn


class Workout(Table):
    id = TextField(primary_key=True)
    member_id = TextField()
    planned_date = Day()
    planned_time = TextField(null=True)
    activity = TextField()
    duration = IntegerField(null=True)
    status = TextField(default="PLANNED")
    completed_at = Instant(null=True)
    skipped_reason = Encrypted(null=True)
    is_rest = BooleanField(default=False)  # skipped for rest: what the streak asks of the encrypted reason
    is_minimum = BooleanField(default=False)
    planning_call_id = TextField(null=True)
    review_call_id = TextField(null=True)
    logged_via = TextField(null=True)
    credited_date = Day(null=True)
    actual_duration = IntegerField(null=True)
    notes = Encrypted(null=True)
    remind_at = Instant(null=True)
    check_due_at = Instant(null=True)  # when to ask how it went (J-5)
    entered_late = BooleanField(default=False)  # its date had closed already where the member was: never a miss
    created_at = Instant()
    updated_at = Instant()


def add(workout: Workout) -> None:
    workout.save(force_insert=True)


def save(workout: Workout) -> None:
    if workout.dirty_fields:
        workout.save(only=workout.dirty_fields)


def of_member(member_id: str, workout_id: str) -> Workout | None:
    """The member's own workout; somebody else's is as if it did not exist."""
    found = Workout.one("id", workout_id)
    return found if found is not None and found.member_id == member_id else None


def page(
    member_id: str,
    status: str | None,
    start: date | None,
    end: date | None,
    after: tuple[date, str] | None,
    offset: int,
    limit: int,
) -> tuple[list[Workout], int]:
    """Newest planned date first, and how many there are in all. `end` is inclusive.

    `after` is the planned date and the id of the last one seen before. One row more than `limit` tells that there are more.
    """
    query = Workout.select().where(Workout.member_id == member_id)
    if status:
        query = query.where(Workout.status == status)
    if start:
        query = query.where(Workout.planned_date >= start)
    if end:
        query = query.where(Workout.planned_date <= end)
    rows = query.order_by(Workout.planned_date.desc(), Workout.id.desc())
    if after:
        day, last_id = after
        rows = rows.where(Workout.planned_date <= day, (Workout.planned_date < day) | (Workout.id < last_id))
    return list(rows.offset(offset).limit(limit + 1)), query.count()


def open_on(member_id: str, day: date) -> list[Workout]:
    """The workouts planned for a date that are still open, earliest planned time first, untimed ones last."""
    return _planned_on(member_id, day, "PLANNED")


def missed_on(member_id: str, day: date) -> list[Workout]:
    """Those that were open when the date was closed, in the same order."""
    return _planned_on(member_id, day, "MISSED")


def _planned_on(member_id: str, day: date, status: str) -> list[Workout]:
    rows = Workout.select().where((Workout.member_id == member_id) & (Workout.status == status) & (Workout.planned_date == day))
    return sorted(rows, key=lambda row: (row.planned_time or "99:99", row.id))


def planned_on(member_id: str, day: date) -> list[Workout]:
    """All workouts planned for a date."""
    rows = Workout.select().where((Workout.member_id == member_id) & (Workout.planned_date == day))
    return list(rows.order_by(Workout.id))


def done_on(member_id: str, day: date) -> Workout | None:
    """A workout that counts for a date."""
    rows = Workout.select().where((Workout.member_id == member_id) & (Workout.credited_date == day))
    found: Workout | None = rows.order_by(Workout.id).first()
    return found


def logged_since(member_id: str, since: datetime) -> bool:
    """Whether the member has logged a workout since: done, or skipped."""
    found = db.row(
        "SELECT 1 FROM workout WHERE member_id = ? AND status IN ('COMPLETED', 'PARTIAL', 'SKIPPED') AND updated_at >= ? LIMIT 1",
        member_id,
        to_ms(since),
    )
    return found is not None


def last_logged(member_id: str) -> datetime | None:
    """When the member last logged a workout: done, or skipped."""
    found = db.row(
        "SELECT MAX(updated_at) FROM workout WHERE member_id = ? AND status IN ('COMPLETED', 'PARTIAL', 'SKIPPED')", member_id
    )
    return from_ms(found[0]) if found and found[0] is not None else None


def from_call(call_id: str, member_id: str, day: date) -> Workout | None:
    """The workout that a call has planned for a date."""
    found: Workout | None = (
        Workout.select()
        .where((Workout.member_id == member_id) & (Workout.planned_date == day) & (Workout.planning_call_id == call_id))
        .first()
    )
    return found


def timed_from(member_id: str, day: date) -> list[Workout]:
    """Open workouts with a time, from a date on."""
    return list(
        Workout.select().where(
            (Workout.member_id == member_id)
            & (Workout.status == "PLANNED")
            & (Workout.planned_date >= day)
            & Workout.planned_time.is_null(False)
        )
    )


def active_days(member_id: str) -> frozenset[date]:
    rows = db.rows("SELECT DISTINCT credited_date FROM workout WHERE member_id = ? AND credited_date IS NOT NULL", member_id)
    return frozenset(date.fromisoformat(row[0]) for row in rows)


def broken_days(member_id: str) -> dict[date, bool]:
    """Dates with a planned workout that was skipped (not for rest) or missed; True for those with a missed one."""
    rows = db.rows(
        "SELECT planned_date, MAX(status = 'MISSED') FROM workout "
        "WHERE member_id = ? AND status IN ('SKIPPED', 'MISSED') AND is_rest = 0 GROUP BY planned_date",
        member_id,
    )
    return {date.fromisoformat(day): bool(missed) for day, missed in rows}


def left_open(member_id: str, after: date, through: date) -> list[Workout]:
    """Workouts still PLANNED whose planned date lies after `after`, up to and including `through`."""
    rows = Workout.select().where(
        (Workout.member_id == member_id)
        & (Workout.status == "PLANNED")
        & (Workout.planned_date > after)
        & (Workout.planned_date <= through)
    )
    return list(rows.order_by(Workout.planned_date, Workout.id))


def about_days(member_id: str, first: date, last: date) -> list[Workout]:
    """Workouts planned for or credited to the dates from `first` to `last`, both included, in order."""
    query = Workout.select().where((Workout.member_id == member_id) & Workout.planned_date.between(first, last))
    credited = Workout.select().where((Workout.member_id == member_id) & Workout.credited_date.between(first, last))
    found = {row.id: row for row in (*query, *credited)}
    return sorted(found.values(), key=lambda row: (row.planned_date, row.id))


def remove(workout_id: str) -> None:
    db.changed("DELETE FROM workout WHERE id = ?", workout_id)


def forget_reminders(member_id: str) -> None:
    """The member is neither reminded of anything nor asked about it any more."""
    db.changed(
        "UPDATE workout SET remind_at = NULL, check_due_at = NULL "
        "WHERE member_id = ? AND status = 'PLANNED' AND planned_time IS NOT NULL",
        member_id,
    )


class StatusCount(NamedTuple):
    """How many workouts have a status: in all, and planned for dates of two spans."""

    status: str
    total: int
    this_week: int
    this_month: int


def counts_by_status(member_id: str, week: tuple[date, date], month: tuple[date, date]) -> list[StatusCount]:
    """Each span is a first date and the first one after it."""
    rows = db.rows(
        "SELECT status, COUNT(*), SUM(planned_date >= ? AND planned_date < ?), SUM(planned_date >= ? AND planned_date < ?) "
        "FROM workout WHERE member_id = ? GROUP BY status",
        *(day.isoformat() for day in (*week, *month)),
        member_id,
    )
    return [StatusCount(*row) for row in rows]


def count_done(member_id: str) -> int:
    """How many workouts count, ever."""
    sql = "SELECT COUNT(*) FROM workout WHERE member_id = ? AND status IN ('COMPLETED', 'PARTIAL')"
    found = db.row(sql, member_id)
    return found[0] if found else 0


def completed_between(member_id: str, start: date, end: date) -> int:
    """How many count for dates from `start` up to, not including, `end`."""
    found = db.row(
        "SELECT COUNT(*) FROM workout WHERE member_id = ? AND credited_date IS NOT NULL "
        "AND credited_date >= ? AND credited_date < ?",
        member_id,
        start.isoformat(),
        end.isoformat(),
    )
    return found[0] if found else 0


def credited_from(member_id: str, start: date) -> list[date]:
    """The dates that the member's completions count for, from one on, one for each completion."""
    rows = db.rows(
        "SELECT credited_date FROM workout WHERE member_id = ? AND credited_date IS NOT NULL AND credited_date >= ?",
        member_id,
        start.isoformat(),
    )
    return [date.fromisoformat(row[0]) for row in rows]


REMIND = DueColumn("workout", "remind_at")
CHECK = DueColumn("workout", "check_due_at")


def to_remind(workout_id: str, now: datetime) -> Workout | None:
    """The workout if its reminder is still due."""
    found: Workout | None = Workout.get_or_none((Workout.id == workout_id) & (Workout.remind_at <= now))
    return found


def reminded(workout_id: str) -> None:
    db.changed("UPDATE workout SET remind_at = NULL WHERE id = ?", workout_id)


def to_ask_about(workout_id: str, now: datetime) -> Workout | None:
    """The workout if the question how it went is still due."""
    found: Workout | None = Workout.get_or_none((Workout.id == workout_id) & (Workout.check_due_at <= now))
    return found
