"""The provider takes no calls: all wait, one tries, the others follow; an operator may let them go on at once (D-14)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from ivy_engine.engine import Ivy
from ivy_engine.plugins.contract import ProviderError
from ivy_engine.settings import Jobs
from tests.conftest import at_start, driving, rows
from tests.driver import Driver
from tests.scenarios.test_ladder import ended, instant

Json = Any
SEVEN = "2026-05-05T06:00:00Z"  # in London, on the day after they were onboarded
COLUMNS = "id, status, outcome, retell_call_id, last_error, dialled_at"


class Gym:
    """Five members, called at 07:00, two at a time; every phone rings until we say what happens."""

    def __init__(self, ivy: Ivy, driver: Driver) -> None:
        self.ivy, self.driver = ivy, driver
        self.boss = driver.operator()
        for number in range(5):
            driver.callable_member(phone=f"+44770090010{number}")
        driver.manual_phone()
        self.at(SEVEN)

    def at(self, instant: str) -> None:
        self.driver.clock(instant)
        self.driver.job("dial_due_calls")

    def calls(self, *statuses: str) -> list[Json]:
        """The calls of that morning, in the order in which they were dialled."""
        found = rows(
            self.ivy.folder / "ivy.db",
            f"SELECT {COLUMNS} FROM call WHERE call_type = 'ONBOARDING' AND attempt = 1 "
            "ORDER BY dialled_at IS NULL, dialled_at, id",
        )
        made = [dict(zip(COLUMNS.split(", "), row, strict=True)) for row in found]
        return [call for call in made if not statuses or call["status"] in statuses]

    def ringing(self) -> list[Json]:
        return self.calls("IN_PROGRESS")

    def end(self, call: Json, at: str, reason: str) -> None:
        self.driver.clock(at)
        ended(self.driver, call, at, reason)

    def begin(self, call: Json, at: str) -> None:
        """Somebody picks up."""
        self.driver.clock(at)
        told = {"call_id": call["retell_call_id"], "metadata": {"callId": call["id"]}, "start_timestamp": instant(at)}
        self.driver.post("/webhooks/retell", {"event": "call_started", "call": told})
        self.driver.settle()

    def paused(self) -> Json:
        return self.driver.member_again(self.boss).get("/api/admin/jobs")[0]["paused"]

    def mails(self) -> list[Json]:
        return self.driver.outbox(kind="email", template="dialling_paused")


@pytest.fixture
def gym(open_engine: Callable[..., Ivy]) -> Iterator[Gym]:
    ivy = at_start(open_engine(jobs=Jobs(dial_per_minute=60, concurrent_calls=2)))
    with driving(ivy) as driver:
        yield Gym(ivy, driver)


def test_a_refused_account_stops_everybody_until_one_call_gets_through(gym: Gym) -> None:
    first, second = gym.ringing()
    gym.end(first, "2026-05-05T06:00:30Z", "no_valid_payment")
    gym.end(second, "2026-05-05T06:01:00Z", "user_hangup")
    gym.at("2026-05-05T06:15:00Z")
    assert gym.ringing() == []
    assert gym.paused() == {"why": "account", "since": "2026-05-05T06:00:30.000Z", "until": "2026-05-05T06:15:30.000Z"}
    gym.at("2026-05-05T06:15:30Z")
    [probe] = gym.ringing()
    gym.at("2026-05-05T06:15:45Z")
    assert gym.ringing() == [probe], "one call tries, the others wait for it"
    gym.begin(probe, "2026-05-05T06:15:50Z")
    assert len(gym.ringing()) == 2, "it gets through: as many as there are places"
    assert gym.paused() is None


def test_operators_are_told_once(gym: Gym) -> None:
    gym.end(gym.ringing()[0], "2026-05-05T06:00:30Z", "credit_exhausted")
    gym.end(gym.ringing()[0], "2026-05-05T06:00:31Z", "credit_exhausted")
    [mail] = gym.mails()
    assert mail["to"] == gym.boss.email
    assert "credit_exhausted" in mail["body"]
    gym.at("2026-05-05T06:15:30Z")
    [probe] = gym.ringing()
    gym.end(probe, "2026-05-05T06:16:00Z", "credit_exhausted")
    assert gym.paused()["until"] == "2026-05-05T06:31:00.000Z"
    assert len(gym.mails()) == 1


def test_a_named_operator_is_told_too(open_engine: Callable[..., Ivy]) -> None:
    ivy = at_start(open_engine(security={"operator_emails": ("Named@Example.com",)}))
    with driving(ivy) as driver:
        driver.member(email="named@example.com")
        gym = Gym(ivy, driver)
        gym.end(gym.ringing()[0], "2026-05-05T06:00:30Z", "scam_detected")
        assert {mail["to"] for mail in gym.mails()} == {gym.boss.email, "named@example.com"}


def test_who_waits_too_long_for_a_refused_account_is_not_rung(gym: Gym) -> None:
    """R-98 holds whatever the reason; a message is better than a call at eight."""
    gym.end(gym.ringing()[0], "2026-05-05T06:00:30Z", "budget_reached")
    gym.at("2026-05-05T06:15:30Z")
    [_, probe] = gym.ringing()
    gym.end(probe, "2026-05-05T06:16:00Z", "budget_reached")
    gym.at("2026-05-05T06:31:00Z")
    assert [call["outcome"] for call in gym.calls("FAILED")].count("expired") == 2


def test_an_operator_lets_calls_go_on_at_once(gym: Gym) -> None:
    for call in gym.ringing():
        gym.end(call, "2026-05-05T06:00:30Z", "no_valid_payment")
    boss = gym.driver.member_again(gym.boss)
    gym.at("2026-05-05T06:02:00Z")
    assert boss.post("/api/admin/jobs/call-schedule/resume") == {"queue": "call-schedule", "freed": 3}
    gym.driver.settle()
    assert len(gym.ringing()) == 2
    assert gym.driver.error(boss.call("POST", "/api/admin/jobs/call-schedule/resume"), 409)["code"] == "CONFLICT"
    audited = rows(gym.ivy.folder / "ivy.db", "SELECT COUNT(*) FROM audit WHERE action = 'dialling_resumed'")
    assert audited == [(1,)]


@pytest.mark.parametrize("reason", ["concurrency_limit_reached", "no_concurrency_fallback"])
def test_without_a_line_dialling_waits_longer_each_time(gym: Gym, reason: str) -> None:
    first, second = gym.ringing()
    gym.end(first, "2026-05-05T06:00:10Z", reason)
    gym.end(second, "2026-05-05T06:00:11Z", reason)
    assert gym.paused() == {"why": "lines", "since": "2026-05-05T06:00:10.000Z", "until": "2026-05-05T06:01:10.000Z"}
    gym.at("2026-05-05T06:01:09Z")
    assert gym.ringing() == []
    gym.at("2026-05-05T06:01:10Z")
    third, fourth = gym.ringing()
    gym.end(third, "2026-05-05T06:01:20Z", reason)
    assert gym.paused()["until"] == "2026-05-05T06:03:20.000Z"
    gym.begin(fourth, "2026-05-05T06:01:21Z")
    assert len(gym.ringing()) == 1, "it was dialled before the refusal and says nothing of the lines"
    assert gym.mails() == [], "lines are free again by themselves"
    again = rows(gym.ivy.folder / "ivy.db", "SELECT scheduled_at, attempt FROM call WHERE source = 'retry' ORDER BY scheduled_at")
    assert again[0] == (instant("2026-05-05T06:15:10Z"), 2)
    assert rows(gym.ivy.folder / "ivy.db", "SELECT COUNT(*) FROM message WHERE template = 'missed_call'") == [(0,)]


def test_too_many_requests_is_for_want_of_a_line(gym: Gym, monkeypatch: pytest.MonkeyPatch) -> None:
    """429 while dialling: FAILED, one silent try, and the provider's Retry-After is honoured."""
    for call in gym.ringing():
        gym.end(call, "2026-05-05T06:00:30Z", "user_hangup")
    refusals = []

    def refuse(request: Any) -> Any:
        refusals.append(request.call_id)
        raise ProviderError("429: rate limited", permanent=False, retry_after=timedelta(minutes=3), stops="lines")

    with monkeypatch.context() as busy:
        busy.setattr(gym.ivy.providers.voice, "place", refuse)
        gym.end(gym.ringing()[0], "2026-05-05T06:00:31Z", "user_hangup")
    assert len(refusals) == 1
    assert [(call["outcome"], call["last_error"]) for call in gym.calls("FAILED")] == [("error", "429: rate limited")]
    assert gym.paused()["until"] == "2026-05-05T06:03:31.000Z"
    [(at, _)] = rows(gym.ivy.folder / "ivy.db", "SELECT scheduled_at, attempt FROM call WHERE retry_of_id = ?", refusals[0])
    assert at == instant("2026-05-05T06:15:31Z")


def test_a_refused_key_is_our_account(gym: Gym, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(request: Any) -> Any:
        raise ProviderError("402: trial over", permanent=True, stops="account")

    monkeypatch.setattr(gym.ivy.providers.voice, "place", refuse)
    gym.end(gym.ringing()[0], "2026-05-05T06:00:30Z", "user_hangup")
    assert gym.paused()["why"] == "account"
    assert "402: trial over" in gym.mails()[0]["body"]


def test_a_pause_survives_a_restart(gym: Gym, open_engine: Callable[..., Ivy]) -> None:
    gym.end(gym.ringing()[0], "2026-05-05T06:00:30Z", "no_valid_payment")
    gym.ivy.close()
    again = open_engine(jobs=Jobs(dial_per_minute=60, concurrent_calls=2))
    with driving(again) as driver:
        gym.ivy, gym.driver = again, driver
        gym.at("2026-05-05T06:10:00Z")
        assert len(gym.ringing()) == 1, "the one that rang before"


@pytest.mark.parametrize(("phone", "why"), [("+15005550008", "lines"), ("+15005550009", "account")])
def test_numbers_of_the_simulated_phone_show_both(drive: Callable[..., Driver], phone: str, why: str) -> None:
    driver = drive()
    boss = driver.operator()
    driver.callable_member(phone=phone)
    driver.advance("2026-05-05T06:01:00Z")
    assert boss.get("/api/admin/jobs")[0]["paused"]["why"] == why


def test_a_machine_hears_a_message_on_the_first_attempt_only(gym: Gym) -> None:
    """R-101.5."""
    first = gym.ringing()[0]
    gym.end(first, "2026-05-05T06:00:40Z", "voicemail_reached")
    while gym.ringing():
        gym.end(gym.ringing()[0], "2026-05-05T06:00:41Z", "user_hangup")
    gym.at("2026-05-05T06:15:40Z")
    asked = {
        entry["payload"]["metadata"]["callId"]: entry["payload"]["agent_override"]["agent"]["voicemail_option"]["action"]
        for entry in gym.driver.outbox(kind="call", limit=100)
    }
    [(again,)] = rows(gym.ivy.folder / "ivy.db", "SELECT id FROM call WHERE retry_of_id = ?", first["id"])
    assert asked[first["id"]]["type"] == "static_text"
    assert "Ana" in asked[first["id"]]["text"]
    assert asked[again] == {"type": "hangup"}
