"""Filters by time, as every list takes them (RULEBOOK 7.1)."""

import re
from datetime import UTC, date, datetime, timedelta

from ivy_engine.domain import zones
from ivy_engine.domain.errors import Invalid, Problem
from ivy_engine.domain.workouts import YEARS

SMALLEST = timedelta(milliseconds=1)  # the grain that instants are stored in


def span(start: str | None, end: str | None, zone: str) -> tuple[datetime | None, datetime | None]:
    """The UTC instants that `startDate` and `endDate` name: the first that belongs, and the first that no longer does.

    Each is a date, which means the whole local date, or a date-time, which belongs itself; without an offset it is a wall
    time of `zone`. None leaves that end open; an end before the start is an empty span. Raises Invalid (422) for anything
    else and for years outside 2000 to 2199.
    """
    return (_bound("startDate", start, zone, is_end=False), _bound("endDate", end, zone, is_end=True))


def _bound(field: str, text: str | None, zone: str, *, is_end: bool) -> datetime | None:
    if text is None:
        return None
    named = _named(field, text)
    if named.year not in YEARS:
        raise Invalid(Problem(f"query.{field}", "this date is out of range"))
    if isinstance(named, datetime):
        return _instant(named, zone) + (SMALLEST if is_end else timedelta(0))
    return zones.day_start(named + zones.DAY if is_end else named, zone)


def _named(field: str, text: str) -> date | datetime:
    """The date or date-time as it is written."""
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(with_plus(text))
        except ValueError:
            continue
    raise Invalid(Problem(f"query.{field}", "write a date (2026-05-04) or an ISO date-time"))


def with_plus(text: str) -> str:
    """An offset's plus sign that a client has not escaped arrives as a space."""
    return re.sub(r"(T.*) (\d\d:?\d\d)$", r"\1+\2", text)


def _instant(given: datetime, zone: str) -> datetime:
    if given.tzinfo is None:
        return zones.instant_of(given.date(), given.time(), zone)
    return given.astimezone(UTC)
