"""What comes again by itself, on the member's own clock: every Sunday morning, every first of a month, every bedtime."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ivy_engine.domain import zones
from ivy_engine.domain.members import clock_time

FRIDAY, SUNDAY = 4, 6
BEDTIME_LEAD = timedelta(minutes=15)


@dataclass(frozen=True)
class Rhythm:
    """A time of day, and the local dates on which it counts."""

    at: time
    falls_on: Callable[[date], bool]


SUMMARY = Rhythm(time(9), lambda day: day.weekday() == SUNDAY)  # J-9
RECEIPT = Rhythm(time(9), lambda day: day.day == 1)  # J-10
PULSE = Rhythm(time(18), lambda day: day.weekday() == FRIDAY)  # J-11
CHECK_IN = Rhythm(time(11), lambda day: True)  # J-12


def next_time(rhythm: Rhythm, after: datetime, zone: str) -> datetime:
    """The first time after an instant, itself left out."""
    day = zones.local_date(after, zone)
    while not (rhythm.falls_on(day) and zones.instant_of(day, rhythm.at, zone) > after):
        day += zones.DAY
    return zones.instant_of(day, rhythm.at, zone)


def has_come_today(rhythm: Rhythm, now: datetime, zone: str) -> bool:
    """Whether today is such a date and its time has come. What was due on an earlier date is too late."""
    today = zones.local_date(now, zone)
    return rhythm.falls_on(today) and zones.instant_of(today, rhythm.at, zone) <= now


def next_bedtime(bedtime: str, now: datetime, zone: str) -> datetime:
    """The first bedtime (`HH:MM`) after now."""
    return next_time(_nightly(bedtime), now, zone)


def next_wind_down(bedtime: str, after: datetime, zone: str) -> datetime:
    """The first time after an instant at which a bedtime is a quarter of an hour away."""
    return next_bedtime(bedtime, after + BEDTIME_LEAD, zone) - BEDTIME_LEAD


def _nightly(bedtime: str) -> Rhythm:
    return Rhythm(clock_time(bedtime), lambda day: True)


def week_name(day: date) -> str:
    """The ISO week of a date, as `2026-W19`."""
    return "{}-W{:02d}".format(*day.isocalendar()[:2])
