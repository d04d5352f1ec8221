"""What somebody who was asked for a plan has written: the activity, and the time if there is one (R-114.12)."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from ivy_engine.domain import zones
from ivy_engine.domain.inbound import times

LONGEST, LONGEST_TEXT = 200, 1_000
_LEAD = re.compile(
    r"^(?:i'll|ill|i will|i'm going to|im going to|i want to|i would like(?: to)?|i'd like to|going to|gonna"
    r"|plan:?|today:?|tomorrow:?)\s+",
    re.IGNORECASE,
)
_DO = re.compile(r"^(?:do|make|go for)\s+", re.IGNORECASE)
_REST = re.compile(r"\b(?:tomorrow|today|tonight)\b|\b(?:at|around|by|from|about)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Planned:
    activity: str
    at: str | None  # HH:MM
    day: date


def read(text: str, now: datetime, zone: str) -> Planned:
    """The plan in a member's words. Without an activity ("at 7") it is a workout."""
    written = " ".join(text[:LONGEST_TEXT].split())
    found = times.find(written.lower())
    activity = written if found is None else f"{written[: found.span[0]]} {written[found.span[1] :]}"
    for pattern in (_LEAD, _DO):
        activity = pattern.sub("", activity.strip(" ,.;:!-"))
    activity = " ".join(_REST.sub("", activity).split()).strip(" ,.;:!-")
    today = zones.local_date(now, zone)
    if found is None:
        return Planned(_capital(activity), None, times.day_of(None, written.lower(), today))
    instant = times.next_instant(found, now, zone)
    day = times.day_of(found, written.lower(), today)
    at = zones.local(instant, zone) if zones.local_date(instant, zone) == day else None
    return Planned(_capital(activity), f"{at:%H:%M}" if at else f"{found.at:%H:%M}", day)


def _capital(activity: str) -> str:
    return (activity[:1].upper() + activity[1:])[:LONGEST] or "Workout"
