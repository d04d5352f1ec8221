"""Being away: paused, sick, travelling (R-12 to R-14)."""

from datetime import date, datetime, time

from ivy_engine.domain import zones
from ivy_engine.domain.errors import invalid

WORDS = {"sick": "sick", "traveling": "travelling", "break": "paused"}  # as a message says it
ACTIVE, TRAVELING, SICK = "active", "traveling", "sick"
# what a member may say -> the status that it is
REASONS = {"traveling": TRAVELING, "sick": SICK, "break": "paused"}
RESUMES_AT = time(6)  # local, on the date after the last one away (J-13)
LONGEST_DAYS = 366


def withheld(status: str, keep_structure: bool) -> bool:
    """Whether calls and nudges are withheld and dates excused: not while active, nor on a journey that keeps the structure."""
    return status != ACTIVE and not (status == TRAVELING and keep_structure)


def clock_zone(zone: str, status: str, travel_zone: str | None) -> str:
    """The zone that calls and reminders follow: the journey's, if one is named."""
    return travel_zone if status == TRAVELING and travel_zone else zone


def check_resume_date(last_away: date | None, today: date) -> None:
    """422 for a last date away that is past, or more than a year ahead."""
    if last_away is not None and not 0 <= (last_away - today).days <= LONGEST_DAYS:
        raise invalid("resumeDate", "this must be today or a later date, at most a year ahead")


def resume_instant(last_away: date, zone: str) -> datetime:
    """When it ends by itself (R-13): 06:00 on the local date after the last one away."""
    return zones.instant_of(last_away + zones.DAY, RESUMES_AT, zone)
