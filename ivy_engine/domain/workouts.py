"""Workouts: what may become of one, which date it is planned for and which date it counts for (R-20 to R-32)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from ivy_engine.domain import zones
from ivy_engine.domain.errors import Conflict, Invalid, Problem, invalid
from ivy_engine.domain.members import clock_time

Status = Literal["PLANNED", "COMPLETED", "PARTIAL", "SKIPPED", "MISSED"]
DONE = frozenset({"COMPLETED", "PARTIAL"})
REST_DAY = "rest_day"
REMINDER_LEAD = timedelta(minutes=15)
REMINDER_LEAST = timedelta(minutes=2)
USUAL_DURATION = timedelta(minutes=60)
LATE_DAYS = 7
FUTURE_TOLERANCE = timedelta(minutes=5)
LATE_EVENING = time(3)
YEARS = range(2000, 2200)

# R-24; a status may always be set again, with no effect
MOVES: dict[str, frozenset[str]] = {
    "PLANNED": frozenset({"COMPLETED", "PARTIAL", "SKIPPED", "MISSED"}),
    "MISSED": frozenset({"COMPLETED", "PARTIAL", "SKIPPED"}),
    "SKIPPED": frozenset({"COMPLETED", "PARTIAL"}),
    "PARTIAL": frozenset({"COMPLETED"}),
    "COMPLETED": frozenset(),
}


@dataclass(frozen=True)
class Owner:
    id: str
    first_name: str
    last_name: str


@dataclass(frozen=True)
class Workout:
    id: str
    user_id: str
    planned_date: date
    planned_time: str | None
    activity: str
    duration: int | None
    status: str
    completed_at: datetime | None
    skipped_reason: str | None
    is_minimum: bool
    planning_call_id: str | None
    review_call_id: str | None
    logged_via: str | None
    credited_date: date | None
    actual_duration: int | None
    notes: str | None
    created_at: datetime
    updated_at: datetime
    user: Owner


def planned_date(text: str, zone: str, path: str = "body.plannedDate") -> date:
    """The local date that a request names (R-23).

    A date, or a date-time at exactly 00:00:00Z, names that calendar date; another instant is converted to the zone. A
    date-time without an offset names its own calendar date.
    """
    try:
        day = date.fromisoformat(text) if len(text) == 10 else _date_of(datetime.fromisoformat(text), zone)
    except ValueError:
        raise Invalid(Problem(path, "write a date (2026-05-04) or an ISO date-time")) from None
    except OverflowError:
        raise Invalid(Problem(path, "this date is out of range")) from None
    if day.year not in YEARS:
        raise Invalid(Problem(path, "this date is out of range"))
    return day


def _date_of(instant: datetime, zone: str) -> date:
    if instant.tzinfo is None:
        return instant.date()
    utc = instant.astimezone(UTC)
    return utc.date() if utc.time() == time.min else zones.local_date(instant, zone)


def check_move(now_is: str, to: str, planned: date, today: date) -> None:
    """Refuse what R-24 does not allow with 409."""
    if to not in MOVES[now_is]:
        raise Conflict(f"A workout that is {now_is} cannot become {to}.")
    if to == "MISSED" and planned > today:
        raise Conflict("A workout in the future cannot be missed yet.")
    if now_is in ("MISSED", "SKIPPED") and to in DONE and (today - planned).days > LATE_DAYS:
        raise Conflict(f"A workout can be logged at most {LATE_DAYS} days after its planned date.")


def completion_instant(given: datetime | None, now: datetime, zone: str) -> datetime:
    """When it was done: `now`, or what the request says if that is plausible (R-31)."""
    if given is None:
        return now
    if given - now > FUTURE_TOLERANCE:
        raise invalid("completedAt", "this is in the future")
    long_ago = now - given > timedelta(days=LATE_DAYS + 2)
    if long_ago or (zones.local_date(now, zone) - zones.local_date(given, zone)).days > LATE_DAYS:
        raise invalid("completedAt", f"this is more than {LATE_DAYS} days ago")
    return given.astimezone(UTC).replace(microsecond=given.microsecond // 1000 * 1000)


def starts_at(planned: date, at: str | None, zone: str) -> datetime | None:
    """The instant of a planned time; None for a workout without one."""
    return zones.instant_of(planned, clock_time(at), zone) if at else None


def reminder_due(planned: date, at: str | None, zone: str, now: datetime) -> datetime | None:
    """When to remind: 15 minutes before the planned time, at once if that has passed, None if it is too late (J-4)."""
    start = starts_at(planned, at, zone)
    return None if start is None or start - now < REMINDER_LEAST else start - REMINDER_LEAD


def asked_about_at(planned: date, at: str | None, duration: int | None, zone: str, now: datetime) -> datetime | None:
    """When to ask how it went: when its time is over (J-5). `duration` is in minutes, an hour if nobody said.

    None for a workout without a time, and when that date has passed in the member's zone.
    """
    if at is None:
        return None
    length = USUAL_DURATION if duration is None else timedelta(minutes=duration)
    over = zones.instant_of(planned, clock_time(at), zone) + length
    return over if zones.local_date(over, zone) >= zones.local_date(now, zone) else None


def check_duration(duration: int | None) -> None:
    if duration is not None and not 1 <= duration <= 1440:
        raise Invalid(Problem("body.duration", "write whole minutes from 1 to 1440"))


def late_evening(now: datetime, zone: str) -> bool:
    """Between 00:00 and 03:00 local, "done" may still mean yesterday (R-32)."""
    return zones.local(now, zone).time() < LATE_EVENING
