"""`/api/calls`: have a call made, now or later, move it, cancel it, look at it (R-102, R-103, RULEBOOK 7.3)."""

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ivy_engine.engine import Ivy
from ivy_engine.settings import Jobs, Limits
from tests.conftest import at_start, driving, rows
from tests.driver import Driver, Person

Json = Any
UNKNOWN = "0199a1b2-1234-7abc-8def-0123456789ab"
AT = "2026-05-04T18:00:00Z"


def keyed(person: Person, method: str, path: str, body: Json, key: str = "key") -> httpx.Response:
    return person.call(method, path, body, {"Idempotency-Key": key})


def fault(driver: Driver, mode: str) -> None:
    driver.data(driver.client.put("/simulator/faults", json={"voice": {"mode": mode}}))


@pytest.fixture
def ana(driver: Driver) -> Person:
    return driver.callable_member()


def test_a_call_now(driver: Driver, ana: Person) -> None:
    told = ana.post("/api/calls/initiate", {"callType": "rescue"}, 201)
    assert (told["userId"], told["callType"], told["status"]) == (ana.id, "RESCUE", "IN_PROGRESS")
    assert told["retellCallId"].startswith("call_")
    assert told["initiatedAt"] == "2026-05-04T08:00:00.000Z"
    [given] = driver.outbox(kind="call", to=ana.email)
    assert given["id"] == told["id"]
    driver.advance("2026-05-04T08:02:00Z")
    seen = ana.get(f"/api/calls/{told['id']}")
    assert (seen["status"], seen["duration"], seen["source"]) == ("COMPLETED", 60, "api")
    assert seen["decisions"] == [{"at": "2026-05-04T08:00:00.000Z", "allowed": True, "reasons": []}]


def test_twins_of_one_key_ring_once(driver: Driver, ana: Person) -> None:
    first = keyed(ana, "POST", "/api/calls/initiate", {"callType": "RESCUE"})
    again = keyed(ana, "POST", "/api/calls/initiate", {"callType": "RESCUE"})
    assert first.content == again.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(driver.outbox(kind="call", to=ana.email)) == 1
    other = keyed(ana, "POST", "/api/calls/initiate", {"callType": "ONBOARDING"})
    assert driver.error(other, 422)["code"] == "IDEMPOTENCY_MISMATCH"


@pytest.mark.parametrize("what", ["place", "stop"])
def test_while_the_first_is_at_work_a_twin_is_told_so(driver: Driver, ivy: Ivy, ana: Person, what: str) -> None:
    """CONTRACT 2: 409 IDEMPOTENCY_RUNNING, and one call."""
    asked, go_on = threading.Event(), threading.Event()
    really = getattr(ivy.providers.voice, what)
    request: tuple[str, str, Json] = ("POST", "/api/calls/initiate", {"callType": "RESCUE"})
    if what == "stop":
        driver.manual_phone()
        request = ("DELETE", f"/api/calls/{ana.post('/api/calls/initiate', {'callType': 'RESCUE'}, 201)['id']}", None)

    def slowly(about: Any) -> Any:
        asked.set()
        assert go_on.wait(20)
        return really(about)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ivy.providers.voice, what, slowly)
        answers: list[httpx.Response] = []
        first = threading.Thread(target=lambda: answers.append(keyed(ana, *request)))
        first.start()
        assert asked.wait(20)
        twin = keyed(ana, *request)
        go_on.set()
        first.join(20)
    assert driver.error(twin, 409)["code"] == "IDEMPOTENCY_RUNNING"
    assert answers[0].status_code == (201 if what == "place" else 200)
    assert keyed(ana, *request).content == answers[0].content
    assert len(driver.outbox(kind="call", to=ana.email)) == 1


def test_a_claim_whose_process_died_is_answered_from_the_row(driver: Driver, ivy: Ivy, ana: Person) -> None:
    """CONTRACT 2: claim and row first; what became of the call is what the twin is told, and nobody is rung twice."""
    voice = ivy.providers.voice
    assert voice is not None
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(voice, "place", _dies)
        with pytest.raises(KeyboardInterrupt):
            keyed(ana, "POST", "/api/calls/initiate", {"callType": "RESCUE"})
    [(call_id, status)] = rows(ivy.folder / "ivy.db", "SELECT id, status FROM call WHERE source = 'api'")
    assert status == "IN_PROGRESS"
    told = keyed(ana, "POST", "/api/calls/initiate", {"callType": "RESCUE"})
    assert (told.status_code, told.json()["data"]["id"], told.headers["Idempotent-Replayed"]) == (201, call_id, "true")
    driver.advance("2026-05-04T08:10:00Z")
    assert ana.get(f"/api/calls/{call_id}")["status"] == "COMPLETED"
    assert len(driver.outbox(kind="call", to=ana.email)) == 1


def _dies(request: Any) -> Any:
    raise KeyboardInterrupt


@pytest.mark.parametrize("mode", ["error", "reject"])
def test_a_provider_that_fails(driver: Driver, ivy: Ivy, ana: Person, mode: str) -> None:
    """R-102: 503, the call is FAILED, nothing is tried again behind the member's back; the key is free again."""
    fault(driver, mode)
    refused = keyed(ana, "POST", "/api/calls/initiate", {"callType": "RESCUE"})
    assert driver.error(refused, 503)["code"] == "SERVICE_UNAVAILABLE"
    assert rows(ivy.folder / "ivy.db", "SELECT status, outcome FROM call WHERE source = 'api'") == [("FAILED", "error")]
    driver.advance("2026-05-04T09:00:00Z")
    assert rows(ivy.folder / "ivy.db", "SELECT COUNT(*) FROM call WHERE retry_of_id IS NOT NULL") == [(0,)]
    fault(driver, "ok")
    assert keyed(ana, "POST", "/api/calls/initiate", {"callType": "RESCUE"}).status_code == 201


def test_a_timeout_after_the_provider_accepted_is_no_failure(driver: Driver, ana: Person) -> None:
    fault(driver, "timeout")
    assert ana.post("/api/calls/initiate", {"callType": "RESCUE"}, 201)["status"] == "IN_PROGRESS"
    assert len(driver.outbox(kind="call", to=ana.email)) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"callConsent": False}, "not agreed to"),
        ({"phone": ""}, "no phone number"),
        ({"communicationPreference": "async"}, "prefers messages"),
    ],
)
def test_who_may_not_be_called(driver: Driver, ana: Person, change: Json, words: str) -> None:
    ana.patch("/api/users/me", change)
    for path, body in (("initiate", {"callType": "RESCUE"}), ("schedule", {"callType": "RESCUE", "scheduledAt": AT})):
        error = driver.error(ana.call("POST", f"/api/calls/{path}", body), 409)
        assert words in error["message"]


def test_a_pause_stands_in_the_way_and_night_does_not(driver: Driver, ana: Person) -> None:
    driver.clock("2026-05-04T22:30:00Z")
    assert ana.post("/api/calls/initiate", {"callType": "RESCUE"}, 201)["status"] == "IN_PROGRESS"
    ana.post("/api/users/me/pause", {"reason": "sick"})
    assert "is away" in driver.error(ana.call("POST", "/api/calls/initiate", {"callType": "RESCUE"}), 409)["message"]


@pytest.mark.parametrize("body", [{}, {"callType": "CHAT"}, {"callType": 5}, {"callType": "RESCUE", "userId": "x"}])
def test_a_call_that_cannot_be_understood(driver: Driver, ana: Person, body: Json) -> None:
    assert driver.error(ana.call("POST", "/api/calls/initiate", body), 422)["code"] == "VALIDATION_ERROR"


def test_call_me_at_six(driver: Driver, ana: Person) -> None:
    booked = ana.post("/api/calls/schedule", {"callType": "monthly_check", "scheduledAt": "2026-05-04T17:00:00+01:00"})
    assert (booked["callType"], booked["scheduledAt"]) == ("MONTHLY_CHECKIN", "2026-05-04T16:00:00.000Z")
    moved = ana.post(f"/api/calls/{booked['id']}/reschedule", {"scheduledAt": AT})
    assert (moved["scheduledAt"], moved["status"]) == ("2026-05-04T18:00:00.000Z", "SCHEDULED")
    driver.advance("2026-05-04T17:59:00Z")
    assert driver.outbox(kind="call", to=ana.email) == []
    driver.advance("2026-05-04T18:05:00Z")
    assert ana.get(f"/api/calls/{booked['id']}")["status"] == "COMPLETED"
    again = ana.call("POST", f"/api/calls/{booked['id']}/reschedule", {"scheduledAt": "2026-05-04T20:00:00Z"})
    assert driver.error(again, 409)["code"] == "CONFLICT"


@pytest.mark.parametrize("at", ["2026-05-04T08:00:00Z", "2026-07-04T08:00:01Z", "2026-05-04", "", 5])
def test_times_that_do_not_lie_ahead(driver: Driver, ana: Person, at: Json) -> None:
    refused = ana.call("POST", "/api/calls/schedule", {"callType": "RESCUE", "scheduledAt": at})
    assert driver.error(refused, 422)["details"][0]["path"] == "body.scheduledAt"


def test_a_planned_call_that_was_moved_is_not_planned_again(driver: Driver, ana: Person) -> None:
    """R-97: the planner leaves what the member has moved."""
    [evening] = [call for call in ana.get("/api/calls") if call["callType"] == "EVENING_REVIEW" and "05-04" in call["localDate"]]
    ana.post(f"/api/calls/{evening['id']}/reschedule", {"scheduledAt": "2026-05-04T20:15:00Z"})
    driver.job("plan_calls")
    waiting = [call for call in ana.get("/api/calls", status="SCHEDULED") if call["callType"] == "EVENING_REVIEW"]
    assert [call["scheduledAt"] for call in waiting if "05-04" in call["localDate"]] == ["2026-05-04T20:15:00.000Z"]


@pytest.mark.parametrize("how", ["cancel", "move"])
def test_what_was_cancelled_or_moved_to_another_day_is_not_planned_again(driver: Driver, ana: Person, how: str) -> None:
    driver.tier(ana, "CONCIERGE")

    def evenings() -> list[str]:
        waiting = ana.get("/api/calls", status="SCHEDULED", callType="EVENING_REVIEW")
        return sorted(call["scheduledAt"] for call in waiting)

    tomorrow = "2026-05-05T19:00:00.000Z"
    [call] = [call for call in ana.get("/api/calls", status="SCHEDULED") if call["scheduledAt"] == tomorrow]
    if how == "cancel":
        ana.delete(f"/api/calls/{call['id']}")
    else:
        ana.post(f"/api/calls/{call['id']}/reschedule", {"scheduledAt": "2026-05-08T19:00:00Z"})
    driver.job("plan_calls")
    ana.patch("/api/users/me", {"weeklyCallTime": "17:00"})
    driver.advance("2026-05-05T10:00:00Z")
    assert tomorrow not in evenings()


def test_cancelling(driver: Driver, ivy: Ivy, ana: Person) -> None:
    """R-103: a call that waits, one that rings, one that is over."""
    booked = ana.post("/api/calls/schedule", {"callType": "RESCUE", "scheduledAt": AT})
    assert ana.delete(f"/api/calls/{booked['id']}") == {"message": "The call is cancelled."}
    assert ana.get(f"/api/calls/{booked['id']}")["status"] == "CANCELLED"
    assert driver.error(ana.call("DELETE", f"/api/calls/{booked['id']}"), 409)["code"] == "CONFLICT"
    driver.manual_phone()
    ringing = ana.post("/api/calls/initiate", {"callType": "RESCUE"}, 201)
    assert ana.delete(f"/api/calls/{ringing['id']}") == {"message": "The call is being ended."}
    driver.job("dial_due_calls")
    ended = ana.get(f"/api/calls/{ringing['id']}")
    assert (ended["status"], ended["outcome"]) == ("COMPLETED", "completed")
    assert driver.get("/simulator/phone") == []


def test_a_call_that_talks_by_itself_is_ended_too(driver: Driver, ana: Person) -> None:
    told = ana.post("/api/calls/initiate", {"callType": "MORNING_PLANNING"}, 201)
    driver.advance("2026-05-04T08:00:20Z")
    ana.delete(f"/api/calls/{told['id']}")
    driver.advance("2026-05-04T08:05:00Z")
    seen = ana.get(f"/api/calls/{told['id']}")
    assert (seen["status"], seen["duration"]) == ("COMPLETED", 10)
    assert ana.get("/api/workouts") == []


def test_lists(driver: Driver, ana: Person) -> None:
    for hour in (15, 16, 17):
        ana.post("/api/calls/schedule", {"callType": "RESCUE", "scheduledAt": f"2026-05-04T{hour}:00:00Z"})
    page = ana.call("GET", "/api/calls", callType="rescue", limit=2).json()
    assert [call["scheduledAt"][11:13] for call in page["data"]] == ["17", "16"]
    assert (page["meta"]["total"], page["meta"]["totalPages"]) == (3, 2)
    rest = ana.call("GET", "/api/calls", callType="RESCUE", limit=2, cursor=page["meta"]["nextCursor"]).json()
    assert ([call["scheduledAt"][11:13] for call in rest["data"]], rest["meta"]["nextCursor"]) == (["15"], None)
    assert ana.get("/api/calls", startDate="2026-05-05", callType="RESCUE") == []
    assert len(ana.get("/api/calls", endDate="2026-05-04", callType="RESCUE", status="SCHEDULED")) == 3
    assert driver.error(ana.call("GET", "/api/calls", status="LOST"), 422)["details"][0]["path"] == "query.status"


def test_an_operator_calls_looks_and_corrects_and_it_is_written_down(driver: Driver, ivy: Ivy, ana: Person) -> None:
    """R-167; what was said stays the member's."""
    operator = driver.operator(phone="+447700900150")
    told = operator.post("/api/calls/initiate", {"callType": "FOLLOW_UP", "userId": ana.id}, 201)
    assert told["userId"] == ana.id
    driver.advance("2026-05-04T08:02:00Z")
    seen = operator.get(f"/api/calls/{told['id']}")
    assert (seen["status"], seen["transcript"], seen["transcriptSummary"]) == ("COMPLETED", None, None)
    assert ana.get(f"/api/calls/{told['id']}")["transcript"]
    assert operator.post(f"/api/calls/{told['id']}/outcome", {"outcome": "rescue_success"})["outcome"] == "rescue_success"
    assert driver.error(operator.call("POST", f"/api/calls/{told['id']}/outcome", {"outcome": "great"}), 422)
    waiting = operator.get("/api/calls/upcoming")
    assert [call["scheduledAt"] for call in waiting] == sorted(call["scheduledAt"] for call in waiting)
    booked = waiting[0]["id"]
    assert driver.error(operator.call("POST", f"/api/calls/{booked}/outcome", {"outcome": "completed"}), 409)
    operator.delete(f"/api/calls/{booked}")
    actions = {row[0] for row in rows(ivy.folder / "ivy.db", "SELECT action FROM audit")}
    assert actions >= {"call_started", "call_seen", "call_outcome_rescue_success", "upcoming_calls_listed", "call_cancelled"}
    missing = operator.call("POST", "/api/calls/initiate", {"callType": "RESCUE", "userId": UNKNOWN})
    assert driver.error(missing, 404)["code"] == "NOT_FOUND"


def test_nobody_else_has_somebody_called(driver: Driver, ana: Person) -> None:
    bob = driver.member()
    refused = bob.call("POST", "/api/calls/initiate", {"callType": "RESCUE", "userId": ana.id})
    assert driver.error(refused, 403)["code"] == "FORBIDDEN"


def test_five_a_minute(open_engine: Callable[..., Ivy]) -> None:
    """RULEBOOK 7.1: call_start, for each member."""
    ivy = at_start(open_engine(limits=Limits(api="off", auth="off", links_per_email="off", call_start="5/60")))
    with driving(ivy) as driver:
        ana, bob = driver.callable_member(), driver.callable_member(phone="+447700900102")
        for _ in range(5):
            ana.post("/api/calls/initiate", {"callType": "RESCUE"}, 201)
        assert driver.error(ana.call("POST", "/api/calls/initiate", {"callType": "RESCUE"}), 429)["code"] == "RATE_LIMITED"
        bob.post("/api/calls/initiate", {"callType": "RESCUE"}, 201)


def test_when_all_lines_are_taken_a_call_waits_for_its_turn(open_engine: Callable[..., Ivy]) -> None:
    ivy = at_start(open_engine(jobs=Jobs(concurrent_calls=1)))
    with driving(ivy) as driver:
        driver.manual_phone()
        ana, bob = driver.callable_member(), driver.callable_member(phone="+447700900102")
        first = ana.post("/api/calls/initiate", {"callType": "RESCUE"}, 201)
        second = bob.post("/api/calls/initiate", {"callType": "RESCUE"}, 201)
        assert (first["status"], second["status"], second["retellCallId"]) == ("IN_PROGRESS", "SCHEDULED", None)
        driver.post(f"/simulator/phone/{first['id']}", {"action": "decline"})
        assert bob.get(f"/api/calls/{second['id']}")["status"] == "IN_PROGRESS"
