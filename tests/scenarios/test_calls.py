"""S-31: what is said in an evening call, in every order of its events."""

from datetime import datetime
from itertools import permutations
from typing import Any

import pytest

from tests.driver import Driver, Person

Json = Any
STARTED_AT = 1_777_922_400_000


def evening_call(driver: Driver, ana: Person) -> Json:
    """The member's evening call of Thursday 7 May, ringing on the manual phone."""
    driver.clock("2026-05-07T00:00:00Z")
    driver.job("plan_calls")
    driver.clock("2026-05-07T19:00:00Z")
    driver.job("dial_due_calls")
    ringing = driver.get("/simulator/phone", userId=ana.id)
    assert [call["callType"] for call in ringing] == ["EVENING_REVIEW"]
    return ringing[0]


def event(name: str, call: Json) -> Json:
    body = {
        "call_id": call["retellCallId"],
        "call_type": "phone_call",
        "metadata": {"callId": call["callId"]},
        "start_timestamp": STARTED_AT,
    }
    if name != "call_started":
        body |= {"end_timestamp": STARTED_AT + 45_000, "disconnection_reason": "user_hangup"}
    if name == "call_analyzed":
        body["call_analysis"] = {"user_sentiment": "Positive", "custom_analysis_data": {"completion": "completed"}}
    return {"event": name, "call": body}


@pytest.mark.parametrize("order", list(permutations(("call_started", "call_ended", "call_analyzed"))))
def test_s31_evening_result(driver: Driver, order: tuple[str, ...]) -> None:
    driver.manual_phone()
    ana = driver.callable_member()
    call = evening_call(driver, ana)
    workout = ana.plan("2026-05-07")
    for name in (*order, *order):
        driver.post("/webhooks/retell", event(name, call))
        driver.settle()
    done = ana.get(f"/api/workouts/{workout['id']}")
    assert done["status"] == "COMPLETED"
    assert done["loggedVia"] == "evening_call"
    assert done["reviewCallId"] == call["callId"]
    assert [row["amount"] for row in ana.get("/api/donations")] == [1]
    assert ana.streak()["currentStreak"] == 1
    calls = driver.outbox(kind="call", to=ana.email)
    assert calls[0]["id"] == call["callId"]
    assert calls[0]["status"] == "COMPLETED"
    assert ana.get("/api/users/me")["lastCallAt"] == "2026-05-04T19:20:45.000Z"


def test_the_manual_phone_answers_in_the_same_way(driver: Driver) -> None:
    driver.manual_phone()
    ana = driver.callable_member()
    call = evening_call(driver, ana)
    workout = ana.plan("2026-05-07")
    driver.post(f"/simulator/phone/{call['callId']}", {"action": "answer"})
    assert driver.get("/simulator/phone", userId=ana.id)[0]["status"] == "IN_PROGRESS"
    driver.post(f"/simulator/phone/{call['callId']}", {"action": "hangup", "analysis": {"completion": "partial"}})
    assert ana.get(f"/api/workouts/{workout['id']}")["status"] == "PARTIAL"
    assert driver.get("/simulator/phone", userId=ana.id) == []
    twice = driver.client.post(f"/simulator/phone/{call['callId']}", json={"action": "answer"})
    assert driver.error(twice, 404)["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("action", "outcome"),
    [("decline", "declined"), ("no_answer", "no_answer"), ("busy", "busy"), ("voicemail", "voicemail")],
)
def test_a_call_that_reaches_nobody_changes_no_workout(driver: Driver, action: str, outcome: str) -> None:
    """The disconnection reasons of RULEBOOK 4.4, played on the phone."""
    driver.manual_phone()
    ana = driver.callable_member()
    call = evening_call(driver, ana)
    workout = ana.plan("2026-05-07")
    driver.post(f"/simulator/phone/{call['callId']}", {"action": action, "analysis": {"completion": "completed"}})
    assert driver.outbox(kind="call", to=ana.email)[0]["status"] == "NO_ANSWER"
    assert ana.get(f"/api/workouts/{workout['id']}")["status"] == "PLANNED"


def test_the_agent_is_told_strings_and_nothing_personal(driver: Driver) -> None:
    """R-105."""
    driver.manual_phone()
    ana = driver.callable_member()
    told = evening_call(driver, ana)["variables"]
    assert all(isinstance(value, str) for value in told.values())
    assert told["user_name"] == "Ana"
    assert told["evening_window"] == "20:00-21:30"
    assert told["day_of_week"] == "Thursday"
    assert not {"Li", ana.email, "+447700900101"} & set(told.values())


def analysed(call: Json, **said: Json) -> Json:
    body = event("call_analyzed", call)
    body["call"]["call_analysis"]["custom_analysis_data"] = said
    return body


def ended_at(name: str, call: Json, at: str) -> Json:
    """An event of a call that ended at that time."""
    body = event(name, call)
    ended = int(datetime.fromisoformat(at).timestamp() * 1000)
    body["call"] |= {"start_timestamp": ended - 45_000, "end_timestamp": ended}
    return body


def test_what_was_said_counts_for_the_day_of_the_call_however_late_it_is_told(driver: Driver) -> None:
    """R-31, R-107: the analysis comes the next morning."""
    driver.manual_phone()
    ana = driver.callable_member()
    call = evening_call(driver, ana)
    workout = ana.plan("2026-05-07")
    driver.post("/webhooks/retell", ended_at("call_ended", call, "2026-05-07T19:01:00+00:00"))
    driver.settle()
    driver.clock("2026-05-08T09:00:00Z")
    driver.post("/webhooks/retell", analysed(call, completion="completed", next_plan_activity="Swim"))
    driver.settle()
    planned = {row["activity"]: row for row in ana.get("/api/workouts")}
    assert planned["Run"]["creditedDate"] == "2026-05-07"
    assert planned["Run"]["completedAt"] == "2026-05-07T19:01:00.000Z"
    assert planned["Swim"]["plannedDate"] == "2026-05-08T00:00:00.000Z"
    assert workout["id"] == planned["Run"]["id"]
    assert len(planned) == 2


def test_a_report_that_comes_after_the_day_was_closed_completes_what_was_missed(driver: Driver) -> None:
    """R-24, R-107: no second workout is made beside the missed one."""
    driver.manual_phone()
    ana = driver.callable_member()
    call = evening_call(driver, ana)
    workout = ana.plan("2026-05-07")
    driver.post("/webhooks/retell", ended_at("call_ended", call, "2026-05-07T19:01:00+00:00"))
    driver.settle()
    driver.clock("2026-05-08T03:00:00Z")
    driver.job("day_close")
    assert ana.get(f"/api/workouts/{workout['id']}")["status"] == "MISSED"
    driver.post("/webhooks/retell", analysed(call, completion="completed"))
    driver.settle()
    [found] = ana.get("/api/workouts")
    assert (found["id"], found["status"], found["creditedDate"]) == (workout["id"], "COMPLETED", "2026-05-07")
    assert ana.streak()["currentStreak"] == 1


def test_what_an_operator_knows_stays_when_the_analysis_comes(driver: Driver) -> None:
    driver.manual_phone()
    ana, boss = driver.callable_member(), driver.operator()
    call = evening_call(driver, ana)
    ana.plan("2026-05-07")
    driver.post("/webhooks/retell", ended_at("call_ended", call, "2026-05-07T19:01:00+00:00"))
    driver.settle()
    driver.member_again(boss).post(f"/api/calls/{call['callId']}/outcome", {"outcome": "rest_day"})
    driver.post("/webhooks/retell", analysed(call, completion="completed"))
    driver.settle()
    assert ana.get(f"/api/calls/{call['callId']}")["outcome"] == "rest_day"
    assert ana.get("/api/workouts")[0]["status"] == "COMPLETED"


def test_a_call_over_midnight_belongs_to_the_evening_before(driver: Driver) -> None:
    """R-32."""
    driver.manual_phone()
    ana = driver.callable_member()
    ana.patch("/api/users/me", {"eveningCallTime": "23:58"})
    ana.plan("2026-05-07")
    driver.clock("2026-05-07T00:00:00Z")
    driver.job("plan_calls")
    driver.clock("2026-05-07T22:58:00Z")
    driver.job("dial_due_calls")
    [call] = driver.get("/simulator/phone", userId=ana.id)
    driver.post(f"/simulator/phone/{call['callId']}", {"action": "answer"})
    driver.clock("2026-05-07T23:05:00Z")  # 00:05 on the 8th in London
    said = {"completion": "completed", "next_plan_activity": "Swim"}
    driver.post(f"/simulator/phone/{call['callId']}", {"action": "hangup", "analysis": said})
    planned = {row["activity"]: row for row in ana.get("/api/workouts")}
    assert planned["Run"]["creditedDate"] == "2026-05-07"
    assert planned["Swim"]["plannedDate"] == "2026-05-08T00:00:00.000Z"


@pytest.mark.parametrize(("minimum", "status"), [(None, "SKIPPED"), ("10 minute walk", "PLANNED")])
def test_a_missed_workout_is_skipped_with_its_reason_unless_the_minimum_was_agreed(
    driver: Driver, minimum: str | None, status: str
) -> None:
    """R-107."""
    driver.manual_phone()
    ana = driver.callable_member()
    call = evening_call(driver, ana)
    workout = ana.plan("2026-05-07")
    for name in ("call_started", "call_ended"):
        driver.post("/webhooks/retell", event(name, call))
    driver.post("/webhooks/retell", analysed(call, completion="missed", skip_reason="rain", minimum_action=minimum))
    driver.settle()
    told = ana.get(f"/api/workouts/{workout['id']}")
    assert (told["status"], told["skippedReason"]) == (status, "rain" if status == "SKIPPED" else None)


def test_what_a_call_leaves_open_is_asked_once_more_in_writing(driver: Driver) -> None:
    """R-107: `unknown`."""
    driver.manual_phone()
    ana = driver.callable_member()
    call = evening_call(driver, ana)
    workout = ana.plan("2026-05-07", "Swim")
    said = {"completion": "unknown"}
    driver.post(f"/simulator/phone/{call['callId']}", {"action": "answer", "seconds": 30, "analysis": said})
    driver.advance("2026-05-07T19:30:00Z")
    assert [sent["body"][:15] for sent in driver.outbox(kind="whatsapp", template="completion_check")] == ["How did Swim go"]
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "done"})
    assert ana.get(f"/api/workouts/{workout['id']}")["status"] == "COMPLETED"


def test_nested_analysis_data_does_not_lose_the_event(driver: Driver) -> None:
    """R-107: extracted fields are flat; what is not is left out, and the rest takes effect."""
    driver.manual_phone()
    ana = driver.callable_member()
    driver.advance("2026-05-05T06:00:30Z")
    [ringing] = driver.get("/simulator/phone", userId=ana.id)
    nested: list[object] = []
    for _ in range(300):
        nested = [nested]
    said = {"plan_activity": "Swim", "plan_date": "2026-05-05", "plan_time": "18:00", "extra": nested}
    driver.post(f"/simulator/phone/{ringing['callId']}", {"action": "answer", "seconds": 30, "analysis": said})
    assert [row["activity"] for row in ana.get("/api/workouts")] == ["Swim"]
