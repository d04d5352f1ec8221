"""What members agree to: each kind by itself, remembered for good, withdrawn at once (R-120, R-165)."""

from collections.abc import Callable
from typing import Any

import pytest

from ivy_engine.engine import Ivy
from ivy_engine.settings import Rules
from tests.conftest import rows
from tests.driver import Driver, Person

Json = Any
NEVER = {"granted": None, "at": None, "source": None, "textVersion": None}
PATH = "/api/users/me/consents"


def history(ivy: Ivy, person: Person) -> list[tuple[Any, ...]]:
    return rows(ivy.folder / "ivy.db", "SELECT kind, granted, source FROM consent WHERE member_id = ? ORDER BY id", person.id)


def waiting(ivy: Ivy, table: str, person: Person) -> int:
    status = "SCHEDULED" if table == "call" else "QUEUED"
    found = rows(ivy.folder / "ivy.db", f"SELECT 1 FROM {table} WHERE member_id = ? AND status = ?", person.id, status)
    return len(found)


def test_nobody_has_agreed_to_anything_at_first(driver: Driver, ivy: Ivy) -> None:
    ana = driver.member()
    assert ana.get(PATH) == dict.fromkeys(("calls", "messages", "recording", "coach", "calendarTitles"), NEVER)
    assert history(ivy, ana) == []


def test_each_kind_is_given_by_itself_with_time_source_and_text(driver: Driver, ivy: Ivy) -> None:
    ana = driver.member()
    told = ana.put(PATH, {"recording": True, "calendarTitles": False, "coach": None})
    given = {"at": "2026-05-04T08:00:00.000Z", "source": "api", "textVersion": "2026-11"}
    assert (told["recording"], told["calendarTitles"]) == ({"granted": True, **given}, {"granted": False, **given})
    assert (told["calls"], told["messages"], told["coach"]) == (NEVER, NEVER, NEVER)
    assert told == ana.get(PATH)
    assert history(ivy, ana) == [("recording", 1, "api"), ("calendar_titles", 0, "api")]


def test_what_was_said_before_is_not_written_again(driver: Driver, ivy: Ivy) -> None:
    ana = driver.member()
    for granted in (True, True, False, False, True):
        ana.put(PATH, {"coach": granted})
        driver.clock("2026-05-04T09:00:00Z")
    assert history(ivy, ana) == [("coach", 1, "api"), ("coach", 0, "api"), ("coach", 1, "api")]
    assert ana.get(PATH)["coach"]["at"] == "2026-05-04T09:00:00.000Z"


@pytest.mark.parametrize("body", [{}, {"calls": None}, {"colour": True}, {"calls": "yes"}, {"messages": 1}, []])
def test_a_change_names_something_and_is_true_or_false(driver: Driver, ivy: Ivy, body: Json) -> None:
    ana = driver.member()
    assert driver.error(ana.call("PUT", PATH, body), 422)["code"] == "VALIDATION_ERROR"
    assert history(ivy, ana) == []


def test_consent_comes_through_every_door(driver: Driver, ivy: Ivy) -> None:
    """Sign-up, the default of onboarding, the profile."""
    ana = driver.member(phone="+447700900101", messageConsent=False)
    assert history(ivy, ana) == [("messages", 0, "api")]
    ana.post("/api/users/me/onboard")
    assert history(ivy, ana) == [("messages", 0, "api"), ("calls", 1, "onboarding")]
    ana.patch("/api/users/me", {"callConsent": True, "messageConsent": None, "goal": "Swim"})
    assert len(history(ivy, ana)) == 2
    assert ana.patch("/api/users/me", {"messageConsent": True})["messageConsent"] is True
    assert history(ivy, ana)[2:] == [("messages", 1, "api")]
    profile = ana.get("/api/users/me")
    told = ana.get(PATH)
    assert (profile["callConsent"], profile["messageConsent"]) == (told["calls"]["granted"], told["messages"]["granted"])
    assert (told["calls"]["source"], told["messages"]["source"]) == ("onboarding", "api")


def test_silence_is_no_consent_where_it_must_be_explicit(drive: Callable[..., Driver]) -> None:
    driver = drive(rules=Rules(require_explicit_consent=True))
    ana = driver.callable_member()
    assert (ana.get(PATH)["calls"], ana.get(PATH)["messages"]) == (NEVER, NEVER)
    assert ana.get("/api/calls") == []
    ana.put(PATH, {"calls": True})
    assert [call["callType"] for call in ana.get("/api/calls", status="SCHEDULED")]


def test_withdrawn_calls_are_cancelled_at_once(driver: Driver, ivy: Ivy) -> None:
    """Planned ones, and those that were asked for; given again, they are planned again."""
    ana = driver.callable_member()
    ana.post("/api/calls/schedule", {"callType": "RESCUE", "scheduledAt": "2026-05-06T18:00:00Z"})
    planned = waiting(ivy, "call", ana)
    assert planned > 1
    assert ana.put(PATH, {"calls": False})["calls"]["granted"] is False
    assert waiting(ivy, "call", ana) == 0
    assert ana.get("/api/users/me")["callConsent"] is False
    assert ana.put(PATH, {"calls": True})["messages"]["granted"] is True
    assert waiting(ivy, "call", ana) == planned - 1


def test_withdrawn_messages_are_not_sent_any_more(driver: Driver, ivy: Ivy) -> None:
    ana = driver.callable_member()
    driver.clock("2026-05-04T21:30:00Z")  # it is night: the celebration waits
    ana.complete(ana.plan("2026-05-04"))
    driver.post("/api/auth/magic-link", {"email": ana.email})
    assert waiting(ivy, "message", ana) == 1
    ana.put(PATH, {"messages": False})
    assert waiting(ivy, "message", ana) == 0
    driver.advance("2026-05-05T08:00:00Z")
    assert driver.outbox(kind="whatsapp") == []
    assert driver.member_again(ana).get(PATH)["calls"]["granted"] is True  # another consent


def test_stop_and_start_are_consents(driver: Driver, ivy: Ivy) -> None:
    """R-114.2: by the channel that they came on, once."""
    ana = driver.callable_member()
    for channel, text in (("sms", "stop"), ("sms", "stop"), ("whatsapp", "start")):
        driver.post("/simulator/messages", {"from": "+447700900101", "channel": channel, "text": text})
    assert history(ivy, ana)[2:] == [("messages", 0, "sms"), ("messages", 1, "whatsapp")]
    assert ana.get(PATH)["messages"]["source"] == "whatsapp"


def test_a_call_may_end_all_calls(driver: Driver, ivy: Ivy) -> None:
    """Somebody who asks not to be called again."""
    ana = driver.callable_member(phone="+15005550005")
    ana.post("/api/calls/initiate", {"callType": "RESCUE"}, 201)
    driver.advance("2026-05-04T08:05:00Z")
    assert ana.get(PATH)["calls"] == {**ana.get(PATH)["calls"], "granted": False, "source": "call"}
    assert history(ivy, ana)[-1] == ("calls", 0, "call")
    assert waiting(ivy, "call", ana) == 0
