"""The streak: a function of days (R-30 to R-46). Never counted up and down, always derived."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum

from ivy_engine.domain import zones
from ivy_engine.domain.members import WEEKDAYS
from ivy_engine.domain.workouts import LATE_DAYS
from ivy_engine.domain.zones import DAY

BONUSES = {7: 3, 30: 10, 90: 25}  # major units of the engine's currency
BADGES = {30: "Impact Champion"}
CLOSES_AT = time(3)  # a date is finalised when the next one is three hours old (J-6)


class Kind(Enum):
    ACTIVE = "active"
    EXCUSED = "excused"
    BROKEN = "broken"
    OPEN = "open"


class Because(Enum):
    """What made a date what it is: its kind, and the rule that says so."""

    DONE = (Kind.ACTIVE, "R-31")
    REST = (Kind.EXCUSED, "R-34b")
    AWAY = (Kind.EXCUSED, "R-34a")
    HELD = (Kind.EXCUSED, "R-34d")
    ZONE_CHANGE = (Kind.EXCUSED, "R-34f")
    MISSED = (Kind.BROKEN, "R-37")
    SKIPPED = (Kind.BROKEN, "R-36")
    OFF_DAY = (Kind.EXCUSED, "R-34c")
    OPEN = (Kind.OPEN, "R-33")
    NOTHING = (Kind.BROKEN, "R-33")

    @property
    def kind(self) -> Kind:
        return self.value[0]

    @property
    def rule(self) -> str:
        return self.value[1]


EXCUSES = {"status": Because.AWAY, "safety": Because.HELD, "outage": Because.HELD, "zone": Because.ZONE_CHANGE}


@dataclass(frozen=True)
class Run:
    """A maximal chain of active days joined only by excused days."""

    start: date
    end: date
    length: int


@dataclass(frozen=True)
class Days:
    """All that the streak depends on, as local dates."""

    active: frozenset[date]
    broken: frozenset[date] = frozenset()  # a workout planned for that date is SKIPPED (not for rest) or MISSED
    missed: frozenset[date] = frozenset()  # of those, the ones with a MISSED workout
    rest: frozenset[date] = frozenset()  # declared in time (R-34 b)
    excused: Mapping[date, str] = field(default_factory=dict)  # and why: a word of EXCUSES (R-34 a, d, f)
    closed: Mapping[date, bool] = field(default_factory=dict)  # frozen at day close: was R-34 c in force?
    preferred: tuple[str, ...] | None = None
    rest_per_7: int = 2
    zone: str = "UTC"
    record: Run | None = None  # the longest run there ever was
    away: tuple[date, date | None] | None = None  # what a status that is in force covers: from, and to or until it ends
    held_since: date | None = None  # a safety hold that is in force

    def excuse(self, day: date) -> str | None:
        """Why a date is excused apart from rest: a word of EXCUSES."""
        if self.held_since is not None and day >= self.held_since:
            return self.excused.get(day, "safety")
        if self.away is not None and self.away[0] <= day <= (self.away[1] or day):
            return self.excused.get(day, "status")
        return self.excused.get(day)


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
        return self.because(day).kind

    def because(self, day: date) -> Because:
        days = self._days
        if day in days.active:
            return Because.DONE
        if day in self._rest:
            return Because.REST
        excuse = days.excuse(day)
        if excuse is not None:
            return EXCUSES[excuse]
        if day in days.broken:
            return Because.MISSED if day in days.missed else Because.SKIPPED
        if self.off_day(day):
            return Because.OFF_DAY
        if day == self._today:
            return Because.OPEN
        return Because.NOTHING if zones.exists(day, days.zone) else Because.ZONE_CHANGE

    def off_day(self, day: date) -> bool:
        """The weekday was not among the preferred ones, as closed or else as they are now (R-34 c, R-35)."""
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
    longest = max([*runs, *_record(days)], key=lambda run: run.length)
    return Streak(
        current=last.length if alive else 0,
        current_start=last.start if alive else None,
        longest=longest.length,
        longest_start=longest.start,
        longest_end=longest.end,
        last_workout=last.end,
    )


def _record(days: Days) -> Iterator[Run]:
    """The longest run as it was remembered: a later break does not lower it, deleting its own days does (R-40)."""
    record = days.record
    if record is not None and sum(record.start <= day <= record.end for day in days.active) >= record.length:
        yield record


@dataclass(frozen=True)
class Explained:
    """The current run if one is alive, the one before it, and what each of their dates was, newest first."""

    run: Run | None
    last: Run | None
    days: tuple[tuple[date, Because], ...]


def explained(days: Days, today: date) -> Explained:
    """Each date of the current run until today, and the one that ended the run before it."""
    calendar = Calendar(days, today)
    runs = list(calendar.runs())
    run = runs.pop() if runs and calendar.alive(runs[-1]) else None
    last = runs[-1] if runs else None
    dates: list[date] = []
    if run is not None:
        dates += reversed([run.start, *_between(run.start, max(today, run.end) + DAY)])
    if last is not None:
        until = run.start if run else today + DAY
        dates.append(next(day for day in _between(last.end, until) if calendar.kind(day) is Kind.BROKEN))
    return Explained(run, last, tuple((day, calendar.because(day)) for day in dates))


def due_bonuses(now_is: Streak, given: Mapping[int, date], today: date, per_run: bool) -> list[int]:
    """The levels that the streak has reached and that are not given yet; `given` says when each was given last (R-43, R-44).

    With `per_run` a level may be earned again in a run that began after it was given, as many days later as it counts.
    """

    def due(level: int) -> bool:
        if now_is.current < level or level not in given:
            return now_is.current >= level
        began = now_is.current_start
        return per_run and began is not None and began > given[level] and (today - given[level]).days >= level

    return [level for level in BONUSES if due(level)]


def close_instant(day: date, zone: str) -> datetime:
    """When a local date is finalised."""
    return zones.instant_of(day + DAY, CLOSES_AT, zone)


def last_to_close(now: datetime, zone: str) -> date:
    """The latest local date that may be finalised by now."""
    yesterday = zones.local_date(now, zone) - DAY
    return yesterday if close_instant(yesterday, zone) <= now else yesterday - DAY


def first_to_close(signed_up: datetime, zone: str) -> date:
    """Where closing begins: entries may be made for the week before signing up (R-31)."""
    return zones.local_date(signed_up, zone) - timedelta(days=LATE_DAYS)


def skipped_dates(now: datetime, old_zone: str, new_zone: str) -> list[date]:
    """The local dates that a change of zone leaps over; they are excused (R-16, D-2)."""
    return list(_between(zones.local_date(now, old_zone), zones.local_date(now, new_zone)))
