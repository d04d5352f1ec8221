"""Local dates and times: every "day" belongs to a member's IANA zone (R-30, R-96)."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

DAY = timedelta(days=1)


# links of this machine, and the zone of those who have not set one
_NO_PLACES = {"localtime", "posixrules", "Factory"}


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones() - _NO_PLACES)


def is_zone(name: str) -> bool:
    return name in _known()


def local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone))


def local_date(instant: datetime, zone: str) -> date:
    return local(instant, zone).date()


def instant_of(day: date, at: time, zone: str) -> datetime:
    """The UTC instant of a wall time (R-96).

    A time that does not exist moves forward by the gap; a time that occurs twice is its first occurrence.
    """
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def day_start(day: date, zone: str) -> datetime:
    """The first instant of a local date; where midnight does not exist, the instant after the gap."""
    return instant_of(day, time.min, zone)


def exists(day: date, zone: str) -> bool:
    """False for a date that a zone has left out: Apia had no 30 December 2011."""
    return local_date(day_start(day, zone), zone) == day


def next_day_start(instant: datetime, zone: str) -> datetime:
    """The next instant at which the local date changes."""
    return day_start(local_date(instant, zone) + DAY, zone)


def month_start(instant: datetime, zone: str) -> datetime:
    """The first instant of the local calendar month (R-55)."""
    return day_start(local_date(instant, zone).replace(day=1), zone)


def next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def week_of(day: date) -> tuple[date, date]:
    """Monday and the next Monday (R-75)."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=7)
