"""Which calls a local date holds (R-10, R-92 to R-96)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ivy_engine.domain import zones
from ivy_engine.domain.members import WEEKDAYS, clock_time

MORNING, EVENING, WEEKLY, MONTHLY = "MORNING_PLANNING", "EVENING_REVIEW", "WEEKLY_PLANNING", "MONTHLY_CHECKIN"
ONBOARDING = "ONBOARDING"
REVIEWS = frozenset({EVENING, WEEKLY, MONTHLY})  # they ask how the day went
WEEKLY_TIME = "18:00"
ONBOARDING_LEAD = timedelta(minutes=60)
SUNDAY = 6

_BY_QUOTA = {1: (0,), 2: (0, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: range(5), 6: range(6), 7: range(7)}


@dataclass(frozen=True)
class Rhythm:
    """What a member has chosen and the tier allows."""

    zone: str
    morning: str | None
    evening: str | None
    weekly: str | None
    weekly_enabled: bool
    quota: int
    preferred: tuple[str, ...] | None
    free: bool


@dataclass(frozen=True)
class Slot:
    call_type: str
    local_date: date
    at: datetime


def call_days(rhythm: Rhythm) -> frozenset[int]:
    """Weekdays (Monday is 0) of the weekly call-days: the first `quota` candidates (R-92)."""
    if rhythm.quota <= 0:
        return frozenset()
    chosen = [WEEKDAYS.index(day) for day in rhythm.preferred or ()]
    candidates = sorted(chosen) or list(_BY_QUOTA[min(rhythm.quota, 7)])
    return frozenset(candidates[: rhythm.quota])


def slots(rhythm: Rhythm, day: date, rest: bool = False) -> Iterator[Slot]:
    """The planner calls of one local date, whether past or future (R-93, R-94)."""
    sunday = day.weekday() == SUNDAY and not rhythm.free and rhythm.weekly_enabled
    if day.weekday() in call_days(rhythm) and not rest:
        if rhythm.morning:
            yield _slot(MORNING, day, rhythm.morning, rhythm.zone)
        if rhythm.evening and not sunday:
            yield _slot(EVENING, day, rhythm.evening, rhythm.zone)
    if sunday:
        yield _slot(MONTHLY if day.day <= 7 else WEEKLY, day, rhythm.weekly or WEEKLY_TIME, rhythm.zone)


def _slot(call_type: str, day: date, at: str, zone: str) -> Slot:
    return Slot(call_type, day, zones.instant_of(day, clock_time(at), zone))


def onboarding_slot(rhythm: Rhythm, now: datetime) -> Slot | None:
    """The next morning call time (else evening) at least 60 minutes ahead (R-10)."""
    at = rhythm.morning or rhythm.evening
    if at is None:
        return None
    day = zones.local_date(now, rhythm.zone)
    while True:
        slot = _slot(ONBOARDING, day, at, rhythm.zone)
        if slot.at - now >= ONBOARDING_LEAD:
            return slot
        day += zones.DAY


def window_text(at: str | None, minutes: int) -> str:
    """`HH:MM-HH:MM` of a call window (R-99), as the voice agent is told."""
    if at is None:
        return "not set"
    start = datetime.combine(date(2000, 1, 3), clock_time(at))
    return f"{at}-{(start + timedelta(minutes=minutes)).time():%H:%M}"


def quota(frequency: int, tier_days: int) -> int:
    return min(frequency, tier_days)
