"""Caps, remainders and bonuses: what a completion gives (R-52, R-53, R-57, R-61) and what a streak gives (R-42 to R-44)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivy_engine.domain.giving import Rooms, bonus_type, cap_reason, completion_amount
from ivy_engine.domain.streaks import BONUSES, Streak, due_bonuses

STEADY = settings(derandomize=True, deadline=None, max_examples=200)


@pytest.mark.parametrize(
    ("tier_amount", "rooms", "amount"),
    [
        (100, Rooms(0, 300, 0, 2000), 100),
        (150, Rooms(300, 400, 300, 3000), 100),  # S-16: the rest of the day
        (100, Rooms(100, 150, 100, 150), 50),  # S-17: the rest of the month
        (100, Rooms(0, 300, 1999, 2000), 1),
        (100, Rooms(300, 300, 300, 2000), 0),
        (100, Rooms(0, 300, 2000, 2000), 0),
        (200, Rooms(450, 500, 4960, 5000), 40),
        (100, Rooms(400, 300, 400, 2000), 0),  # a lowered cap leaves no room, never a negative one
        (100, Rooms(0, 300, 5000, 2000), 0),
    ],
)
def test_the_smaller_of_the_tiers_amount_and_both_rooms(tier_amount: int, rooms: Rooms, amount: int) -> None:
    """R-52, C-6: near a cap the rest is paid."""
    assert completion_amount(tier_amount, rooms) == amount


def test_room_is_what_the_cap_leaves() -> None:
    """R-53, R-61."""
    rooms = Rooms(day_total=100, day_cap=300, month_total=2500, month_cap=2000)
    assert (rooms.day, rooms.month) == (200, 0)


@pytest.mark.parametrize(
    ("rooms", "reason"),
    [
        (Rooms(300, 300, 300, 2000), "DAILY_CAP"),
        (Rooms(0, 300, 2000, 2000), "MONTHLY_CAP"),
        (Rooms(300, 300, 2000, 2000), "MONTHLY_CAP"),
        (Rooms(400, 300, 2100, 2000), "MONTHLY_CAP"),
    ],
)
def test_why_nothing_is_given(rooms: Rooms, reason: str) -> None:
    """R-57: both caps exhausted reads MONTHLY_CAP."""
    assert completion_amount(100, rooms) == 0
    assert cap_reason(rooms) == reason


@STEADY
@given(
    st.integers(1, 500),
    st.integers(0, 1000),
    st.integers(0, 3000),
    st.lists(st.integers(1, 6), max_size=12),
)
def test_caps_hold_and_no_room_is_wasted(tier_amount: int, day_cap: int, month_cap: int, days: list[int]) -> None:
    """R-52, R-53, R-56: whatever happens on whatever days of one month."""
    month = 0
    for completions in days:
        day = 0
        for _ in range(completions):
            rooms = Rooms(day, day_cap, month, month_cap)
            amount = completion_amount(tier_amount, rooms)
            assert 0 <= amount <= tier_amount
            assert amount == tier_amount or amount in (rooms.day, rooms.month)
            day, month = day + amount, month + amount
        assert day == min(completions * tier_amount, day_cap, month_cap - (month - day))
    assert month <= month_cap


TODAY = date(2026, 5, 31)


def at(current: int, start: date | None = None) -> Streak:
    return Streak(current, start or TODAY - timedelta(days=max(0, current - 1)), current, None, None, TODAY)


@pytest.mark.parametrize(
    ("streak", "claimed", "due"),
    [
        (0, (), []),
        (6, (), []),
        (7, (), [7]),
        (8, (), [7]),  # not only on the very day: a back-dated entry may have jumped over it
        (8, (7,), []),
        (30, (7,), [30]),
        (31, (), [7, 30]),
        (90, (), [7, 30, 90]),
        (400, (7, 30, 90), []),
        (90, (30,), [7, 90]),
    ],
)
def test_every_level_reached_and_not_yet_claimed(streak: int, claimed: tuple[int, ...], due: list[int]) -> None:
    """R-43, R-44, S-15."""
    given = dict.fromkeys(claimed, date(2026, 1, 1))
    assert due_bonuses(at(streak), given, TODAY, per_run=False) == due


@pytest.mark.parametrize(
    ("streak", "start", "last", "due"),
    [
        (7, date(2026, 5, 25), date(2026, 5, 20), [7]),  # a later run, eleven days after
        (7, date(2026, 5, 25), date(2026, 5, 25), []),  # given in this very run
        (8, date(2026, 5, 24), date(2026, 5, 30), []),
        (7, date(2026, 5, 26), date(2026, 5, 25), []),  # only six days after (joined by excused days, back-dated)
        (6, date(2026, 5, 26), date(2026, 1, 1), []),
    ],
)
def test_a_level_may_be_earned_again_in_a_later_run(streak: int, start: date, last: date, due: list[int]) -> None:
    """R-44 with giving.bonus_reearn = "per_run"."""
    assert due_bonuses(at(streak, start), {7: last}, TODAY, per_run=True) == due
    assert due_bonuses(at(streak, start), {7: last}, TODAY, per_run=False) == []


def test_the_levels_and_what_they_give() -> None:
    """R-42: there is no level beyond 90 days (C-51)."""
    assert BONUSES == {7: 3, 30: 10, 90: 25}
    assert [bonus_type(level) for level in BONUSES] == ["STREAK_7_DAY", "STREAK_30_DAY", "STREAK_90_DAY"]
