"""How many calls are begun in a minute and are under way at once; a call that ends frees its place (R-98, J-2)."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from ivy_engine.engine import Ivy
from ivy_engine.settings import Jobs
from tests.conftest import at_start, driving, rows
from tests.driver import Driver

Json = Any
MINUTE = 60_000


@pytest.fixture
def gym(open_engine: Callable[..., Ivy]) -> Iterator[tuple[Ivy, Driver]]:
    ivy = at_start(open_engine(jobs=Jobs(dial_per_minute=5, concurrent_calls=3)))
    with driving(ivy) as driver:
        yield ivy, driver


def people(driver: Driver, number: int) -> None:
    for count in range(number):
        driver.callable_member(phone=f"+4477009{count:05d}")


def dialled(ivy: Ivy) -> list[tuple[int, int | None, str]]:
    """When each call was dialled and when it ended, in order."""
    return rows(
        ivy.folder / "ivy.db",
        "SELECT dialled_at, ended_at, status FROM call WHERE dialled_at IS NOT NULL ORDER BY dialled_at, id",
    )


def test_everybody_is_rung_at_the_pace_and_within_the_lines(gym: tuple[Ivy, Driver]) -> None:
    ivy, driver = gym
    people(driver, 30)
    driver.advance("2026-05-05T06:45:00Z")
    calls = [call for call in dialled(ivy) if call[0] >= ivy_ms("2026-05-05T06:00:00Z")]
    assert (len(calls), {call[2] for call in calls}) == (30, {"COMPLETED"})
    begun = [call[0] for call in calls]
    assert all(bisect_right(begun, at + MINUTE - 1) - number <= 5 for number, at in enumerate(begun))
    for at in begun:
        assert sum(start <= at < (end or at + 1) for start, end, _ in calls) <= 3
    assert begun[-1] - begun[0] <= 30 * MINUTE


def test_a_call_that_ends_frees_its_place_at_once(gym: tuple[Ivy, Driver]) -> None:
    _, driver = gym
    driver.manual_phone()
    people(driver, 5)
    driver.clock("2026-05-05T06:00:00Z")
    driver.job("dial_due_calls")
    ringing = driver.get("/simulator/phone")
    assert len(ringing) == 3
    driver.clock("2026-05-05T06:00:05Z")
    driver.post(f"/simulator/phone/{ringing[0]['callId']}", {"action": "decline"})
    now_ring = {call["callId"] for call in driver.get("/simulator/phone")}
    assert len(now_ring) == 3
    assert len(now_ring - {call["callId"] for call in ringing}) == 1


def test_whoever_waits_for_a_place_too_long_is_not_rung(gym: tuple[Ivy, Driver]) -> None:
    """R-98: late is late, whatever the reason."""
    ivy, driver = gym
    driver.manual_phone()
    people(driver, 5)
    driver.clock("2026-05-05T06:00:00Z")
    driver.job("dial_due_calls")
    first = {call["callId"] for call in driver.get("/simulator/phone")}
    driver.clock("2026-05-05T06:31:00Z")
    for call_id in first:
        driver.post(f"/simulator/phone/{call_id}", {"action": "answer", "seconds": 10})
    driver.job("dial_due_calls")
    outcomes = rows(ivy.folder / "ivy.db", "SELECT status, outcome FROM call WHERE call_type = 'ONBOARDING' ORDER BY outcome")
    assert sorted(str(outcome) for _, outcome in outcomes) == ["completed"] * 3 + ["expired"] * 2


def test_the_longest_due_come_first(gym: tuple[Ivy, Driver]) -> None:
    ivy, driver = gym
    people(driver, 12)
    driver.advance("2026-05-05T06:45:00Z")
    order = rows(
        ivy.folder / "ivy.db",
        "SELECT scheduled_at, id FROM call WHERE call_type = 'ONBOARDING' ORDER BY dialled_at, id",
    )
    assert order == sorted(order)


def ivy_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)
