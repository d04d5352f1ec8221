"""Reminders before planned workouts (J-4): the due time stands in the workout's row, and moves with its plan and the zone."""

from datetime import datetime

from ivy_engine.actions import messages
from ivy_engine.domain import workouts, zones
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member
from ivy_engine.store.workouts import Workout


def follow_zone(ivy: Ivy, member: Member, now: datetime) -> None:
    """A new zone moves the reminders of open workouts (R-16). Inside a write."""
    for row in workout_rows.timed_from(member.id, zones.local_date(now, member.timezone) - zones.DAY):
        row.remind_at = workouts.reminder_due(row.planned_date, row.planned_time, member.timezone, now)
        workout_rows.save(row)


def next_due(ivy: Ivy) -> datetime | None:
    with ivy.db.read():
        return workout_rows.next_reminder()


def send_due(ivy: Ivy) -> int:
    """Write `workout_reminder` for every open workout that starts soon; how many were written."""
    now = ivy.clock.now()
    written = 0
    with ivy.db.write():
        for row in workout_rows.reminders_due(now):
            member = member_rows.by_id(row.member_id)
            if member is not None and _wanted(row, member, now):
                written += _remind(ivy, member, row)
            row.remind_at = None
            workout_rows.save(row)
    return written


def _wanted(row: Workout, member: Member, now: datetime) -> bool:
    """Not when it is too late, done, or the member is away."""
    due = workouts.reminder_due(row.planned_date, row.planned_time, member.timezone, now)
    return due is not None and row.status == "PLANNED" and member.status == "active"


def _remind(ivy: Ivy, member: Member, row: Workout) -> bool:
    params = {"name": member.first_name, "time": row.planned_time or "", "activity": row.activity}
    key = f"workout_reminder:{row.id}:{row.planned_date}T{row.planned_time}"
    about = messages.About(workout_id=row.id, once_key=key, at_chosen_time=True)
    return messages.queue(ivy, member, "workout_reminder", params, about) is not None
