"""Workouts: planned, changed, completed. Every door (API, call, message) comes through here (R-108)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ivy_engine.actions import celebrations, giving, reminders, streaks
from ivy_engine.actions.calls import ladder
from ivy_engine.domain import filters, workouts, zones
from ivy_engine.domain.errors import NotFound, invalid
from ivy_engine.domain.giving import Donation, SkippedReason
from ivy_engine.domain.members import normal_time
from ivy_engine.domain.streaks import close_instant
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member
from ivy_engine.store.workouts import Workout


@dataclass(frozen=True)
class StreakNow:
    current: int
    longest: int


@dataclass(frozen=True)
class Completion:
    """What a change of status has brought about."""

    workout: workouts.Workout
    streak: StreakNow
    donation: Donation | None
    donation_skipped_reason: SkippedReason | None
    bonuses: tuple[Donation, ...]


@dataclass(frozen=True)
class How:
    """Which door a completion came through, and what it said."""

    via: str = "api"
    review_call_id: str | None = None
    completed_at: datetime | None = None
    credited_date: date | None = None  # only for lateness
    skipped_reason: str | None = None
    actual_duration: int | None = None
    notes: str | None = None
    reply_by: str | None = None  # the channel on which the member is waiting for an answer


def plan(
    ivy: Ivy,
    member_id: str,
    *,
    activity: str,
    planned_date: str | date,
    planned_time: str | None = None,
    duration: int | None = None,
    is_minimum: bool = False,
    planning_call_id: str | None = None,
) -> workouts.Workout:
    """A new PLANNED workout, with its reminder and the question afterwards.

    `planned_date` is text as a request sends it (R-23), or a local date.
    """
    now = ivy.clock.now()
    workouts.check_duration(duration)
    at = normal_time("plannedTime", planned_time)
    with ivy.db.write():
        member = member_rows.existing(member_id)
        day = workouts.planned_date(planned_date, member.timezone) if isinstance(planned_date, str) else planned_date
        row = Workout(
            id=ivy.clock.new_id(),
            member_id=member_id,
            planned_date=day,
            planned_time=at,
            activity=_activity(activity),
            duration=duration,
            is_minimum=is_minimum,
            planning_call_id=planning_call_id,
            entered_late=now >= close_instant(day, member.timezone),
            created_at=now,
            updated_at=now,
        )
        reminders.set_due(row, member, now)
        workout_rows.add(row)
        return _value(row, member)


def _activity(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise invalid("activity", "say what you will do")
    return stripped


def listed(
    ivy: Ivy,
    member_id: str,
    *,
    status: str | None,
    start: str | None,
    end: str | None,
    after: tuple[date, str] | None,
    page: int,
    limit: int,
) -> tuple[list[workouts.Workout], int]:
    """The member's workouts, newest planned date first, and how many there are.

    A page of them, or those after the planned date and id of one; and one more than `limit` if there are more.
    `start` and `end` are dates or date-times as a request writes them, both inclusive; like a planned date they name one
    date in the member's zone (R-23).
    """
    offset = 0 if after else (page - 1) * limit
    with ivy.db.read():
        member = member_rows.existing(member_id)
        first = _bound("startDate", start, member.timezone)
        last = _bound("endDate", end, member.timezone)
        rows, total = workout_rows.page(member_id, status, first, last, after, offset, limit)
        return [_value(row, member) for row in rows], total


def _bound(field: str, text: str | None, zone: str) -> date | None:
    return workouts.planned_date(filters.with_plus(text), zone, f"query.{field}") if text is not None else None


def one(ivy: Ivy, member_id: str, workout_id: str) -> workouts.Workout:
    with ivy.db.read():
        return _value(_own(member_id, workout_id), member_rows.existing(member_id))


def change(ivy: Ivy, member_id: str, workout_id: str, changes: Mapping[str, Any]) -> workouts.Workout | Completion:
    """Change fields; a `status` runs the same transition as completing (R-25), and the answer is then a Completion."""
    now = ivy.clock.now()
    with ivy.db.write():
        member = member_rows.existing(member_id)
        row = _own(member_id, workout_id)
        before = streaks.streak_of(ivy, member).current
        status = changes.get("status")
        if status and status != row.status:  # by the date it was planned for until now, or a move would be a way around
            workouts.check_move(row.status, status, row.planned_date, zones.local_date(now, member.timezone))
        _change_plan(row, member, changes, now)
        if status and status != row.status:
            how = How(skipped_reason=changes.get("skipped_reason"))
            return _transition(ivy, member, row, status, how, now)
        if "skipped_reason" in changes and row.status == "SKIPPED" and not status:
            _skip(ivy, member, row, changes["skipped_reason"], now)
        _save(row, now)
        corrected(ivy, member, before, now)
        return _value(row, member)


def delete(ivy: Ivy, member_id: str, workout_id: str) -> None:
    """Take a workout away; what it gave stays given, and the streak is what remains (R-26)."""
    now = ivy.clock.now()
    with ivy.db.write():
        member = member_rows.existing(member_id)
        row = _own(member_id, workout_id)
        before = streaks.streak_of(ivy, member).current
        workout_rows.remove(row.id)
        message_rows.cancel_about(member_id, row.id)
        corrected(ivy, member, before, now)


def corrected(ivy: Ivy, member: Member, before: int, now: datetime) -> list[Donation]:
    """After a change of days that is no completion, the longest run is remembered (R-39, R-40).

    When it has joined runs and so made the streak longer, the bonuses of that are given and told (R-43). Inside a write.
    """
    streak = streaks.changed(ivy, member, now)
    if streak.current <= before:
        return []
    bonuses = giving.give_bonuses(ivy, member, streak, now)
    if bonuses:
        celebrations.tell_streak(ivy, member, streak.current, streak.current, bonuses)
    return bonuses


def _change_plan(row: Workout, member: Member, changes: Mapping[str, Any], now: datetime) -> None:
    if changes.get("planned_date"):
        day = workouts.planned_date(changes["planned_date"], member.timezone)
        if day != row.planned_date:
            row.planned_date, row.entered_late = day, now >= close_instant(day, member.timezone)
    if "planned_time" in changes:
        _set(row, "planned_time", normal_time("plannedTime", changes["planned_time"]))
    if changes.get("activity") is not None:
        _set(row, "activity", _activity(changes["activity"]))
    if "duration" in changes:
        workouts.check_duration(changes["duration"])
        _set(row, "duration", changes["duration"])
    if row.dirty_fields and row.status == "PLANNED":
        reminders.set_due(row, member, now)


def _set(row: Workout, name: str, value: Any) -> None:
    """Only a value that differs is a change."""
    if getattr(row, name) != value:
        setattr(row, name, value)


def complete(ivy: Ivy, member_id: str, workout_id: str, status: workouts.Status, how: How) -> Completion:
    """COMPLETED, PARTIAL or SKIPPED: the row, the streak, the donation and the message, all or nothing (R-24, R-51)."""
    now = ivy.clock.now()
    with ivy.db.write():
        member = member_rows.existing(member_id)
        row = _own(member_id, workout_id)
        if row.status == status:
            return _outcome(ivy, member, row, giving.given_for(member_id, row.id), None, ())
        return _transition(ivy, member, row, status, how, now)


def log_done(ivy: Ivy, member: Member, status: workouts.Status, how: How) -> Completion | workouts.Workout | None:
    """Log "done" when nobody says which workout (R-32, R-114.7). Inside a write.

    The earliest open one of today, or a missed one when a report comes after the close of its day; between midnight and three
    an open one of yesterday; else one made for the occasion.
    When the day is logged already, that workout is returned and nothing changes. "Today" is the day of `how.completed_at`.
    """
    now = ivy.clock.now()
    said_at = how.completed_at or now
    today = zones.local_date(said_at, member.timezone)
    yesterday = today - zones.DAY
    late = workouts.late_evening(said_at, member.timezone)
    waiting = workout_rows.open_on(member.id, today) or workout_rows.missed_on(member.id, today)
    if waiting:
        return _transition(ivy, member, waiting[0], status, how, now)
    waiting = workout_rows.open_on(member.id, yesterday) if late else []
    if waiting:
        credited = How(**{**vars(how), "credited_date": yesterday})
        return _transition(ivy, member, waiting[0], status, credited, now)
    logged = workout_rows.done_on(member.id, today) or (workout_rows.done_on(member.id, yesterday) if late else None)
    if logged is not None:
        return _value(logged, member)
    made = plan(ivy, member.id, activity="Workout", planned_date=today)
    return _transition(ivy, member, _own(member.id, made.id), status, how, now)


def log_skip(ivy: Ivy, member: Member, day: date, how: How) -> Completion | None:
    """Skip the earliest open workout of a date, if there is one. Inside a write."""
    waiting = workout_rows.open_on(member.id, day)
    return _transition(ivy, member, waiting[0], "SKIPPED", how, ivy.clock.now()) if waiting else None


def _transition(ivy: Ivy, member: Member, row: Workout, to: workouts.Status, how: How, now: datetime) -> Completion:
    today = zones.local_date(now, member.timezone)
    workouts.check_move(row.status, to, row.planned_date, today)
    first = to in workouts.DONE and row.status not in workouts.DONE
    if first:
        done_at = workouts.completion_instant(how.completed_at, now, member.timezone)
        row.completed_at, row.credited_date = done_at, how.credited_date or zones.local_date(done_at, member.timezone)
        row.logged_via, row.skipped_reason, row.is_rest = how.via, None, False
        row.review_call_id = how.review_call_id
    if to == "SKIPPED":
        row.logged_via = how.via
        _skip(ivy, member, row, how.skipped_reason, now)
    row.actual_duration = how.actual_duration if how.actual_duration is not None else row.actual_duration
    row.notes = how.notes if how.notes is not None else row.notes
    before = celebrations.standing(ivy, member, streaks.streak_of(ivy, member).current)
    row.status = to
    row.remind_at = row.check_due_at = None
    _save(row, now)
    ladder.in_touch(member.id, now)
    if not first:
        bonuses = corrected(ivy, member, before.streak, now)
        return _outcome(ivy, member, row, giving.given_for(member.id, row.id), None, tuple(bonuses))
    donation, reason = giving.give_for_completion(ivy, member, row.id, now)
    streak = streaks.changed(ivy, member, now)
    bonuses = giving.give_bonuses(ivy, member, streak, now)
    done = celebrations.Completed(row.id, before, streak.current, donation, bonuses, how.reply_by)
    celebrations.celebrate(ivy, member, done)
    return _outcome(ivy, member, row, donation, reason, tuple(bonuses))


def _skip(ivy: Ivy, member: Member, row: Workout, reason: str | None, now: datetime) -> None:
    """Keep why; `rest_day` on a date that is not past declares a rest day, unless it was missed already (R-24, R-36)."""
    row.skipped_reason, row.is_rest = reason, reason == workouts.REST_DAY
    if row.is_rest and row.status != "MISSED" and row.planned_date >= zones.local_date(now, member.timezone):
        streaks.declare_rest(ivy, member, row.planned_date)


def _outcome(
    ivy: Ivy, member: Member, row: Workout, donation: Donation | None, reason: SkippedReason | None,
    bonuses: tuple[Donation, ...],
) -> Completion:  # fmt: skip
    streak = streaks.streak_of(ivy, member)
    return Completion(_value(row, member), StreakNow(streak.current, streak.longest), donation, reason, bonuses)


def _save(row: Workout, now: datetime) -> None:
    if row.dirty_fields:
        row.updated_at = now
        workout_rows.save(row)


def _own(member_id: str, workout_id: str) -> Workout:
    row = workout_rows.of_member(member_id, workout_id)
    if row is None:
        raise NotFound("There is no such workout.")
    return row


def _value(row: Workout, member: Member) -> workouts.Workout:
    return workouts.Workout(
        id=row.id, user_id=row.member_id, planned_date=row.planned_date, planned_time=row.planned_time,
        activity=row.activity, duration=row.duration, status=row.status, completed_at=row.completed_at,
        skipped_reason=row.skipped_reason, is_minimum=row.is_minimum, planning_call_id=row.planning_call_id,
        review_call_id=row.review_call_id, logged_via=row.logged_via, credited_date=row.credited_date,
        actual_duration=row.actual_duration, notes=row.notes, created_at=row.created_at, updated_at=row.updated_at,
        user=workouts.Owner(member.id, member.first_name, member.last_name),
    )  # fmt: skip
