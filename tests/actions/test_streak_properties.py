"""The streak equals its recomputation from scratch, whatever is done, in whatever order and zone (R-38, R-39, R-40)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivy_engine.actions import day_close, members, streaks, workouts
from ivy_engine.domain.audit import Actor
from ivy_engine.domain.errors import IvyError
from ivy_engine.domain.members import WEEKDAYS
from ivy_engine.engine import Ivy
from tests.conftest import START, rows

ZONES = (
    "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Auckland", "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
)  # fmt: skip
# Instants around which days have other lengths somewhere among these zones
STARTS = ("2026-03-06T09:00:00+00:00", "2026-03-27T22:00:00+00:00", "2026-04-03T12:00:00+00:00", "2026-10-23T10:30:00+00:00")
STEADY = settings(
    derandomize=True, deadline=None, max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
_NUMBERS = count()


@dataclass
class Life:
    """A member, what they do, and what was seen of their longest streak."""

    ivy: Ivy
    id: str
    workouts: list[str] = field(default_factory=list)
    lost_a_day: bool = False
    highest: int = 0

    def today(self) -> date:
        return self.ivy.clock.now().astimezone(ZoneInfo(self.zone())).date()

    def zone(self) -> str:
        zone: str = self.one("SELECT timezone FROM member WHERE id = ?")
        return zone

    def one(self, sql: str) -> Any:
        return self.all(sql)[0][0]

    def all(self, sql: str) -> list[Any]:
        return rows(self.ivy.folder / "ivy.db", sql, self.id)


# What a member may do; each takes the life and three small numbers


def plan(life: Life, a: int, b: int, c: int) -> None:
    day = life.today() + timedelta(days=a % 12 - 8)
    life.workouts.append(workouts.plan(life.ivy, life.id, activity="Run", planned_date=day).id)


def complete(life: Life, a: int, b: int, c: int) -> None:
    back = timedelta(days=b % 7, minutes=c * 97) if b % 3 else timedelta(0)
    how = workouts.How(completed_at=life.ivy.clock.now() - back)
    workouts.complete(life.ivy, life.id, _some(life, a), "PARTIAL" if c % 2 else "COMPLETED", how)


def skip(life: Life, a: int, b: int, c: int) -> None:
    workouts.complete(
        life.ivy, life.id, _some(life, a), "SKIPPED", workouts.How(skipped_reason=("work", "rest_day", None)[b % 3])
    )


def skip_the_past(life: Life, a: int, b: int, c: int) -> None:
    """What breaks a run long afterwards."""
    made = workouts.plan(life.ivy, life.id, activity="Run", planned_date=life.today() - timedelta(days=1 + a % 4)).id
    life.workouts.append(made)
    workouts.complete(life.ivy, life.id, made, "SKIPPED", workouts.How(skipped_reason="work"))


def move(life: Life, a: int, b: int, c: int) -> None:
    day = life.today() + timedelta(days=b % 12 - 8)
    workouts.change(life.ivy, life.id, _some(life, a), {"planned_date": day.isoformat()})


def change_reason(life: Life, a: int, b: int, c: int) -> None:
    workouts.change(life.ivy, life.id, _some(life, a), {"skipped_reason": ("work", "rest_day")[b % 2]})


def delete(life: Life, a: int, b: int, c: int) -> None:
    before = active(life)
    chosen = _some(life, a)
    workouts.delete(life.ivy, life.id, chosen)
    life.workouts.remove(chosen)
    life.lost_a_day |= active(life) != before


def fly(life: Life, a: int, b: int, c: int) -> None:
    members.update(life.ivy, Actor(life.id, "user"), life.id, {"timezone": ZONES[a % len(ZONES)]})


def prefer(life: Life, a: int, b: int, c: int) -> None:
    days = [name for number, name in enumerate(WEEKDAYS) if (a * 16 + b) >> number & 1]
    members.update(life.ivy, Actor(life.id, "user"), life.id, {"preferred_days": days or None})


def wait(life: Life, a: int, b: int, c: int) -> None:
    life.ivy.clock.set(life.ivy.clock.now() + timedelta(hours=1 + a % 30, minutes=b))
    if c % 2:
        day_close.close_due(life.ivy)


def live_a_day(life: Life, a: int, b: int, c: int) -> None:
    """Most days are ordinary ones: something is planned, and done, rested, skipped, forgotten or logged a day late."""
    made = workouts.plan(life.ivy, life.id, activity="Run", planned_date=life.today()).id
    life.workouts.append(made)
    what = ("done", "done", "done", "rest", "rest", "skip", "late", "forgotten")[a % 8]
    if what == "done":
        workouts.complete(life.ivy, life.id, made, "COMPLETED", workouts.How())
    elif what in ("rest", "skip"):
        reason = "rest_day" if what == "rest" else "work"
        workouts.complete(life.ivy, life.id, made, "SKIPPED", workouts.How(skipped_reason=reason))
    check(life)
    said = life.ivy.clock.now()
    wait(life, 23, b, c)
    if what == "late":
        workouts.complete(life.ivy, life.id, made, "COMPLETED", workouts.How(completed_at=said))


def _some(life: Life, number: int) -> str:
    if not life.workouts:
        plan(life, 8, 0, 0)
    return life.workouts[number % len(life.workouts)]


DEEDS: tuple[Callable[[Life, int, int, int], None], ...] = (
    *[live_a_day] * 12, plan, complete, skip, skip_the_past, move, change_reason, delete, fly, prefer, wait,
)  # fmt: skip


def active(life: Life) -> set[date]:
    found = life.all("SELECT DISTINCT credited_date FROM workout WHERE member_id = ? AND credited_date IS NOT NULL")
    return {date.fromisoformat(row[0]) for row in found}


def from_scratch(life: Life) -> tuple[int, int]:
    """Current and longest streak by R-38, day by day over the plain rows of the tables."""
    days, today = active(life), life.today()
    if not days:
        return 0, 0
    planned = life.all("SELECT planned_date, is_rest FROM workout WHERE member_id = ? AND status IN ('SKIPPED', 'MISSED')")
    broken = {date.fromisoformat(day) for day, is_rest in planned if not is_rest}
    notes = life.all("SELECT day, rest_declared, excused, off_day FROM day_record WHERE member_id = ?")
    noted = {date.fromisoformat(day): row for day, *row in notes}
    preferred = life.one("SELECT preferred_days FROM member WHERE id = ?")
    rest: list[date] = []
    for day in sorted(day for day, (declared, _, _) in noted.items() if declared):
        if len([other for other in rest if (day - other).days < 7]) < 2:
            rest.append(day)

    def breaks(day: date) -> bool:
        _, excused, off_day = noted.get(day, (0, None, None))
        if day in days or day in rest or excused:
            return False
        if day in broken:
            return True
        not_preferred = preferred is not None and WEEKDAYS[day.weekday()] not in preferred
        if off_day if off_day is not None else not_preferred:
            return False
        return day != today

    def walk(day: date) -> int:
        met = 0
        while day >= min(days) and not breaks(day):
            met += day in days
            day -= timedelta(days=1)
        return met

    return walk(max(today, *days)), max(walk(day) for day in days)


def check(life: Life) -> None:
    shown = streaks.details(life.ivy, life.id)
    current, longest = from_scratch(life)
    assert shown.current_streak == current
    assert shown.longest_streak >= longest
    life.highest = max(life.highest, longest)
    if not life.lost_a_day:
        assert shown.longest_streak == life.highest, "a break lowers nothing (R-40)"
    assert shown.last_workout_date == max(active(life), default=None)


@STEADY
@given(
    st.sampled_from(STARTS),
    st.sampled_from(ZONES),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, len(DEEDS) - 1), *[st.integers(0, 15)] * 3), min_size=10, max_size=30),
)
def test_the_streak_is_its_recomputation(
    ivy: Ivy, start: str, zone: str, picky: bool, deeds: list[tuple[int, int, int, int]]
) -> None:
    ivy.clock.set(datetime.fromisoformat(start))
    life = Life(ivy, _sign_up(ivy, zone))
    if picky:
        prefer(life, 5, 5, 0)  # Monday, Wednesday, Friday, Sunday
    for which, *numbers in deeds:
        with suppress(IvyError):  # refused: nothing may have changed
            DEEDS[which](life, *numbers)
        check(life)


@STEADY
@given(st.permutations(list(range(7))), st.sampled_from(ZONES), st.sets(st.integers(0, 6), min_size=1))
def test_the_order_of_entries_does_not_matter(ivy: Ivy, order: list[int], zone: str, days_back: set[int]) -> None:
    """R-39: a week entered in any order, the same week."""
    ivy.clock.set(START + timedelta(days=7))
    life = Life(ivy, _sign_up(ivy, zone))
    for back in order:
        if back in days_back:
            made = workouts.plan(ivy, life.id, activity="Run", planned_date=life.today() - timedelta(days=back))
            workouts.complete(
                ivy, life.id, made.id, "COMPLETED", workouts.How(completed_at=ivy.clock.now() - timedelta(days=back))
            )
    unbroken = next((back for back in range(8) if back not in days_back and back > 0), 7)
    shown = streaks.details(ivy, life.id)
    assert shown.current_streak == (unbroken if 0 in days_back else unbroken - 1)
    check(life)


def _sign_up(ivy: Ivy, zone: str) -> str:
    return members.sign_up(
        ivy, email=f"m{next(_NUMBERS)}@example.com", first_name="A", last_name="B", track="t", goal="g", timezone=zone
    ).id
