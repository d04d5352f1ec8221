"""The proof of the giving ledger: every sum, cap and key worked out again from its rows (R-50 to R-60)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from ivy_engine.domain.giving import COMPLETION, MANUAL, bonus_type
from ivy_engine.domain.money import minor_units
from ivy_engine.domain.streaks import BONUSES

FARTHEST_ZONE = timedelta(hours=14)  # no local date is farther from the UTC instant


@dataclass(frozen=True)
class Entry:
    """A row of the ledger as it stands there; sums are minor units."""

    id: str
    account: int
    amount: int
    currency: str
    donation_type: str
    workout_id: str | None
    streak_days: int | None
    bonus_run: str
    local_day: str
    local_month: str
    day_total: int | None
    day_cap: int | None
    month_total: int | None
    month_cap: int | None
    created_at: datetime


@dataclass(frozen=True)
class BadEntry:
    id: str
    says: str


@dataclass(frozen=True)
class Verified:
    """How many rows were read, what they give in minor units, and the first bad one."""

    rows: int
    total: int
    bad: BadEntry | None


@dataclass
class _Books:
    """What the rows read so far add up to."""

    days: Counter[tuple[int, str]] = field(default_factory=Counter)
    months: Counter[tuple[int, str]] = field(default_factory=Counter)
    workouts: set[str] = field(default_factory=set)
    bonuses: set[tuple[int, str, str]] = field(default_factory=set)


def verify(entries: Iterable[Entry], currency: str) -> Verified:
    """Read the ledger in the order it was written, up to the first row that cannot be right."""
    books = _Books()
    rows = total = 0
    for entry in entries:
        rows += 1
        says = next(_problems(entry, books, currency), None)
        if says is not None:
            return Verified(rows, total, BadEntry(entry.id, says))
        total += entry.amount
    return Verified(rows, total, None)


def _problems(entry: Entry, books: _Books, currency: str) -> Iterator[str]:
    if entry.amount <= 0:
        yield f"its amount is {entry.amount}"
    if entry.currency != currency:
        yield f"its currency is {entry.currency}, the engine's is {currency}"
    if entry.local_month != entry.local_day[:7]:
        yield f"its month is {entry.local_month}, its day {entry.local_day}"
    yield from _far_from_its_instant(entry)
    if entry.donation_type == COMPLETION:
        yield from _completion(entry, books)
    elif entry.donation_type != MANUAL:
        yield from _bonus(entry, books, currency)


def _far_from_its_instant(entry: Entry) -> Iterator[str]:
    dates = {(entry.created_at + shift).date().isoformat() for shift in (-FARTHEST_ZONE, timedelta(), FARTHEST_ZONE)}
    if entry.local_day not in dates:
        yield f"its day is {entry.local_day}, but it was made at {entry.created_at:%Y-%m-%d %H:%M} UTC"


def _completion(entry: Entry, books: _Books) -> Iterator[str]:
    if entry.workout_id is None:
        yield "it names no workout"
    elif entry.workout_id in books.workouts:
        yield "its workout has given before"
    else:
        books.workouts.add(entry.workout_id)
    books.days[entry.account, entry.local_day] += entry.amount
    books.months[entry.account, entry.local_month] += entry.amount
    yield from _total("day", entry.day_total, books.days[entry.account, entry.local_day], entry.day_cap)
    yield from _total("month", entry.month_total, books.months[entry.account, entry.local_month], entry.month_cap)


def _total(span: str, written: int | None, summed: int, cap: int | None) -> Iterator[str]:
    if written != summed:
        yield f"its {span} total is {written}, the rows add up to {summed}"
    if cap is None or summed > cap:
        yield f"the {span}'s {summed} is over its cap of {cap}"


def _bonus(entry: Entry, books: _Books, currency: str) -> Iterator[str]:
    level = next((level for level in BONUSES if bonus_type(level) == entry.donation_type), None)
    if level is None:
        yield f"its type is {entry.donation_type}"
        return
    if entry.amount != minor_units(Decimal(BONUSES[level]), currency) or entry.streak_days != level:
        yield f"a bonus for {entry.streak_days} days does not give {entry.amount}"
    key = (entry.account, entry.donation_type, entry.bonus_run)
    if key in books.bonuses:
        yield "this bonus was given before"
    books.bonuses.add(key)
