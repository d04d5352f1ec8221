"""The streak: a function of days (R-30 to R-46). Never counted up and down, always derived."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from ivy_engine.domain.members import WEEKDAYS
from ivy_engine.domain.zones import DAY

BONUSES = {7: 3, 30: 10, 90: 25}  # major units of the engine's currency
MESSAGE_STREAKS = frozenset({7, 14, 21, 30, 60, 90})


class Kind(Enum):
    ACTIVE = "active"
    EXCUSED = "excused"
    BROKEN = "broken"
    OPEN = "open"


@dataclass(frozen=True)
class Days:
    """All that the streak depends on, as local dates."""

    active: frozenset[date]
    broken: frozenset[date] = frozenset()  # a workout planned for that date is SKIPPED (not for rest) or MISSED
    rest: frozenset[date] = frozenset()  # declared in time (R-34 b)
    excused: frozenset[date] = frozenset()  # status, safety hold, zone change (R-34 a, d, f)
    closed: dict[date, bool] = field(default_factory=dict)  # frozen at day close: was R-34 c in force?
    preferred: tuple[str, ...] | None = None
    rest_per_7: int = 2


@dataclass(frozen=True)
class Run:
    """A maximal chain of active days joined only by excused days."""

    start: date
    end: date
    length: int


@dataclass(frozen=True)
class Streak:
    current: int
    current_start: date | None
    longest: int
    longest_start: date | None
    longest_end: date | None
    last_workout: date | None


def counted_rest(declared: frozenset[date], per_7: int) -> frozenset[date]:
    """The rest days that excuse: in any seven consecutive dates at most `per_7`, the latest beyond them does not (D-15)."""
    counted: list[date] = []
    for day in sorted(declared):
        if sum((day - earlier).days < 7 for earlier in counted[-per_7:] if per_7) < per_7:
            counted.append(day)
    return frozenset(counted)


class Calendar:
    """Says of each date what it was; the table of R-38, first match wins."""

    def __init__(self, days: Days, today: date) -> None:
        self._days = days
        self._today = today
        self._rest = counted_rest(days.rest, days.rest_per_7)

    def kind(self, day: date) -> Kind:
        days = self._days
        if day in days.active:
            return Kind.ACTIVE
        if day in self._rest or day in days.excused:
            return Kind.EXCUSED
        if day in days.broken:
            return Kind.BROKEN
        if self._not_preferred(day):
            return Kind.EXCUSED
        return Kind.OPEN if day == self._today else Kind.BROKEN

    def _not_preferred(self, day: date) -> bool:
        if day in self._days.closed:
            return self._days.closed[day]
        preferred = self._days.preferred
        return preferred is not None and WEEKDAYS[day.weekday()] not in preferred

    def runs(self) -> Iterator[Run]:
        """Every run, oldest first; the last may still be alive."""
        start = end = None
        length = 0
        for day in sorted(self._days.active):
            if end is not None and not self._joined(end, day):
                yield Run(start or end, end, length)
                start, length = None, 0
            start, end, length = start or day, day, length + 1
        if end is not None:
            yield Run(start or end, end, length)

    def _joined(self, earlier: date, later: date) -> bool:
        return all(self.kind(day) in (Kind.EXCUSED, Kind.OPEN) for day in _between(earlier, later))

    def alive(self, run: Run) -> bool:
        """No unexcused day lies between the run's last active day and today; today itself only breaks by a skip (R-33)."""
        return self._joined(run.end, self._today + DAY)


def _between(earlier: date, later: date) -> Iterator[date]:
    day = earlier + DAY
    while day < later:
        yield day
        day += DAY


def streak(days: Days, today: date) -> Streak:
    """Evaluated whenever it is read, so that a broken streak reads 0 without waiting for a job (R-33, R-40)."""
    calendar = Calendar(days, today)
    runs = list(calendar.runs())
    if not runs:
        return Streak(0, None, 0, None, None, None)
    last = runs[-1]
    alive = calendar.alive(last)
    longest = max(runs, key=lambda run: run.length)
    return Streak(
        current=last.length if alive else 0,
        current_start=last.start if alive else None,
        longest=longest.length,
        longest_start=longest.start,
        longest_end=longest.end,
        last_workout=last.end,
    )


def due_bonuses(current: int, claimed: frozenset[int]) -> list[int]:
    """The levels that the streak has reached and that were never given (R-43, R-44)."""
    return [level for level in BONUSES if current >= level and level not in claimed]
