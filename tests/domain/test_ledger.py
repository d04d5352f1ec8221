"""The proof of the ledger finds every kind of row that cannot be right (R-50 to R-60)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivy_engine.domain.ledger import Entry, verify

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
FIRST = Entry("d1", 1, 100, "GBP", "COMPLETION", "w1", None, "", "2026-05-04", "2026-05", 100, 300, 100, 2000, NOON)
SECOND = replace(FIRST, id="d2", workout_id="w2", day_total=200, month_total=200)
BONUS = Entry("d3", 1, 300, "GBP", "STREAK_7_DAY", None, 7, "", "2026-05-04", "2026-05", None, None, None, None, NOON)
GIFT = replace(BONUS, id="d4", amount=1200, donation_type="MANUAL", streak_days=None)
OTHER = replace(FIRST, id="d5", account=2, workout_id="w3")
GOOD = [FIRST, SECOND, BONUS, GIFT, OTHER]


def test_a_good_ledger_is_read_to_its_end() -> None:
    found = verify(GOOD, "GBP")
    assert (found.rows, found.total, found.bad) == (5, 1800, None)
    assert verify([], "GBP").rows == 0


@pytest.mark.parametrize(
    ("at", "change", "says"),
    [
        (0, {"amount": 0}, "amount"),
        (1, {"amount": 150}, "add up to 250"),
        (1, {"day_total": 100}, "day total"),
        (1, {"month_total": 100}, "month total"),
        (1, {"day_cap": 150}, "over its cap"),
        (1, {"month_cap": 150}, "over its cap"),
        (1, {"day_cap": None}, "over its cap"),
        (1, {"workout_id": "w1"}, "given before"),
        (1, {"workout_id": None}, "no workout"),
        (2, {"amount": 500}, "does not give"),
        (2, {"streak_days": 8}, "does not give"),
        (2, {"donation_type": "STREAK_365_DAY"}, "type"),
        (3, {"currency": "EUR"}, "currency"),
        (3, {"local_month": "2026-04"}, "month"),
        (3, {"local_day": "2026-05-09"}, "but it was made"),
        (4, {"account": 1}, "add up to 300"),
    ],
)
def test_the_first_bad_row_is_named(at: int, change: dict[str, Any], says: str) -> None:
    entries = [replace(entry, **change) if number == at else entry for number, entry in enumerate(GOOD)]
    found = verify(entries, "GBP")
    assert found.bad is not None
    assert found.bad.id == GOOD[at].id
    assert says in found.bad.says
    assert found.rows == at + 1


def test_a_bonus_is_given_once_for_each_run() -> None:
    again = replace(BONUS, id="d6")
    assert verify([*GOOD, again], "GBP").bad is not None
    assert verify([*GOOD, replace(again, bonus_run="2026-05-20")], "GBP").bad is None


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(1, 300), max_size=12), st.integers(0, 11), st.sampled_from([lambda n: n + 1, lambda n: n - 1]))
def test_a_penny_more_or_less_is_found(amounts: list[int], at: int, change: Callable[[int], int]) -> None:
    """Also in the last row: each row says what it should add up to."""
    entries, total = [], 0
    for number, amount in enumerate(amounts):
        total += amount
        row = replace(FIRST, id=f"d{number}", amount=amount, workout_id=f"w{number}", day_cap=9999, month_cap=9999)
        entries.append(replace(row, day_total=total, month_total=total))
    assert verify(entries, "GBP").bad is None
    if at < len(entries):
        entries[at] = replace(entries[at], amount=change(entries[at].amount))
        found = verify(entries, "GBP").bad
        assert found is not None
        assert found.id == f"d{at}"
