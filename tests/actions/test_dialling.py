"""Dialling when the provider fails, is slow, or the process dies in the middle (R-98, R-102, DESIGN 3.2)."""

from collections.abc import Callable
from typing import Any

import pytest

from ivy_engine import jobs
from ivy_engine.actions import clockwork
from ivy_engine.actions.calls import dialling
from ivy_engine.engine import Ivy
from ivy_engine.plugins.contract import ProviderError
from ivy_engine.store import calls as call_rows
from tests.conftest import rows
from tests.driver import Driver, Person

FIRST_CALL = "2026-05-05T06:00:00Z"


@pytest.fixture
def ana(driver: Driver) -> Person:
    """Her onboarding call is due on 5 May at 07:00 in London; this evening's is out of the way."""
    person = driver.callable_member()
    driver.clock("2026-05-04T21:00:00Z")
    driver.job("dial_due_calls")
    return person


def fault(driver: Driver, mode: str, kind: str = "voice") -> None:
    driver.data(driver.client.put("/simulator/faults", json={kind: {"mode": mode}}))


def call(ivy: Ivy) -> dict[str, Any]:
    names = ("status", "outcome", "dial_tries", "retell_call_id", "due_at", "id")
    [row] = rows(ivy.folder / "ivy.db", f"SELECT {', '.join(names)} FROM call WHERE call_type = 'ONBOARDING' AND attempt = 1")
    return dict(zip(names, row, strict=True))


def test_a_refused_call_fails_at_once(driver: Driver, ivy: Ivy, ana: Person) -> None:
    fault(driver, "reject")
    driver.advance(FIRST_CALL)
    assert (call(ivy)["status"], call(ivy)["outcome"], call(ivy)["dial_tries"]) == ("FAILED", "error", 1)


def test_three_tries_with_growing_delay(driver: Driver, ivy: Ivy, ana: Person) -> None:
    fault(driver, "error")
    driver.advance(FIRST_CALL)
    assert (call(ivy)["status"], call(ivy)["dial_tries"]) == ("SCHEDULED", 1)
    driver.advance("2026-05-05T06:00:02Z")
    assert (call(ivy)["status"], call(ivy)["dial_tries"]) == ("SCHEDULED", 2)
    driver.advance("2026-05-05T06:00:05Z")
    assert call(ivy)["dial_tries"] == 2
    driver.advance("2026-05-05T06:00:06Z")
    assert (call(ivy)["status"], call(ivy)["outcome"], call(ivy)["dial_tries"]) == ("FAILED", "error", 3)


def test_a_provider_that_recovers_is_rung_once(driver: Driver, ivy: Ivy, ana: Person) -> None:
    fault(driver, "error")
    driver.advance(FIRST_CALL)
    fault(driver, "ok")
    driver.advance("2026-05-05T06:10:00Z")
    assert call(ivy)["status"] == "COMPLETED"
    assert [row["activity"] for row in ana.get("/api/workouts")] == ["Walk"]


def test_a_call_whose_answer_was_lost_is_found_and_not_dialled_again(driver: Driver, ivy: Ivy, ana: Person) -> None:
    fault(driver, "timeout")
    driver.advance("2026-05-05T06:10:00Z")
    assert (call(ivy)["status"], call(ivy)["dial_tries"]) == ("COMPLETED", 1)
    assert rows(ivy.folder / "simulated.db", "SELECT times FROM given WHERE kind = 'call'") == [(1,)]


def _cannot_be_asked(call_id: str) -> Any:
    raise ProviderError("no answer within the time-out", permanent=False)


def test_not_to_know_is_not_to_be_refused(driver: Driver, ivy: Ivy, ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider has accepted, its answer is lost, and for ten minutes it cannot be asked: nobody is rung a second time."""
    fault(driver, "timeout")
    with monkeypatch.context() as silence:
        silence.setattr(ivy.providers.voice, "find", _cannot_be_asked)
        silence.setattr(ivy.simulator, "next_due", lambda: None)
        silence.setattr(ivy.simulator, "deliver_due", lambda now: 0)
        driver.advance("2026-05-05T06:10:00Z")
        assert (call(ivy)["status"], call(ivy)["retell_call_id"]) == ("SCHEDULED", None)
    driver.advance("2026-05-05T06:20:00Z")
    assert call(ivy)["status"] == "COMPLETED"
    assert rows(ivy.folder / "simulated.db", "SELECT times FROM given WHERE kind = 'call'") == [(1,)]
    assert rows(ivy.folder / "ivy.db", "SELECT COUNT(*) FROM call WHERE retry_of_id IS NOT NULL") == [(0,)]


def test_what_the_provider_tells_of_itself_ends_the_doubt(
    driver: Driver, ivy: Ivy, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(driver, "timeout")
    monkeypatch.setattr(ivy.providers.voice, "find", _cannot_be_asked)
    driver.advance("2026-05-05T06:10:00Z")
    assert call(ivy)["status"] == "COMPLETED"
    assert rows(ivy.folder / "simulated.db", "SELECT times FROM given WHERE kind = 'call'") == [(1,)]


def test_a_doubt_that_outlives_the_call_is_an_error_and_no_new_try(
    driver: Driver, ivy: Ivy, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(driver, "timeout")
    monkeypatch.setattr(ivy.providers.voice, "find", _cannot_be_asked)
    monkeypatch.setattr(ivy.simulator, "next_due", lambda: None)
    monkeypatch.setattr(ivy.simulator, "deliver_due", lambda now: 0)
    driver.advance("2026-05-05T06:40:00Z")
    assert (call(ivy)["status"], call(ivy)["outcome"]) == ("FAILED", "error")
    assert rows(ivy.folder / "ivy.db", "SELECT COUNT(*) FROM call WHERE retry_of_id IS NOT NULL") == [(0,)]


def test_a_silent_call_is_asked_about_and_counts_as_missed(driver: Driver, ivy: Ivy, ana: Person) -> None:
    """J-3."""
    fault(driver, "silent")
    driver.advance("2026-05-05T06:14:00Z")
    assert call(ivy)["status"] == "IN_PROGRESS"
    driver.advance("2026-05-05T06:16:00Z")
    assert (call(ivy)["status"], call(ivy)["outcome"]) == ("NO_ANSWER", "no_answer")


def test_lost_webhooks_are_made_up_for_by_asking(driver: Driver, ivy: Ivy, ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """J-3: the provider knows how the call ended although nobody told us."""
    monkeypatch.setattr(ivy.simulator, "next_due", lambda: None)
    monkeypatch.setattr(ivy.simulator, "deliver_due", lambda now: 0)
    driver.advance("2026-05-05T06:16:00Z")
    assert (call(ivy)["status"], call(ivy)["outcome"]) == ("COMPLETED", "workout_planned")
    assert [row["activity"] for row in ana.get("/api/workouts")] == ["Walk"]


def test_a_call_more_than_half_an_hour_late_is_not_made(driver: Driver, ivy: Ivy, ana: Person) -> None:
    """R-98, to the second."""
    driver.clock("2026-05-05T06:30:01Z")
    driver.job("dial_due_calls")
    assert (call(ivy)["status"], call(ivy)["outcome"]) == ("FAILED", "expired")
    assert driver.outbox(kind="call") == []


def test_a_call_exactly_half_an_hour_late_is_made(driver: Driver, ivy: Ivy, ana: Person) -> None:
    driver.clock("2026-05-05T06:30:00Z")
    driver.job("dial_due_calls")
    assert call(ivy)["status"] == "IN_PROGRESS"


@pytest.mark.parametrize("change", [{"callConsent": False}, {"phone": ""}, {"communicationPreference": "async"}])
def test_who_no_longer_wants_calls_is_not_called(driver: Driver, ivy: Ivy, ana: Person, change: dict[str, Any]) -> None:
    """R-91, R-97, R-120."""
    ana.patch("/api/users/me", change)
    driver.advance("2026-05-06T07:00:00Z")
    assert driver.outbox(kind="call") == []


def test_many_claim_and_one_gets_it(ivy: Ivy, driver: Driver, ana: Person) -> None:
    driver.clock(FIRST_CALL)
    now = ivy.clock.now()
    with ivy.db.write():
        won = [call_rows.claim(call(ivy)["id"], f"run {number}", now, now.replace(minute=3)) for number in range(5)]
    assert won == [True, False, False, False, False]


@pytest.mark.parametrize("reached", [True, False], ids=["after the provider accepted", "before the provider was asked"])
def test_a_kill_while_dialling_rings_once(
    open_engine: Callable[..., Ivy], ivy: Ivy, driver: Driver, ana: Person, monkeypatch: pytest.MonkeyPatch, reached: bool
) -> None:
    """The process dies around the request; the next one asks the provider before it dials (DESIGN 3.2)."""
    driver.clock(FIRST_CALL)
    voice = ivy.providers.voice
    assert voice is not None
    place = voice.place

    def die(request: Any) -> Any:
        if reached:
            place(request)
        raise KeyboardInterrupt  # nothing after this line runs in this process

    monkeypatch.setattr(voice, "place", die)
    with pytest.raises(KeyboardInterrupt):
        dialling.dial_due(ivy)
    monkeypatch.undo()
    assert (call(ivy)["status"], call(ivy)["retell_call_id"]) == ("IN_PROGRESS", None)
    ivy.run = "the next process"
    clockwork.take_over(ivy)
    jobs.advance(ivy, ivy.clock.now().replace(minute=5))
    assert call(ivy)["status"] == "COMPLETED"
    assert rows(ivy.folder / "simulated.db", "SELECT times FROM given WHERE kind = 'call'") == [(1,)]


def test_a_call_that_died_before_the_provider_was_asked_and_came_too_late_was_none(
    ivy: Ivy, driver: Driver, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-92, R-98: nobody was rung, so no call-day of the week is used up."""
    driver.clock(FIRST_CALL)

    def die(request: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as power_cut:
        power_cut.setattr(ivy.providers.voice, "place", die)
        with pytest.raises(KeyboardInterrupt):
            dialling.dial_due(ivy)
    assert rows(ivy.folder / "ivy.db", "SELECT COUNT(*) FROM call WHERE dialled_at IS NOT NULL") == [(1,)]
    driver.clock("2026-05-05T06:45:00Z")
    ivy.run = "the next process"
    clockwork.take_over(ivy)
    dialling.dial_due(ivy)
    assert (call(ivy)["status"], call(ivy)["outcome"]) == ("FAILED", "expired")
    assert rows(ivy.folder / "ivy.db", "SELECT COUNT(*) FROM call WHERE dialled_at IS NOT NULL") == [(0,)]


def test_a_provider_that_cannot_even_be_asked_is_tried_again(
    driver: Driver, ivy: Ivy, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: Any) -> Any:
        raise ProviderError("no route", permanent=False)

    with monkeypatch.context() as broken:
        broken.setattr(ivy.providers.voice, "place", unreachable)
        broken.setattr(ivy.providers.voice, "find", unreachable)
        driver.advance(FIRST_CALL)
    assert (call(ivy)["status"], call(ivy)["dial_tries"]) == ("SCHEDULED", 1)
    driver.advance("2026-05-05T06:05:00Z")
    assert call(ivy)["status"] == "COMPLETED"
