"""The table of R-107: every type of call with every kind of analysis, each told twice and in every order; and safety in calls."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from tests.driver import Driver, Person
from tests.scenarios.test_calls import analysed, event

Json = Any
TODAY, TOMORROW = "2026-05-04", "2026-05-05"
PLANNING, WEEKLY = ("MORNING_PLANNING", "ONBOARDING"), ("WEEKLY_PLANNING", "MONTHLY_CHECKIN")
EVERY = (*PLANNING, "EVENING_REVIEW", "RESCUE", *WEEKLY, "FOLLOW_UP", "QUARTERLY_REVIEW")
DONE, REST = {"completion": "completed", "completed_minutes": 20}, {"is_rest_day": True}
MISSED = {"completion": "missed", "skip_reason": "rain"}
PLAN = {"plan_activity": "Swim", "plan_time": "18:00", "plan_duration": 30}
NEXT = {"next_plan_activity": "Row", "next_plan_date": TOMORROW}
WEEK = {"week_plan": f"{TOMORROW} 07:30 Row; 2026-05-07 Swim; nonsense; 2026-05-09 12:00 Long walk"}
FEELS = {"energy": 7, "mood": 8, "health_confidence": 6, "life_marker": "I took the stairs", "physical_change": "Slept through"}


class Row:
    """One line of the table: what was said in which calls, and what it must have led to."""

    def __init__(self, name: str, call_types: tuple[str, ...], said: Json, **leads_to: Any) -> None:
        self.name, self.call_types, self.said, self.leads_to = name, call_types, said, leads_to


TABLE = (
    Row("plan", PLANNING, PLAN, workouts={("Swim", "PLANNED")}, outcome="workout_planned"),
    Row("done already", PLANNING, DONE, workouts={("Run", "COMPLETED")}, outcome="workout_logged", given=1, streak=1),
    Row("rest", (*PLANNING, "EVENING_REVIEW", "RESCUE"), REST, workouts={("Run", "SKIPPED")}, outcome="rest_day", streak=0),
    Row("done", ("EVENING_REVIEW",), DONE, workouts={("Run", "COMPLETED")}, outcome="workout_logged", given=1, streak=1),
    Row("partly", ("EVENING_REVIEW",), {"completion": "partial"}, workouts={("Run", "PARTIAL")}, given=1, streak=1),
    Row("missed", ("EVENING_REVIEW",), MISSED, workouts={("Run", "SKIPPED")}, outcome="missed_logged", given=0),
    Row("missed, minimum agreed", ("EVENING_REVIEW",), {**MISSED, "minimum_action": "5 minutes"}, workouts={("Run", "PLANNED")}),
    Row("nothing said", ("EVENING_REVIEW",), {}, workouts={("Run", "PLANNED")}, messages={"completion_check"}),
    Row("done, and tomorrow", ("EVENING_REVIEW",), DONE | NEXT, workouts={("Run", "COMPLETED"), ("Row", "PLANNED")}, given=1),
    Row("rescued", ("RESCUE",), DONE, workouts={("Run", "COMPLETED")}, outcome="rescue_success", given=1, streak=1),
    Row("not rescued", ("RESCUE",), MISSED, workouts={("Run", "SKIPPED")}, outcome="rescue_failed"),
    Row("minimum in a rescue", ("RESCUE",), {"minimum_action": "5 minutes"}, workouts={("Run", "PLANNED")}, minimum=True),
    Row("a week's plans", WEEKLY, WEEK, workouts={(name, "PLANNED") for name in ("Run", "Row", "Swim", "Long walk")}),
    Row("how they feel, weekly", ("WEEKLY_PLANNING",), FEELS, score=(7, 8, None), markers=0),
    Row("how they feel, monthly", ("MONTHLY_CHECKIN",), FEELS, score=(7, 8, 6), markers=2),
    Row("how they feel, elsewhere", ("EVENING_REVIEW", "MORNING_PLANNING"), FEELS, score=None, markers=0),
    Row("out of range", WEEKLY, {"energy": 11, "mood": 0, "health_confidence": "7"}, score=None),
    Row("other call times", EVERY, {"new_morning_time": "06:45", "new_evening_time": "21:15"}, times=("06:45", "21:15")),
    Row("no times", EVERY, {"new_morning_time": "25:00", "new_evening_time": "late"}, times=("07:00", "20:00")),
    Row("sick", EVERY, {"status_change": "sick", "status_until": "2026-05-08"}, offered=True, status="active"),
    Row("a person, please", EVERY, {"wants_human": True}, follow_up=True),
    Row("wants to end it", EVERY, {"wants_cancel": True}, follow_up=True, tier="CONCIERGE"),
    Row("contradiction", (*PLANNING, "EVENING_REVIEW"), DONE | REST, workouts={("Run", "PLANNED")}, follow_up=True, given=0),
    Row("first conversation", ("ONBOARDING",), {"why_started": "My knees", "minimum_action": "5 squats", "gift_frame": "my son"},
        profile={"whyStarted": "My knees", "minimumMode": "5 squats", "giftFrame": "my son"}),
    Row("why, elsewhere", ("EVENING_REVIEW",), {"why_started": "My knees"}, profile={"whyStarted": None}),
    Row("unknown words", EVERY, {"skip": True, "tone": "fine", "plan": ["x"]}, workouts={("Run", "PLANNED")}, follow_up=False),
)  # fmt: skip
CASES = [pytest.param(row, call_type, id=f"{row.name}-{call_type}") for row in TABLE for call_type in row.call_types]


@pytest.fixture
def ana(driver: Driver) -> Person:
    """With a run planned for today, and a phone that rings until somebody says what happens."""
    driver.clock("2026-05-04T12:00:00Z")
    ana = driver.callable_member()
    driver.tier(ana, "CONCIERGE")
    driver.manual_phone()
    ana.plan(TODAY, "Run")
    return ana


def rung(driver: Driver, ana: Person, call_type: str) -> Json:
    ana.post("/api/calls/initiate", {"callType": call_type}, 201)
    [call] = driver.get("/simulator/phone", userId=ana.id)
    return call


def facts(driver: Driver, ana: Person, call: Json) -> Json:
    """Everything that a conversation may have changed."""
    profile, seen = ana.get("/api/users/me"), ana.get(f"/api/calls/{call['callId']}")
    workouts = ana.get("/api/workouts")
    scores = ana.get("/api/stats/transformation")["scores"]
    sent = {row["template"] for row in driver.outbox(kind="whatsapp", to=ana.email)}
    return {
        "workouts": {(row["activity"], row["status"]) for row in workouts},
        "minimum": any(row["isMinimum"] for row in workouts),
        "outcome": seen["outcome"],
        "follow_up": seen["needsFollowUp"],
        "given": len(ana.get("/api/donations")),
        "streak": ana.streak()["currentStreak"],
        "score": (scores[0]["energyScore"], scores[0]["moodScore"], scores[0]["healthConfidence"]) if scores else None,
        "markers": len(ana.get("/api/stats/life-markers")),
        "times": (profile["morningCallTime"], profile["eveningCallTime"]),
        "offered": "status_offer" in sent,
        "status": profile["status"],
        "tier": profile["subscriptionTier"],
        "messages": sent,
        "profile": profile,
    }


def check(found: Json, row: Row) -> None:
    for name, value in row.leads_to.items():
        if name == "profile":
            assert {key: found["profile"][key] for key in value} == value
        else:
            assert found[name] == value, name


@pytest.mark.parametrize(("row", "call_type"), CASES)
def test_what_is_said_takes_effect_once(driver: Driver, ana: Person, row: Row, call_type: str) -> None:
    call = rung(driver, ana, call_type)
    told = [event("call_started", call), event("call_ended", call), analysed(call, **row.said)]
    for body in (*told, *told):
        driver.post("/webhooks/retell", body)
        driver.settle()
    check(facts(driver, ana, call), row)


@pytest.mark.parametrize("order", list(permutations(range(3)))[1:])
@pytest.mark.parametrize("row", [row for row in TABLE if len(row.call_types) < 4], ids=lambda row: row.name)
def test_in_whatever_order_it_is_told(driver: Driver, ana: Person, row: Row, order: tuple[int, ...]) -> None:
    call = rung(driver, ana, row.call_types[0])
    told = [event("call_started", call), event("call_ended", call), analysed(call, **row.said)]
    for index in (*order, *order):
        driver.post("/webhooks/retell", told[index])
        driver.settle()
    check(facts(driver, ana, call), row)


def test_being_away_is_offered_and_marked_after_a_yes(driver: Driver, ana: Person) -> None:
    call = rung(driver, ana, "EVENING_REVIEW")
    said = {"status_change": "traveling", "status_until": "2026-05-08"}
    driver.post(f"/simulator/phone/{call['callId']}", {"action": "answer", "seconds": 30, "analysis": said})
    assert ana.get("/api/users/me")["status"] == "active"
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "yes"})
    profile = ana.get("/api/users/me")
    assert (profile["status"], profile["resumeDate"][:10]) == ("traveling", "2026-05-08")


def by_flag(call: Json) -> Json:
    return analysed(call, safety_flag="self_harm", completion="completed")


def in_their_words(call: Json) -> Json:
    body = analysed(call, completion="completed")
    body["call"]["transcript"] = "Agent: How did it go?\nUser: Done, but honestly I want to kill myself.\n"
    return body


@pytest.mark.parametrize("told", [by_flag, in_their_words])
@pytest.mark.parametrize("call_type", ["EVENING_REVIEW", "RESCUE", "MORNING_PLANNING"])
def test_what_must_not_be_met_with_cheer(driver: Driver, ana: Person, call_type: str, told: Callable[[Json], Json]) -> None:
    """R-150, R-151: rules first, the provider's flag second; nothing of the conversation takes effect, help is sent at once."""
    boss = driver.operator()
    call = rung(driver, ana, call_type)
    for body in (event("call_ended", call), told(call)):
        driver.post("/webhooks/retell", body)
        driver.settle()
    found = facts(driver, ana, call)
    assert (found["workouts"], found["given"], found["follow_up"]) == ({("Run", "PLANNED")}, 0, True)
    assert found["messages"] == {"safety_resources"}
    assert ana.get("/api/calls", status="SCHEDULED") == []
    assert [mail["to"] for mail in driver.outbox(kind="email", template="safety_alert")] == [boss.email]


def test_what_the_agent_says_alarms_nobody(driver: Driver, ana: Person) -> None:
    call = rung(driver, ana, "EVENING_REVIEW")
    body = analysed(call, completion="completed")
    body["call"]["transcript"] = (
        "Agent: If you ever want to kill yourself, or somebody hits you, call 116 123.\nUser: All good, thanks.\n"
    )
    for one in (event("call_ended", call), body):
        driver.post("/webhooks/retell", one)
        driver.settle()
    assert facts(driver, ana, call)["workouts"] == {("Run", "COMPLETED")}


def test_acute_symptoms_in_a_call(driver: Driver, ana: Person) -> None:
    """R-152: advice in writing, and no minimum is negotiated."""
    call = rung(driver, ana, "RESCUE")
    for body in (event("call_ended", call), analysed(call, safety_flag="acute", minimum_action="5 minutes")):
        driver.post("/webhooks/retell", body)
        driver.settle()
    found = facts(driver, ana, call)
    assert (found["status"], found["messages"], found["minimum"]) == ("sick", {"health_concern"}, False)


@pytest.mark.parametrize(("done", "outcome"), [(True, "rescue_success"), (False, "rescue_failed")])
def test_whether_a_rescue_saved_the_day_is_known_at_its_close(driver: Driver, ana: Person, done: bool, outcome: str) -> None:
    """R-106."""
    call = rung(driver, ana, "RESCUE")
    said = {"minimum_action": "5 minutes"}
    driver.post(f"/simulator/phone/{call['callId']}", {"action": "answer", "seconds": 30, "analysis": said})
    assert ana.get(f"/api/calls/{call['callId']}")["outcome"] == "completed"
    if done:
        driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "done"})
    driver.clock("2026-05-05T03:00:00Z")
    driver.job("day_close")
    assert ana.get(f"/api/calls/{call['callId']}")["outcome"] == outcome
