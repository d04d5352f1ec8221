"""`/api/users/me/pause` and beside it: being away, coming back, resting."""

from typing import Any

from ivy_engine.actions import pauses
from ivy_engine.web.endpoint import Asked


def pause(asked: Asked) -> Any:
    """Pause.

    Calls and nudges stop, the streak waits: every date away is excused (R-12 to R-14). `resumeDate` is the last date away;
    without one it lasts until you resume. Said again, it replaces what was said before.
    """
    body = asked.body
    wanted = pauses.Pause(body.reason, body.resume_date, bool(body.keep_structure), body.travel_timezone)
    return pauses.pause(asked.ivy, asked.who.id, wanted)


def resume(asked: Asked) -> Any:
    """Come back.

    Calls are planned again at once.
    """
    return pauses.resume(asked.ivy, asked.who.id)


def rest_day(asked: Asked) -> Any:
    """Declare a rest day.

    For today or a later date: its open workouts are skipped, its calls are not made, and it does not break the streak (R-34).
    """
    return pauses.rest_on(asked.ivy, asked.who.id, asked.body.date)
