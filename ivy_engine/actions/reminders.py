"""What is said around a planned workout: the reminder before it (J-4), the question how it went (J-5).

Both due times stand in the workout's row, and move with its plan and the zone."""

import logging
from collections.abc import Sequence
from datetime import datetime

from ivy_engine.actions import bedtimes, one_by_one
from ivy_engine.actions.messages import writing
from ivy_engine.domain import workouts, zones
from ivy_engine.domain.calls.planning import REVIEWS
from ivy_engine.domain.pauses import withheld
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member
from ivy_engine.store.workouts import Workout

log = logging.getLogger(__name__)


def set_due(row: Workout, member: Member, now: datetime) -> None:
    """When to remind of an open workout and when to ask about it, on the clock that the member lives by. Saves nothing."""
    zone = member_rows.clock_zone(member)
    row.remind_at = workouts.reminder_due(row.planned_date, row.planned_time, zone, now)
    row.check_due_at = workouts.asked_about_at(row.planned_date, row.planned_time, row.duration, zone, now)


def follow_zone(member: Member, now: datetime) -> None:
    """A new zone, or a journey to one, moves what is said around open workouts (R-12, R-16). Inside a write."""
    for row in workout_rows.timed_from(member.id, zones.local_date(now, member.timezone) - zones.DAY):
        set_due(row, member, now)
        workout_rows.save(row)


def next_due(ivy: Ivy) -> datetime | None:
    with ivy.db.read():
        due = (workout_rows.REMIND.next(), member_rows.BEDTIME.next())
    return min((at for at in due if at is not None), default=None)


def send_due(ivy: Ivy) -> int:
    """Remind of every open workout that starts soon, and of bedtime; how many messages were written."""
    with ivy.db.read():
        due = workout_rows.REMIND.keys(ivy.clock.now())
    return sum(_write(ivy, workout_id) for workout_id in due) + bedtimes.nudge_due(ivy)


def _write(ivy: Ivy, workout_id: str) -> bool:
    """One transaction per workout: one that cannot be reminded of must not hold up the others."""
    now = ivy.clock.now()
    try:
        with ivy.db.write():
            row = workout_rows.to_remind(workout_id, now)
            member = member_rows.by_id(row.member_id) if row else None
            written = bool(row and member and _wanted(row, member, now) and _remind(ivy, member, row))
            workout_rows.reminded(workout_id)
            return written
    except Exception:
        log.exception("the reminder of workout %s could not be written", workout_id)
        with ivy.db.write():
            workout_rows.reminded(workout_id)
        return False


def _wanted(row: Workout, member: Member, now: datetime) -> bool:
    """Not when it is too late, done, or the member is away."""
    due = workouts.reminder_due(row.planned_date, row.planned_time, member_rows.clock_zone(member), now)
    return due is not None and row.status == "PLANNED" and not withheld(member.status, member.keep_structure)


def _remind(ivy: Ivy, member: Member, row: Workout) -> bool:
    params = {"name": member.first_name, "time": row.planned_time or "", "activity": row.activity}
    key = f"workout_reminder:{row.id}:{row.planned_date}T{row.planned_time}"
    starts = workouts.starts_at(row.planned_date, row.planned_time, member_rows.clock_zone(member))
    last = starts - workouts.REMINDER_LEAST if starts else None
    about = writing.About(workout_id=row.id, once_key=key, at_chosen_time=True, expires_at=last)
    return writing.queue(ivy, member, "workout_reminder", params, about) is not None


def next_check(ivy: Ivy) -> datetime | None:
    return one_by_one.next_due(ivy, workout_rows.CHECK)


def ask_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """Ask how it went where a workout's time is over and it is still open (J-5); how many questions were written."""
    due = one_by_one.whose_time_has_come(ivy, workout_rows.CHECK, ids)
    return one_by_one.each(ivy, workout_rows.CHECK, due, _ask, "the question about workout")


def _ask(ivy: Ivy, workout_id: str, now: datetime) -> int:
    row = workout_rows.to_ask_about(workout_id, now)
    member = member_rows.by_id(row.member_id) if row else None
    if row is None or member is None:
        return 0
    due = row.check_due_at
    row.check_due_at = None
    workout_rows.save(row)
    if not _to_be_asked(row, member, due, now):
        return 0
    return int(ask_how_it_went(ivy, member, row))


def ask_how_it_went(ivy: Ivy, member: Member, row: Workout) -> bool:
    """Once for each workout; whether the question was written. Inside a write."""
    about = writing.About(workout_id=row.id, once_key=f"completion_check:{row.id}")
    return writing.queue(ivy, member, "completion_check", {"activity": row.activity}, about) is not None


def _to_be_asked(row: Workout, member: Member, due: datetime, now: datetime) -> bool:
    """Not when the day is over, it is done, the member is away, or a call of that date asks."""
    zone = member_rows.clock_zone(member)
    too_late = zones.local_date(due, zone) != zones.local_date(now, zone)
    if too_late or row.status != "PLANNED" or withheld(member.status, member.keep_structure):
        return False
    return not REVIEWS & call_rows.planned_types(member.id, row.planned_date)
