"""Reminders before planned workouts (J-4): the due time stands in the workout's row, and moves with its plan and the zone."""

import logging
from datetime import datetime

from ivy_engine.actions.messages import writing
from ivy_engine.domain import workouts, zones
from ivy_engine.domain.pauses import withheld
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member
from ivy_engine.store.workouts import Workout

log = logging.getLogger(__name__)


def follow_zone(ivy: Ivy, member: Member, now: datetime) -> None:
    """A new zone moves the reminders of open workouts (R-16). Inside a write."""
    for row in workout_rows.timed_from(member.id, zones.local_date(now, member.timezone) - zones.DAY):
        row.remind_at = workouts.reminder_due(row.planned_date, row.planned_time, member_rows.clock_zone(member), now)
        workout_rows.save(row)


def next_due(ivy: Ivy) -> datetime | None:
    with ivy.db.read():
        return workout_rows.REMIND.next()


def send_due(ivy: Ivy) -> int:
    """Write `workout_reminder` for every open workout that starts soon; how many were written."""
    with ivy.db.read():
        due = workout_rows.REMIND.keys(ivy.clock.now())
    return sum(_write(ivy, workout_id) for workout_id in due)


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
    about = writing.About(workout_id=row.id, once_key=key, at_chosen_time=True)
    return writing.queue(ivy, member, "workout_reminder", params, about) is not None
