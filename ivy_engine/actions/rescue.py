"""The smallest action that still counts, agreed on in a message or on the phone (R-106)."""

from datetime import date, timedelta

from ivy_engine.actions import workouts
from ivy_engine.actions.messages import writing
from ivy_engine.engine import Ivy
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member
from ivy_engine.store.workouts import Workout

MINIMUM = "a 10-minute walk"
CHECK_AFTER = timedelta(minutes=60)


def minimum_of(member: Member) -> str:
    chosen: str | None = member.minimum_mode
    return chosen or MINIMUM


def agree_on_minimum(ivy: Ivy, member: Member, day: date, minimum: str) -> Workout | None:
    """The date's open workout, or a new one, is the minimum now; an hour later it is asked how it went. Inside a write."""
    now = ivy.clock.now()
    row = next(iter(workout_rows.open_on(member.id, day)), None)
    if row is None:
        made = workouts.plan(ivy, member.id, activity=minimum, planned_date=day, is_minimum=True)
        row = workout_rows.of_member(member.id, made.id)
    elif not row.is_minimum:
        row.is_minimum, row.updated_at = True, now
        workout_rows.save(row)
    if row is not None:
        about = writing.About(workout_id=row.id, once_key=f"minimum_check:{row.id}:{day}", not_before=now + CHECK_AFTER)
        writing.queue(ivy, member, "minimum_check", {"minimum": minimum}, about)
    return row
