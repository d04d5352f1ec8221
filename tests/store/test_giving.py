"""The giving ledger refuses what must not be, even when the code asks for it (DESIGN 3.5)."""

import sqlite3
from collections.abc import Iterator

import pytest

from ivy_engine.engine import Ivy
from tests.driver import Driver

ROW = (
    "INSERT INTO donation (id, account, charity_id, amount, currency, donation_type, workout_id, local_day, local_month, "
    "created_at, day_total, day_cap, month_total, month_cap, streak_days) SELECT :id, number, (SELECT id FROM charity LIMIT 1), "
    ":amount, 'GBP', :type, :workout, :day, substr(:day, 1, 7), 0, :day_total, :day_cap, :month_total, 2000, 7 FROM account"
)
FIRST = {"id": "d1", "amount": 100, "type": "COMPLETION", "workout": "w1", "day": "2026-05-04"}
TOTALS = {"day_total": 100, "day_cap": 300, "month_total": 100}


@pytest.fixture
def ledger(driver: Driver, ivy: Ivy) -> Iterator[sqlite3.Connection]:
    driver.member()
    connection = sqlite3.connect(ivy.folder / "ivy.db")
    connection.execute(ROW, {**FIRST, **TOTALS})
    connection.commit()
    yield connection
    connection.close()


@pytest.mark.parametrize("statement", ["UPDATE donation SET amount = 1", "DELETE FROM donation"])
def test_it_is_append_only(ledger: sqlite3.Connection, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ledger.execute(statement)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"day_total": 100, "month_total": 200}, "not the sums"),
        ({"day_total": 200, "month_total": 100}, "not the sums"),
        ({"day_total": 200, "month_total": 200, "day_cap": 150}, "CHECK"),
        ({"amount": 2000, "day_total": 2100, "month_total": 2100, "day_cap": 9999}, "CHECK"),
        ({"day_total": 200, "month_total": 200, "workout": "w1"}, "UNIQUE"),
        ({"day_total": 200, "month_total": 200, "workout": None}, "CHECK"),
        ({"amount": 0, "day_total": 100, "month_total": 100}, "CHECK"),
        ({"amount": -50, "day_total": 50, "month_total": 50}, "CHECK"),
        ({"type": "GIFT", "day_total": 200, "month_total": 200}, "CHECK"),
    ],
)
def test_it_refuses_what_is_not_the_sum_or_over_a_cap(ledger: sqlite3.Connection, change: dict[str, object], why: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=why):
        ledger.execute(ROW, {**FIRST, **TOTALS, "id": "d2", "workout": "w2", **change})


def test_it_takes_what_is_right_and_a_bonus_beside_the_caps(ledger: sqlite3.Connection) -> None:
    """R-54: a bonus uses no room."""
    ledger.execute(ROW, {**FIRST, "id": "b1", "workout": None, "type": "STREAK_7_DAY", "amount": 30000, **dict.fromkeys(TOTALS)})
    ledger.execute(ROW, {**FIRST, "id": "d2", "workout": "w2", "day_total": 200, "day_cap": 300, "month_total": 200})
    ledger.execute(ROW, {**FIRST, "id": "d3", "workout": "w3", "day": "2026-05-05", **TOTALS, "month_total": 300})
    assert ledger.execute("SELECT COUNT(*) FROM donation").fetchone() == (4,)


def test_a_bonus_is_given_once(ledger: sqlite3.Connection) -> None:
    """R-46."""
    bonus = {**FIRST, "workout": None, "type": "STREAK_7_DAY", **dict.fromkeys(TOTALS)}
    ledger.execute(ROW, {**bonus, "id": "b1"})
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        ledger.execute(ROW, {**bonus, "id": "b2"})
