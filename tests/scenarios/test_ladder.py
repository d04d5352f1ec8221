"""S-29, S-30, S-32: what follows a missed call, over HTTP and the provider's webhooks (R-101, R-102)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from ivy_engine.engine import Ivy
from tests.conftest import rows
from tests.driver import Driver, Person

Json = Any
MONDAY = "2026-03-23T07:00:00Z"
COLUMNS = "id, scheduled_at, status, outcome, attempt, retell_call_id, source"


def ana_at(driver: Driver, tier: str = "PRO") -> Person:
    """Onboarded a week before, called on Monday 23 March at 07:00 in London; the phone rings until we say what happens."""
    driver.clock("2026-03-16T10:00:00Z")
    ana = driver.callable_member()
    driver.tier(ana, tier)
    driver.advance("2026-03-17T10:00:00Z")
    driver.clock_for(ana, "2026-03-23T00:10:00Z")
    driver.manual_phone()
    driver.job("plan_calls")
    return ana


def calls(ivy: Ivy) -> list[Json]:
    """The morning's calls of 23 March, in order."""
    found = rows(
        ivy.folder / "ivy.db",
        f"SELECT {COLUMNS} FROM call WHERE local_date = '2026-03-23' AND call_type = 'MORNING_PLANNING' ORDER BY attempt",
    )
    return [dict(zip(COLUMNS.split(", "), row, strict=True)) for row in found]


def written(ivy: Ivy) -> list[str]:
    """The messages of the ladder, in order."""
    names = ("missed_call", "second_miss_options", "day_log_check")
    marks = ", ".join("?" * len(names))
    found = rows(
        ivy.folder / "ivy.db", f"SELECT template FROM message WHERE template IN ({marks}) ORDER BY created_at, id", *names
    )
    return [row[0] for row in found]


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def ended(driver: Driver, call: Json, at: str, reason: str) -> None:
    """The provider reports the end of a call that has not connected."""
    body = {
        "call_id": call["retell_call_id"], "call_type": "phone_call", "metadata": {"callId": call["id"]},
        "end_timestamp": instant(at), "disconnection_reason": reason,
    }  # fmt: skip
    driver.post("/webhooks/retell", {"event": "call_ended", "call": body})
    driver.settle()


def dial(driver: Driver, at: str) -> None:
    driver.clock(at)
    driver.job("dial_due_calls")


def miss(driver: Driver, ivy: Ivy, dialled: str, ended_at: str, reason: str = "dial_no_answer") -> None:
    dial(driver, dialled)
    driver.clock(ended_at)
    ended(driver, calls(ivy)[-1], ended_at, reason)


def test_s29_retry_path(driver: Driver, ivy: Ivy) -> None:
    ana_at(driver)
    miss(driver, ivy, MONDAY, "2026-03-23T07:00:40Z")
    first, second = calls(ivy)
    assert (first["status"], first["outcome"], first["attempt"]) == ("NO_ANSWER", "no_answer", 1)
    assert (second["status"], second["attempt"], second["scheduled_at"]) == ("SCHEDULED", 2, instant("2026-03-23T07:15:40Z"))
    assert written(ivy) == []
    miss(driver, ivy, "2026-03-23T07:15:40Z", "2026-03-23T07:16:20Z")
    assert calls(ivy)[-1]["scheduled_at"] == instant("2026-03-23T07:31:20Z")
    miss(driver, ivy, "2026-03-23T07:31:20Z", "2026-03-23T07:32:00Z")
    assert [(call["status"], call["attempt"]) for call in calls(ivy)] == [("NO_ANSWER", 1), ("NO_ANSWER", 2), ("NO_ANSWER", 3)]
    assert written(ivy) == ["missed_call"]
    ended(driver, first, "2026-03-23T07:00:40Z", "dial_no_answer")
    assert (len(calls(ivy)), written(ivy)) == (3, ["missed_call"])
    driver.advance("2026-03-23T12:00:00Z")
    assert (len(calls(ivy)), written(ivy)) == (3, ["missed_call"])


def test_s29_with_recovery_there_is_a_message_after_the_first_miss(driver: Driver, ivy: Ivy) -> None:
    ana_at(driver, "ELITE")
    miss(driver, ivy, MONDAY, "2026-03-23T07:00:40Z")
    assert sorted(written(ivy)) == ["day_log_check", "second_miss_options"]
    miss(driver, ivy, "2026-03-23T07:15:40Z", "2026-03-23T07:16:20Z")
    miss(driver, ivy, "2026-03-23T07:31:20Z", "2026-03-23T07:32:00Z")
    assert sorted(written(ivy)) == ["day_log_check", "missed_call", "second_miss_options"]
    assert driver.outbox(kind="whatsapp", template="day_log_check") == []
    driver.advance("2026-03-23T20:31:00Z")
    assert len(driver.outbox(kind="whatsapp", template="day_log_check")) == 1


def test_nobody_is_asked_about_a_day_they_have_told_of(driver: Driver, ivy: Ivy) -> None:
    ana = ana_at(driver, "ELITE")
    miss(driver, ivy, MONDAY, "2026-03-23T07:00:40Z")
    ana.complete(ana.plan("2026-03-23"))
    driver.advance("2026-03-23T21:30:00Z")
    assert driver.outbox(kind="whatsapp", template="day_log_check") == []


@pytest.mark.parametrize("word", ["done", "later today please"])
def test_s30_a_reply_ends_the_ladder(driver: Driver, ivy: Ivy, word: str) -> None:
    ana_at(driver)
    miss(driver, ivy, MONDAY, "2026-03-23T07:00:40Z")
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": word})
    assert [call["status"] for call in calls(ivy)] == ["NO_ANSWER", "CANCELLED"]
    driver.advance("2026-03-23T12:00:00Z")
    assert ([call["status"] for call in calls(ivy)], written(ivy)) == (["NO_ANSWER", "CANCELLED"], [])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/users/me/pause", {"reason": "sick"}),
        ("/api/users/me/rest-days", {"date": "2026-03-23"}),
        ("/api/workouts/{id}/complete", {"status": "COMPLETED"}),
        ("/api/workouts/{id}/complete", {"status": "SKIPPED"}),
    ],
)
def test_s30_so_does_whatever_the_member_does(driver: Driver, ivy: Ivy, path: str, body: Json) -> None:
    ana = ana_at(driver)
    planned = ana.plan("2026-03-23")
    miss(driver, ivy, MONDAY, "2026-03-23T07:00:40Z")
    ana.post(path.replace("{id}", planned["id"]), body)
    assert [call["status"] for call in calls(ivy)] == ["NO_ANSWER", "CANCELLED"]
    driver.advance("2026-03-23T12:00:00Z")
    assert written(ivy) == []


def test_s30_who_was_in_touch_while_it_rang_is_not_called_again(driver: Driver, ivy: Ivy) -> None:
    ana_at(driver)
    dial(driver, MONDAY)
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "done"})
    driver.clock("2026-03-23T07:00:40Z")
    ended(driver, calls(ivy)[0], "2026-03-23T07:00:40Z", "dial_no_answer")
    assert ([call["status"] for call in calls(ivy)], written(ivy)) == (["NO_ANSWER"], [])


@pytest.mark.parametrize(
    ("reason", "end", "again", "messages"),
    [
        ("voicemail_reached", ("NO_ANSWER", "voicemail"), True, []),
        ("ivr_reached", ("NO_ANSWER", "voicemail"), True, []),
        ("dial_busy", ("NO_ANSWER", "busy"), True, []),
        ("user_declined", ("NO_ANSWER", "declined"), False, ["missed_call"]),
        ("dial_failed", ("FAILED", "error"), True, []),
        ("error_of_next_year", ("FAILED", "error"), True, []),
        ("no_valid_payment", ("FAILED", "error"), True, []),
        ("invalid_destination", ("FAILED", "invalid_number"), False, []),
    ],
)
def test_s32_how_each_end_goes_on(
    driver: Driver, ivy: Ivy, reason: str, end: tuple[str, str], again: bool, messages: list[str]
) -> None:
    ana_at(driver)
    miss(driver, ivy, MONDAY, "2026-03-23T07:00:40Z", reason)
    first, *more = calls(ivy)
    assert (first["status"], first["outcome"]) == end
    assert [(call["attempt"], call["status"]) for call in more] == ([(2, "SCHEDULED")] if again else [])
    assert written(ivy) == messages
    ended(driver, first, "2026-03-23T07:00:40Z", reason)
    assert (len(calls(ivy)), written(ivy)) == (1 + len(more), messages)


def test_a_line_that_fails_twice_is_given_up_in_silence(driver: Driver, ivy: Ivy) -> None:
    """R-102."""
    ana_at(driver, "ELITE")
    miss(driver, ivy, MONDAY, "2026-03-23T07:00:40Z", "dial_failed")
    miss(driver, ivy, "2026-03-23T07:15:40Z", "2026-03-23T07:16:20Z", "error_unknown")
    assert ([call["status"] for call in calls(ivy)], written(ivy)) == (["FAILED", "FAILED"], [])


def test_a_wrong_number_is_told_by_mail_once_and_not_rung_until_it_is_another(driver: Driver, ivy: Ivy) -> None:
    """R-101.7."""
    ana = ana_at(driver, "CONCIERGE")
    miss(driver, ivy, MONDAY, "2026-03-23T07:00:40Z", "invalid_destination")
    driver.advance("2026-03-25T12:00:00Z")
    assert len(driver.outbox(kind="email", template="unreachable_number")) == 1
    assert len(driver.outbox(kind="call", since="2026-03-23T00:00:00Z")) == 1
    ana = driver.member_again(ana)
    ana.patch("/api/users/me", {"phone": "+447700900188"})
    driver.advance("2026-03-26T12:00:00Z")
    assert len(driver.outbox(kind="call", since="2026-03-26T00:00:00Z")) > 0


def test_an_account_that_is_refused_pauses_all_dialling(driver: Driver, ivy: Ivy) -> None:
    """PROVIDERS 1.5: nobody else is rung for a quarter of an hour; then it is tried again."""
    ana_at(driver)
    bob = driver.callable_member(phone="+447700900102")
    driver.tier(bob, "CONCIERGE")
    bob.patch("/api/users/me", {"morningCallTime": "07:05"})
    rows_before = len(driver.outbox(kind="call", since="2026-03-23T00:00:00Z"))
    miss(driver, ivy, MONDAY, "2026-03-23T07:00:40Z", "credit_exhausted")
    dial(driver, "2026-03-23T07:05:00Z")
    assert len(driver.outbox(kind="call", since="2026-03-23T00:00:00Z")) == rows_before + 1
    held = rows(ivy.folder / "ivy.db", "SELECT held FROM call WHERE member_id = ? AND held IS NOT NULL", bob.id)
    assert held in ([("halt",)], [])  # the onboarding call may stand for it, later in the day


def test_who_wants_no_calls_any_more_gets_none(driver: Driver, ivy: Ivy) -> None:
    ana = ana_at(driver)
    miss(driver, ivy, MONDAY, "2026-03-23T07:01:40Z", "user_requested_dnc")
    assert calls(ivy)[0]["status"] == "COMPLETED"
    assert ana.get("/api/users/me")["callConsent"] is False
    assert rows(ivy.folder / "ivy.db", "SELECT COUNT(*) FROM call WHERE status = 'SCHEDULED'") == [(0,)]


def test_who_asks_for_another_time_is_called_in_an_hour(driver: Driver, ivy: Ivy) -> None:
    ana_at(driver)
    miss(driver, ivy, MONDAY, "2026-03-23T07:01:40Z", "user_requested_callback")
    first, second = calls(ivy)
    assert (first["status"], second["source"], second["scheduled_at"]) == (
        "COMPLETED",
        "callback",
        instant("2026-03-23T08:01:40Z"),
    )


def test_a_miss_that_is_told_late_is_made_up_for(driver: Driver, ivy: Ivy) -> None:
    """A webhook that is 40 minutes late: the next call is now, and it is the last that the window lets be."""
    ana_at(driver)
    dial(driver, MONDAY)
    driver.clock("2026-03-23T07:40:40Z")
    ended(driver, calls(ivy)[0], "2026-03-23T07:00:40Z", "dial_no_answer")
    assert calls(ivy)[-1]["scheduled_at"] == instant("2026-03-23T07:40:40Z")


def test_an_expired_call_is_told_of(driver: Driver, ivy: Ivy) -> None:
    """R-98."""
    ana_at(driver)
    dial(driver, "2026-03-23T07:30:01Z")
    assert ([(call["status"], call["outcome"]) for call in calls(ivy)], written(ivy)) == (
        [("FAILED", "expired")],
        ["missed_call"],
    )


def test_the_decision_about_each_call_is_a_row(driver: Driver, ivy: Ivy) -> None:
    ana = ana_at(driver)
    dial(driver, MONDAY)
    ana.post("/api/users/me/rest-days", {"date": "2026-03-26"})
    decisions = rows(ivy.folder / "ivy.db", "SELECT allowed, reasons FROM call_decision WHERE call_id = ?", calls(ivy)[0]["id"])
    assert decisions == [(1, "[]")]
    driver.clock("2026-03-23T20:00:00Z")
    ana.patch("/api/users/me", {"communicationPreference": "calls"})
    evening = rows(ivy.folder / "ivy.db", "SELECT id FROM call WHERE call_type = 'EVENING_REVIEW' AND local_date = '2026-03-23'")
    ana.complete(ana.plan("2026-03-23"))
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "all good"})
    driver.job("dial_due_calls")
    told = rows(ivy.folder / "ivy.db", "SELECT status, outcome FROM call WHERE id = ?", evening[0][0])
    assert told == [("CANCELLED", "already_logged")]
    decided = rows(ivy.folder / "ivy.db", "SELECT allowed, reasons FROM call_decision WHERE call_id = ?", evening[0][0])
    assert decided == [(0, '["already_logged"]')]


def test_an_answered_retry_is_a_call_like_any(driver: Driver, ivy: Ivy) -> None:
    ana = ana_at(driver)
    miss(driver, ivy, MONDAY, "2026-03-23T07:00:40Z")
    dial(driver, "2026-03-23T07:15:40Z")
    ringing = driver.get("/simulator/phone", userId=ana.id)[0]
    driver.post(
        f"/simulator/phone/{ringing['callId']}", {"action": "answer", "seconds": 60, "analysis": {"plan_activity": "Swim"}}
    )
    assert [row["activity"] for row in ana.get("/api/workouts", status="PLANNED", startDate="2026-03-23")] == ["Swim"]
    assert written(ivy) == []


def test_three_messages_a_day_at_most(driver: Driver, ivy: Ivy) -> None:
    """R-101.6: whatever else is missed on the same day is not written about."""
    ana_at(driver, "CONCIERGE")
    for number in range(3):
        at = datetime.fromisoformat(MONDAY) + timedelta(minutes=16 * number)
        miss(driver, ivy, at.isoformat(), (at + timedelta(seconds=40)).isoformat())
    assert len(written(ivy)) == 3
    driver.advance("2026-03-23T20:00:00Z")
    [evening] = [call for call in driver.get("/simulator/phone")]
    driver.post(f"/simulator/phone/{evening['callId']}", {"action": "decline"})
    assert len(written(ivy)) == 3


def evening_of(driver: Driver, at: str, tier: str = "PRO") -> Person:
    """Ana, whose evening call of Monday 23 March is at another time."""
    ana = ana_at(driver, tier)
    ana.patch("/api/users/me", {"eveningCallTime": at, "morningCallTime": ""})
    return ana


def evening_calls(ivy: Ivy) -> list[Json]:
    found = rows(
        ivy.folder / "ivy.db",
        f"SELECT {COLUMNS} FROM call WHERE call_type = 'EVENING_REVIEW' AND scheduled_at >= ? "
        "AND status <> 'CANCELLED' ORDER BY id",
        instant("2026-03-23T00:00:00Z"),
    )
    return [dict(zip(COLUMNS.split(", "), row, strict=True)) for row in found]


def sent(driver: Driver, template: str) -> list[str]:
    return [row["at"] for row in driver.outbox(kind="whatsapp", template=template)]


@pytest.mark.parametrize(("at", "begins"), [("21:00", "21:00:00"), ("22:00", "22:00:00"), ("23:45", "23:45:00")])
def test_after_a_late_call_the_closing_message_comes_in_the_morning(driver: Driver, ivy: Ivy, at: str, begins: str) -> None:
    """D-5: no retry by night, and a word at seven."""
    evening_of(driver, at)
    dial(driver, f"2026-03-23T{begins}Z")
    driver.clock(f"2026-03-23T{begins[:6]}40Z")
    ended(driver, evening_calls(ivy)[-1], f"2026-03-23T{begins[:6]}40Z", "dial_no_answer")
    assert sent(driver, "missed_call") == []
    driver.advance("2026-03-24T07:30:00Z")
    assert sent(driver, "missed_call") == ["2026-03-24T07:00:00.000Z"]


def test_a_miss_that_is_known_after_midnight_is_told_too(driver: Driver, ivy: Ivy) -> None:
    evening_of(driver, "23:45")
    dial(driver, "2026-03-23T23:45:00Z")
    driver.clock("2026-03-24T00:10:00Z")
    ended(driver, evening_calls(ivy)[-1], "2026-03-23T23:45:40Z", "dial_no_answer")
    driver.advance("2026-03-24T07:30:00Z")
    assert sent(driver, "missed_call") == ["2026-03-24T07:00:00.000Z"]


def test_a_retry_that_the_night_stops_ends_the_ladder_with_a_word(driver: Driver, ivy: Ivy) -> None:
    """D-7: nobody was at work when it was due, and then the quiet hours had begun."""
    evening_of(driver, "20:44")
    dial(driver, "2026-03-23T20:44:00Z")
    driver.clock("2026-03-23T20:44:10Z")
    ended(driver, evening_calls(ivy)[-1], "2026-03-23T20:44:10Z", "dial_no_answer")
    dial(driver, "2026-03-23T21:05:00Z")
    assert rows(ivy.folder / "ivy.db", "SELECT status FROM call WHERE source = 'retry'") == [("CANCELLED",)]
    driver.advance("2026-03-24T07:30:00Z")
    assert len(sent(driver, "missed_call")) == 1


def test_a_call_back_in_the_evening_is_made_in_the_morning(driver: Driver, ivy: Ivy) -> None:
    evening_of(driver, "20:30")
    dial(driver, "2026-03-23T20:30:00Z")
    driver.clock("2026-03-23T20:31:00Z")
    ended(driver, evening_calls(ivy)[-1], "2026-03-23T20:31:00Z", "user_requested_callback")
    assert rows(ivy.folder / "ivy.db", "SELECT scheduled_at, local_date FROM call WHERE source = 'callback'") == [
        (instant("2026-03-24T07:00:00Z"), "2026-03-24")
    ]


def test_a_rest_day_stops_the_weekly_ladder_too(driver: Driver, ivy: Ivy) -> None:
    """R-101.4."""
    ana = ana_at(driver)
    driver.clock_for(ana, "2026-03-29T00:10:00Z")
    driver.job("plan_calls")
    dial(driver, "2026-03-29T17:00:00Z")
    [call] = driver.get("/simulator/phone", userId=ana.id)
    driver.post(f"/simulator/phone/{call['callId']}", {"action": "no_answer"})
    ana.post("/api/users/me/rest-days", {"date": "2026-03-29"})
    driver.advance("2026-03-29T19:00:00Z")
    [(retry,)] = rows(ivy.folder / "ivy.db", "SELECT status FROM call WHERE retry_of_id = ?", call["callId"])
    assert retry == "CANCELLED"


@pytest.mark.parametrize(("withdrawn", "outcome"), [(True, None), (False, "expired")])
def test_an_unwanted_late_call_is_not_told_of(driver: Driver, ivy: Ivy, withdrawn: bool, outcome: str | None) -> None:
    """R-91, R-98: whatever else stands against a late call weighs more than its being late."""
    ana_at(driver)
    with ivy.db.write():  # without the re-planning that a change through the API brings along
        ivy.db.changed("UPDATE member SET call_consent = ?", not withdrawn)
    dial(driver, "2026-03-23T07:45:00Z")
    assert calls(ivy)[0]["outcome"] == outcome
    assert written(ivy) == (["missed_call"] if outcome else [])


def test_a_booked_call_follows_its_member_into_another_zone(driver: Driver, ivy: Ivy) -> None:
    """R-16: it rings at the same instant, and its day is the one that the member lives."""
    ana = ana_at(driver)
    booked = ana.post("/api/calls/schedule", {"callType": "FOLLOW_UP", "scheduledAt": "2026-03-23T15:00:00Z"})
    ana.patch("/api/users/me", {"timezone": "Pacific/Kiritimati"})
    moved = ana.get(f"/api/calls/{booked['id']}")
    assert (moved["scheduledAt"], moved["localDate"]) == (booked["scheduledAt"], "2026-03-24T00:00:00.000Z")


def test_a_call_that_is_moved_knows_what_is_true_then(driver: Driver, ivy: Ivy) -> None:
    """R-105: nothing of the first try to dial it stays."""
    ana = ana_at(driver)
    ana.plan("2026-03-23", "Old plan")
    driver.data(driver.client.put("/simulator/faults", json={"voice": {"mode": "error"}}))
    dial(driver, MONDAY)
    [waiting] = ana.get("/api/calls", status="SCHEDULED", callType="MORNING_PLANNING", endDate="2026-03-23")
    driver.data(driver.client.put("/simulator/faults", json={"voice": {"mode": "manual"}}))
    ana.post(f"/api/calls/{waiting['id']}/reschedule", {"scheduledAt": "2026-03-24T12:00:00Z"})
    driver.clock("2026-03-24T12:00:00Z")
    driver.job("dial_due_calls")
    [ringing] = driver.get("/simulator/phone", userId=ana.id)
    assert (ringing["callId"], ringing["variables"]["day_of_week"]) == (waiting["id"], "Tuesday")
    assert ringing["variables"]["todays_plan"] == "no plan yet"


def test_the_first_conversation_counts_for_the_week(driver: Driver, ivy: Ivy) -> None:
    """RULEBOOK 4.1: Wednesday's onboarding call and Thursday's pair are the two call-days of FREE; Friday has none."""
    driver.clock("2026-05-05T10:00:00Z")
    ana = driver.callable_member()
    ana.patch("/api/users/me", {"preferredDays": ["thursday", "friday"]})
    driver.advance("2026-05-09T10:00:00Z")
    days = rows(ivy.folder / "ivy.db", "SELECT DISTINCT local_date FROM call WHERE dialled_at IS NOT NULL ORDER BY local_date")
    assert days == [("2026-05-06",), ("2026-05-07",)]


def test_a_cancelled_first_conversation_is_not_replaced_at_the_same_minute(driver: Driver, ivy: Ivy) -> None:
    """R-10, R-103."""
    driver.clock("2026-05-05T10:00:00Z")
    ana = driver.callable_member()
    driver.tier(ana, "CONCIERGE")
    [first] = ana.get("/api/calls", callType="ONBOARDING", status="SCHEDULED")
    ana.delete(f"/api/calls/{first['id']}")
    driver.advance("2026-05-06T12:00:00Z")
    assert driver.outbox(kind="call", since="2026-05-06T00:00:00Z") == []


def test_on_a_journey_the_agent_knows_the_day_there(driver: Driver, ivy: Ivy) -> None:
    """R-12, R-105: 07:00 on Thursday in Kiritimati is still Wednesday at home."""
    driver.clock("2026-05-05T06:00:00Z")
    ana = driver.callable_member()
    driver.tier(ana, "CONCIERGE")
    driver.advance("2026-05-05T12:00:00Z")
    away = {"reason": "traveling", "keepStructure": True, "travelTimezone": "Pacific/Kiritimati", "resumeDate": "2026-05-20"}
    ana.post("/api/users/me/pause", away)
    driver.manual_phone()
    driver.advance("2026-05-06T17:00:10Z")
    [ringing] = driver.get("/simulator/phone", userId=ana.id)
    assert ringing["variables"]["day_of_week"] == "Thursday"
