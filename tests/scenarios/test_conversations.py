"""S-34 to S-36: what members write, what it does, and how it is answered (R-106, R-114 to R-120, R-150 to R-153)."""

from typing import Any

import pytest

from ivy_engine.engine import Ivy
from tests.conftest import rows
from tests.driver import Driver, Person

Json = Any
PHONE = "+447700900101"


class Chat:
    """A member who writes by WhatsApp, and what is written back."""

    def __init__(self, driver: Driver, person: Person, phone: str = PHONE) -> None:
        self.driver, self.person, self.phone = driver, person, phone

    def write(self, text: str, channel: str = "whatsapp", button: str | None = None) -> list[str]:
        """Send a message; the templates of what came back, in order."""
        before = len(self.heard())
        body = {"from": self.phone, "channel": channel, **({"button": button} if button else {"text": text})}
        self.driver.post("/simulator/messages", body)
        return [row["template"] for row in self.heard()[before:]]

    def heard(self) -> list[Json]:
        found = [row for kind in ("whatsapp", "sms") for row in self.driver.outbox(kind=kind, to=self.phone, limit=500)]
        return sorted(found, key=lambda row: (row["at"], row["id"]))

    def last(self) -> Json:
        return self.heard()[-1]

    def at(self, now: str) -> None:
        self.driver.clock_for(self.person, now)

    def workout(self, workout: Json) -> Json:
        return self.person.get(f"/api/workouts/{workout['id']}")

    @property
    def profile(self) -> Json:
        return self.person.get("/api/users/me")


@pytest.fixture
def chat(driver: Driver) -> Chat:
    ana = driver.member(phone=PHONE)
    ana.patch("/api/users/me", {"minimumMode": "10 minute walk"})
    ana.post("/api/users/me/onboard")
    return Chat(driver, ana)


def test_s34_skip_offers_the_minimum_and_a_second_skip_skips(chat: Chat) -> None:
    workout = chat.person.plan("2026-05-04")
    assert chat.write("skip") == ["rescue_support"]
    assert "10 minute walk" in chat.last()["body"]
    assert chat.workout(workout)["status"] == "PLANNED"
    assert chat.write("skip") == ["skip_logged"]
    assert (chat.workout(workout)["status"], chat.person.streak()["currentStreak"]) == ("SKIPPED", 0)


def test_s34_not_done_yet_is_a_rescue_and_completes_nothing(chat: Chat) -> None:
    workout = chat.person.plan("2026-05-04")
    chat.at("2026-05-04T14:00:00Z")
    assert chat.write("not done yet") == ["rescue_support"]
    assert chat.write("I'm done, too tired") == ["done_or_tired"]
    assert chat.write("I abandoned my phone") == ["unknown_reply"]
    assert chat.workout(workout)["status"] == "PLANNED"
    assert chat.person.get("/api/donations") == []


def test_s34_rest_does_not_end_the_run(chat: Chat) -> None:
    chat.person.complete(chat.person.plan("2026-05-04"))
    chat.at("2026-05-05T12:00:00Z")
    workout = chat.person.plan("2026-05-05")
    assert chat.write("rest") == ["rest_day_logged"]
    assert (chat.workout(workout)["status"], chat.workout(workout)["skippedReason"]) == ("SKIPPED", "rest_day")
    chat.at("2026-05-06T12:00:00Z")
    assert chat.person.complete(chat.person.plan("2026-05-06"))["streak"]["current"] == 2


def test_the_minimum_is_agreed_and_asked_about_an_hour_later(chat: Chat) -> None:
    """R-106."""
    workout = chat.person.plan("2026-05-04", "Run")
    chat.write("too tired")
    assert chat.write("ok") == ["minimum_agreed"]
    assert (chat.workout(workout)["status"], chat.workout(workout)["isMinimum"]) == ("PLANNED", True)
    chat.driver.advance("2026-05-04T09:00:00Z")
    assert chat.last()["template"] == "minimum_check"
    assert chat.write("done") == ["completion_confirmation"]
    assert chat.workout(workout)["status"] == "COMPLETED"


def test_without_a_plan_the_minimum_becomes_one(chat: Chat) -> None:
    chat.write("exhausted")
    chat.write("", button="MINIMUM")
    [made] = chat.person.get("/api/workouts")
    assert (made["activity"], made["isMinimum"], made["status"]) == ("10 minute walk", True, "PLANNED")


def test_who_rests_is_not_pushed(chat: Chat) -> None:
    """R-155."""
    chat.write("rest")
    assert chat.write("so tired") == ["rest_day_logged"]


def test_who_has_done_something_is_not_rescued(chat: Chat) -> None:
    chat.person.complete(chat.person.plan("2026-05-04"))
    chat.driver.settle()
    assert chat.write("tired now") == ["already_logged"]


def test_late_in_the_evening_it_is_asked_whether_to_skip(chat: Chat) -> None:
    """R-114.6: from 21:00 in London."""
    workout = chat.person.plan("2026-05-04")
    chat.at("2026-05-04T20:00:00Z")
    assert chat.write("didn't") == ["skip_question"]
    assert chat.write("no") == ["left_open"]
    assert chat.write("didn't") == ["skip_question"]
    assert chat.write("yes") == ["skip_logged"]
    assert chat.workout(workout)["status"] == "SKIPPED"
    assert chat.write("not done") == ["nothing_open"]


def test_done_or_tired_is_asked_and_a_yes_completes(chat: Chat) -> None:
    workout = chat.person.plan("2026-05-04")
    chat.write("done, exhausted")
    assert chat.workout(workout)["status"] == "PLANNED"
    assert chat.write("yes") == ["completion_confirmation"]
    assert chat.workout(workout)["status"] == "COMPLETED"


def test_a_question_is_open_for_twelve_hours(chat: Chat) -> None:
    chat.person.plan("2026-05-04")
    chat.write("tired")
    chat.at("2026-05-04T20:00:01Z")
    assert chat.write("yes") == ["unknown_reply"]


def test_the_newest_question_is_meant(chat: Chat) -> None:
    """R-114.4a: being sick was offered last."""
    chat.write("tired")
    chat.write("I feel sick")
    assert chat.write("yes") == ["status_changed"]
    assert chat.profile["status"] == "sick"


@pytest.mark.parametrize(
    ("text", "status"), [("I'm sick", "sick"), ("feeling unwell", "sick"), ("travelling all week", "traveling")]
)
def test_a_status_is_offered_and_changed_after_a_yes(chat: Chat, text: str, status: str) -> None:
    """R-114.3."""
    assert chat.write(text) == ["status_offer"]
    assert chat.profile["status"] == "active"
    assert chat.write("yes") == ["status_changed"]
    assert chat.profile["status"] == status
    assert chat.write("I'm back") == ["glad_to_go_on"]
    assert chat.profile["status"] == "active"


def test_pause_is_taken_at_its_word(chat: Chat) -> None:
    assert chat.write("Pause!") == ["status_changed"]
    assert chat.profile["status"] == "paused"


def test_nothing_is_offered_twice_with_a_no(chat: Chat) -> None:
    chat.write("sick")
    assert chat.write("no") == ["left_open"]
    assert chat.write("yes") == ["unknown_reply"]
    assert chat.profile["status"] == "active"


def test_s36_stop_and_start(chat: Chat) -> None:
    chat.person.plan("2026-05-04", plannedTime="12:00")
    assert chat.write("STOP") == ["stopped"]
    assert chat.profile["messageConsent"] is False
    chat.driver.advance("2026-05-05T12:00:00Z")
    assert chat.last()["template"] == "stopped"
    chat.at("2026-05-05T12:00:00Z")
    assert chat.write("done") == []
    assert chat.write("start") == ["started"]
    assert chat.profile["messageConsent"] is True
    chat.person.plan("2026-05-05", plannedTime="18:00")
    chat.driver.advance("2026-05-05T17:30:00Z")
    assert chat.last()["template"] == "workout_reminder"


def test_by_sms_the_carrier_confirms_a_stop(chat: Chat) -> None:
    assert chat.write("stop", channel="sms") == []
    assert chat.profile["messageConsent"] is False


def test_s36_a_reminder_falls_back_to_sms_once(chat: Chat, ivy: Ivy) -> None:
    chat.driver.data(chat.driver.client.put("/simulator/faults", json={"whatsapp": {"mode": "reject"}}))
    chat.person.plan("2026-05-04", plannedTime="12:00")
    chat.driver.advance("2026-05-04T11:30:00Z")
    found = rows(
        ivy.folder / "ivy.db",
        "SELECT channel, status, fallback_of_id IS NOT NULL FROM message WHERE template = 'workout_reminder' ORDER BY id",
    )
    assert found == [("WHATSAPP", "FAILED", 0), ("SMS", "DELIVERED", 1)]


@pytest.mark.parametrize("mode", ["silent", "error", "timeout", "reject"])
def test_what_is_urgent_arrives_by_sms_once_whatever_whatsapp_does(chat: Chat, ivy: Ivy, mode: str) -> None:
    """R-112: failing, slow, or accepting and never delivering."""
    chat.driver.data(chat.driver.client.put("/simulator/faults", json={"whatsapp": {"mode": mode}}))
    chat.person.plan("2026-05-04", plannedTime="12:00")
    chat.driver.advance("2026-05-04T11:30:00Z")
    by_sms = [row for row in chat.driver.outbox(kind="sms") if row["template"] == "workout_reminder"]
    by_whatsapp = chat.driver.outbox(kind="whatsapp", template="workout_reminder")
    assert len(by_sms) == (0 if mode == "timeout" else 1), "a lost answer is no lost message: its status tells"
    assert len(by_whatsapp) == (1 if mode in ("silent", "timeout") else 0)
    ends = rows(ivy.folder / "ivy.db", "SELECT status FROM message WHERE template = 'workout_reminder'")
    assert {status for (status,) in ends} <= {"FAILED", "DELIVERED", "READ"}


def test_a_late_delivery_does_not_undo_the_fallback(chat: Chat, ivy: Ivy) -> None:
    """R-111: FAILED is final."""
    chat.driver.data(chat.driver.client.put("/simulator/faults", json={"whatsapp": {"mode": "silent"}}))
    chat.person.plan("2026-05-04", plannedTime="12:00")
    chat.driver.advance("2026-05-04T11:30:00Z")
    [late] = chat.driver.outbox(kind="whatsapp", template="workout_reminder")
    chat.driver.post("/simulator/status", {"messageId": late["id"], "status": "delivered"})
    assert rows(ivy.folder / "ivy.db", "SELECT status, failed_reason FROM message WHERE id = ?", late["id"]) == [
        ("FAILED", "not delivered in time")
    ]


@pytest.mark.parametrize(("text", "resource"), [("i want to kill myself", "116 123"), ("my husband hit me again", "116 123")])
def test_s35_help_at_once_and_nothing_else(chat: Chat, ivy: Ivy, text: str, resource: str) -> None:
    boss = chat.driver.operator()
    chat.person.patch("/api/users/me", {"morningCallTime": "07:00", "eveningCallTime": "20:00", "callFrequency": 7})
    chat.person.complete(chat.person.plan("2026-05-04"))
    chat.driver.settle()
    workout = chat.person.plan("2026-05-05", plannedTime="12:00")
    assert chat.write(text) == ["safety_resources"]
    assert resource in chat.last()["body"]
    assert chat.person.get("/api/calls", status="SCHEDULED") == []
    [mail] = chat.driver.outbox(kind="email", template="safety_alert")
    assert (mail["to"], text in str(mail)) == (boss.email, False)
    before = len(chat.heard())
    chat.driver.advance("2026-05-06T07:59:00Z")
    assert len(chat.heard()) == before
    chat.driver.advance("2026-05-06T09:00:00Z")
    assert chat.last()["template"] == "wellbeing_check"
    chat.at("2026-05-06T09:00:00Z")
    assert chat.workout(workout)["status"] == "MISSED"
    assert chat.person.streak()["currentStreak"] == 1, "the days are excused"
    assert chat.write("done") == []
    assert chat.write("continue") == ["glad_to_go_on"]
    assert chat.person.streak()["currentStreak"] == 2
    chat.driver.job("plan_calls")
    assert chat.person.get("/api/calls", status="SCHEDULED") != []


def test_in_a_hold_help_is_given_again(chat: Chat, ivy: Ivy) -> None:
    chat.write("I want to die")
    assert chat.write("I still want to die") == ["safety_resources"]
    assert chat.write("call me") == []
    assert len(chat.driver.outbox(kind="email", template="safety_alert")) == 0, "there is no operator"


def test_elsewhere_the_country_is_meant(driver: Driver) -> None:
    """R-151."""
    person = driver.member("America/New_York", phone="+12025550143")
    person.post("/api/users/me/onboard")
    chat = Chat(driver, person, "+12025550143")
    chat.write("I want to end my life")
    assert "911" in chat.last()["body"]
    assert "findahelpline.com" in chat.last()["body"]


def test_acute_symptoms_are_for_a_doctor(chat: Chat) -> None:
    """R-152."""
    chat.person.plan("2026-05-04")
    assert chat.write("chest pain since the run") == ["health_concern"]
    assert "999" in chat.last()["body"]
    assert chat.profile["status"] == "sick"


def test_signs_of_disordered_eating_are_met_gently(chat: Chat) -> None:
    assert chat.write("been making myself sick") == ["health_concern"]
    assert chat.profile["status"] == "active"
    assert "GP" in chat.last()["body"]


@pytest.mark.parametrize(
    ("text", "at", "call_type", "when"),
    [
        ("call me", "2026-05-04T08:00:00Z", "RESCUE", "in a minute"),
        ("call me at 6", "2026-05-04T17:00:00Z", "FOLLOW_UP", "at 18:00"),
        ("please call me tomorrow at 7:15am", "2026-05-05T06:15:00Z", "FOLLOW_UP", "tomorrow at 07:15"),
    ],
)
def test_call_me(chat: Chat, ivy: Ivy, text: str, at: str, call_type: str, when: str) -> None:
    """R-106, R-114.10."""
    assert chat.write(text) == ["call_booked"]
    assert when in chat.last()["body"]
    chat.driver.advance(at)
    [rung] = chat.driver.outbox(kind="call")
    assert (rung["at"][:19] + "Z", rung["template"]) == (at, call_type)


def test_call_me_three_times_a_day_and_once_for_two_messages(chat: Chat) -> None:
    chat.driver.manual_phone()
    for minute in range(0, 40, 10):
        chat.at(f"2026-05-04T08:{minute:02d}:00Z")
        answers = chat.write("call me") + chat.write("call me")
        for call in chat.driver.get("/simulator/phone"):
            chat.driver.post(f"/simulator/phone/{call['callId']}", {"action": "answer", "seconds": 30})
    assert answers == ["call_not_possible"] * 2
    assert len(chat.driver.outbox(kind="call")) == 3


def test_by_night_who_asks_is_rung(chat: Chat) -> None:
    """R-106: quiet hours do not matter, because the member asked."""
    chat.at("2026-05-04T22:30:00Z")
    assert chat.write("call me please") == ["call_booked"]
    chat.driver.advance("2026-05-04T22:31:00Z")
    assert len(chat.driver.outbox(kind="call")) == 1


def test_who_wants_no_calls_is_told_why_not(chat: Chat) -> None:
    chat.person.patch("/api/users/me", {"callConsent": False})
    assert chat.write("call me") == ["call_not_possible"]
    assert "not agreed to" in chat.last()["body"]


def test_a_plan_is_taken_when_it_was_asked_for(chat: Chat, ivy: Ivy) -> None:
    """R-114.12: after a missed call."""
    chat.driver.manual_phone()
    chat.write("call me at 9:30")
    chat.driver.advance("2026-05-04T08:30:10Z")
    [call] = chat.driver.get("/simulator/phone")
    chat.driver.post(f"/simulator/phone/{call['callId']}", {"action": "decline"})
    assert chat.last()["template"] == "missed_call"
    assert chat.write("Swim at 18:00") == ["planned_by_message"]
    [made] = chat.person.get("/api/workouts")
    assert (made["activity"], made["plannedTime"], made["plannedDate"][:10]) == ("Swim", "18:00", "2026-05-04")
    assert chat.write("and a nap") == ["unknown_reply"]


def test_numbers_in_short(chat: Chat) -> None:
    chat.person.complete(chat.person.plan("2026-05-04"))
    chat.driver.settle()
    assert chat.write("stats") == ["stats_reply"]
    assert chat.last()["body"] == "Streak: 1. This week: 1 of 3. Given so far: £1."


def test_what_is_not_understood_is_said_once_in_six_hours(chat: Chat) -> None:
    assert [chat.write("hm") for _ in range(3)] == [["unknown_reply"], [], []]
    chat.at("2026-05-04T14:00:01Z")
    assert chat.write("hm") == ["unknown_reply"]


def test_a_voice_note_is_answered_with_a_request_for_text(chat: Chat, ivy: Ivy) -> None:
    """R-119: kept by its kind only."""
    note = {"from": PHONE[1:], "id": "wamid.v", "timestamp": "1777881600", "type": "audio", "audio": {"id": "1", "voice": True}}
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "messages": [note]}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}
    chat.driver.post("/webhooks/whatsapp", body)
    chat.driver.settle()
    assert chat.last()["template"] == "text_please"
    kept = rows(ivy.folder / "ivy.db", "SELECT message_type, body FROM message WHERE direction = 'INBOUND'")
    assert kept == [("audio", None)]


def test_no_more_than_six_automatic_messages_leave_on_one_day(chat: Chat, ivy: Ivy) -> None:
    """R-117; an answer is not counted."""
    for hour in range(10, 19):
        chat.person.plan("2026-05-04", plannedTime=f"{hour}:00")
    chat.driver.advance("2026-05-04T19:00:00Z")
    assert len(chat.heard()) == 6, "reminders before, and questions after"
    dropped = rows(ivy.folder / "ivy.db", "SELECT COUNT(*) FROM message WHERE failed_reason = 'ceiling'")
    assert dropped[0][0] >= 5
    chat.at("2026-05-04T19:00:00Z")
    assert chat.write("stats") == ["stats_reply"]
    chat.person.plan("2026-05-05", plannedTime="12:00")
    chat.driver.advance("2026-05-05T11:30:00Z")
    assert chat.last()["template"] == "workout_reminder", "the next day begins anew"


def test_by_night_automatic_messages_wait_and_those_without_purpose_are_dropped(chat: Chat, ivy: Ivy) -> None:
    """R-116: a completion at 22:00 is told of in the morning, a reminder for half past nine at a quarter past."""
    chat.at("2026-05-04T20:00:00Z")
    chat.person.plan("2026-05-04", plannedTime="22:30")
    chat.person.complete(chat.person.plan("2026-05-04", "Read"))
    chat.driver.advance("2026-05-05T06:30:00Z")
    found = {row["template"]: row["at"] for row in chat.heard()}
    assert found["workout_reminder"] == "2026-05-04T21:15:00.000Z"
    assert found["completion_confirmation"] == "2026-05-05T06:00:00.000Z"


def test_a_message_that_comes_a_day_late_counts_for_when_it_was_written(chat: Chat) -> None:
    """PROVIDERS 2.6: WhatsApp delivers for up to seven days."""
    workout = chat.person.plan("2026-05-04")
    chat.at("2026-05-05T01:30:00Z")
    chat.driver.post("/webhooks/whatsapp", _text("wamid.late", "done", "1777906800"))  # 4 May, 15:00 UTC
    chat.driver.settle()
    assert chat.workout(workout)["creditedDate"] == "2026-05-04"


def _text(wamid: str, text: str, timestamp: str) -> Json:
    message = {"from": PHONE[1:], "id": wamid, "timestamp": timestamp, "type": "text", "text": {"body": text}}
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "messages": [message]}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}
