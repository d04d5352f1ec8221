"""When a member was last in touch (R-18, R-105, R-117)."""

from datetime import datetime

from ivy_engine.store import messages as message_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member


def last_contact(member: Member) -> datetime | None:
    """When the member last wrote, logged something or answered a call; else when they were onboarded. Inside a read."""
    heard = (message_rows.last_heard(member.id), workout_rows.last_logged(member.id), member.last_call_at, member.onboarded_at)
    return max((at for at in heard if at is not None), default=None)
