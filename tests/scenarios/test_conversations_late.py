"""Messages that come late, in the wrong order, after midnight, from unusual senders (R-31, R-32, R-113, R-114, R-151)."""

from datetime import datetime
from typing import Any

import pytest

from ivy_engine.engine import Ivy
from tests.conftest import rows
from tests.driver import Driver
from tests.scenarios.test_conversations import PHONE, Chat

Json = Any


@pytest.fixture
def chat(driver: Driver) -> Chat:
    ana = driver.member(phone=PHONE)
    ana.patch("/api/users/me", {"minimumMode": "10 minute walk"})
    ana.post("/api/users/me/onboard")
    return Chat(driver, ana)


def delivered(chat: Chat, text: str, written: str, **message: Any) -> list[str]:
    """A message that was written at another time than now; the templates of what came back."""
    before = len(chat.heard())
    at = str(int(datetime.fromisoformat(written).timestamp()))
    body = {"from": PHONE[1:], "id": f"wamid.{text}.{at}", "timestamp": at, "type": "text", "text": {"body": text}, **message}
    chat.driver.post("/webhooks/whatsapp", change({"messages": [body]}))
    chat.driver.settle()
    return [row["template"] for row in chat.heard()[before:]]


def change(value: Json, field: str = "messages") -> Json:
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, **value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": field, "value": value}]}]}


@pytest.mark.parametrize(
    ("asked", "status"), [(["didn't"], "SKIPPED"), (["done, exhausted"], "COMPLETED")], ids=["skip question", "done or tired"]
)
def test_a_yes_after_midnight_is_about_what_was_asked(chat: Chat, asked: list[str], status: str) -> None:
    """R-114.4a: Monday's run, and not what is planned for Tuesday."""
    run, swim = chat.person.plan("2026-05-04", "Run"), chat.person.plan("2026-05-05", "Swim", plannedTime="18:00")
    chat.at("2026-05-04T22:30:00Z")  # 23:30 in London
    for text in asked:
        chat.write(text)
    chat.at("2026-05-04T23:20:00Z")
    chat.write("yes")
    assert (chat.workout(run)["status"], chat.workout(swim)["status"]) == (status, "PLANNED")
    if status == "COMPLETED":
        assert chat.workout(run)["creditedDate"] == "2026-05-04"


def test_the_minimum_of_yesterday_is_not_agreed_on_today(chat: Chat) -> None:
    chat.person.plan("2026-05-04", "Run")
    chat.at("2026-05-04T19:30:00Z")
    chat.write("tired")
    chat.at("2026-05-04T23:20:00Z")
    assert chat.write("yes") == ["unknown_reply"]


@pytest.mark.parametrize("then", ["pause", "i can't breathe"])
def test_the_word_after_a_hold_comes_whatever_was_said_meanwhile(chat: Chat, then: str) -> None:
    """R-153."""
    chat.write("I want to die")
    chat.write(then)
    chat.driver.advance("2026-05-06T09:00:00Z")
    assert chat.last()["template"] == "wellbeing_check"


@pytest.mark.parametrize("concern", ["chest pain since the stairs", "been making myself sick"])
def test_after_symptoms_no_minimum_is_negotiated(chat: Chat, concern: str) -> None:
    """R-152: what was asked before is not open any more."""
    workout = chat.person.plan("2026-05-04")
    chat.write("tired")
    chat.write(concern)
    assert chat.write("ok") == ["unknown_reply"]
    assert chat.workout(workout)["isMinimum"] is False


def test_who_is_sick_is_not_rescued(chat: Chat) -> None:
    chat.write("chest pain")
    assert chat.write("exhausted") == ["left_open"]


def test_nobody_is_rung_because_of_an_old_message(chat: Chat) -> None:
    """PROVIDERS 2.6: up to seven days late."""
    chat.at("2026-05-05T20:00:00Z")
    assert delivered(chat, "call me", "2026-05-04T08:00:00Z") == []
    chat.driver.advance("2026-05-05T20:05:00Z")
    assert chat.driver.outbox(kind="call") == []


def test_rest_is_for_the_day_on_which_it_was_written(chat: Chat) -> None:
    run, swim = chat.person.plan("2026-05-04", "Run"), chat.person.plan("2026-05-05", "Swim")
    chat.at("2026-05-04T23:03:00Z")  # 00:03 in London
    assert delivered(chat, "rest", "2026-05-04T22:58:00Z") == ["rest_day_logged"]
    assert (chat.workout(run)["status"], chat.workout(swim)["status"]) == ("SKIPPED", "PLANNED")


def test_done_is_for_the_day_on_which_it_was_written(chat: Chat) -> None:
    run, swim = chat.person.plan("2026-05-04", "Run"), chat.person.plan("2026-05-05", "Swim")
    chat.at("2026-05-04T23:03:00Z")
    delivered(chat, "done", "2026-05-04T22:58:00Z")
    assert (chat.workout(run)["creditedDate"], chat.workout(swim)["status"]) == ("2026-05-04", "PLANNED")


def test_done_that_comes_after_the_close_completes_what_was_missed(chat: Chat) -> None:
    run = chat.person.plan("2026-05-04", "Run")
    chat.at("2026-05-05T06:00:00Z")
    chat.driver.job("day_close")
    delivered(chat, "done", "2026-05-04T20:00:00Z")
    assert [(row["status"], row["creditedDate"]) for row in chat.person.get("/api/workouts")] == [("COMPLETED", "2026-05-04")]
    assert run["id"]


def test_a_start_from_before_the_stop_changes_nothing(chat: Chat) -> None:
    chat.at("2026-05-04T12:00:00Z")
    chat.write("stop")
    chat.at("2026-05-04T13:00:00Z")
    assert delivered(chat, "start", "2026-05-04T11:00:00Z") == []
    assert chat.profile["messageConsent"] is False


def test_a_second_stop_is_not_confirmed_again(chat: Chat) -> None:
    """S-36: one confirmation."""
    assert [chat.write("stop"), chat.write("STOP")] == [["stopped"], []]
    assert [chat.write("start"), chat.write("start")] == [["started"], []]


def test_an_old_message_opens_no_window_for_free_text(chat: Chat) -> None:
    """R-113."""
    chat.at("2026-05-06T08:00:00Z")
    delivered(chat, "hm", "2026-05-04T09:00:00Z")
    chat.person.plan("2026-05-06", plannedTime="12:00")
    chat.driver.advance("2026-05-06T11:00:00Z")
    assert chat.last()["payload"]["type"] == "template"


def test_a_reminder_does_not_come_after_the_start(chat: Chat) -> None:
    """J-4: by WhatsApp it was never delivered, and by SMS it would be too late."""
    chat.driver.data(chat.driver.client.put("/simulator/faults", json={"whatsapp": {"mode": "silent"}}))
    chat.at("2026-05-04T10:57:00Z")
    chat.person.plan("2026-05-04", plannedTime="12:00")
    chat.driver.advance("2026-05-04T11:30:00Z")
    assert [row for row in chat.driver.outbox(kind="sms") if row["template"] == "workout_reminder"] == []


def test_a_reminder_of_a_time_that_was_changed_is_dropped(chat: Chat) -> None:
    chat.driver.data(chat.driver.client.put("/simulator/faults", json={"whatsapp": {"mode": "silent"}}))
    workout = chat.person.plan("2026-05-04", plannedTime="12:00")
    chat.driver.advance("2026-05-04T10:46:00Z")
    chat.person.patch(f"/api/workouts/{workout['id']}", {"plannedTime": "18:00"})
    chat.driver.advance("2026-05-04T11:30:00Z")
    assert [row for row in chat.driver.outbox(kind="sms") if row["template"] == "workout_reminder"] == []


@pytest.mark.parametrize("before", ["api", "rest"])
def test_where_nothing_is_left_to_rescue_a_yes_plans_nothing(chat: Chat, before: str) -> None:
    """R-155."""
    workout = chat.person.plan("2026-05-04")
    chat.write("tired")
    if before == "api":
        chat.person.complete(workout)
    else:
        chat.person.post("/api/users/me/rest-days", {"date": "2026-05-04"})
    chat.driver.settle()
    assert chat.write("ok") == [{"api": "already_logged", "rest": "rest_day_logged"}[before]]
    assert len(chat.person.get("/api/workouts")) == 1
    assert chat.write("help") == ["help_words"]


def test_the_minimum_is_asked_about_once(chat: Chat) -> None:
    chat.person.plan("2026-05-04")
    for _ in range(2):
        chat.write("tired")
        chat.write("yes")
    chat.driver.advance("2026-05-04T10:00:00Z")
    assert [row["template"] for row in chat.heard()].count("minimum_check") == 1


def test_a_third_rest_day_is_not_said_to_save_the_streak(chat: Chat) -> None:
    """R-34 b, D-15."""
    bodies = []
    for day in (4, 5, 6):
        chat.at(f"2026-05-0{day}T12:00:00Z")
        chat.write("rest")
        bodies.append("streak" in chat.last()["body"])
    assert bodies == [True, True, False]


def test_whoever_wants_to_be_left_in_peace_is(chat: Chat) -> None:
    """R-117: three questions unanswered, one whether to go on, and a no."""
    for day in range(4, 9):
        chat.person.plan(f"2026-05-0{day}", plannedTime="12:00")
    chat.driver.advance("2026-05-07T12:30:00Z")
    asked = [row["template"] for row in chat.heard() if row["template"] in ("completion_check", "still_welcome")]
    assert asked == ["completion_check"] * 3 + ["still_welcome"]
    assert chat.write("no") == ["fewer_messages"]
    before = len(chat.heard())
    chat.driver.advance("2026-05-20T12:00:00Z")
    assert len(chat.heard()) == before


@pytest.mark.parametrize("text", ["CANCEL", "end", "Quit", "revoke", "STOPALL"])
def test_by_sms_the_carriers_words_are_a_stop(chat: Chat, text: str) -> None:
    """PROVIDERS 3.5."""
    assert chat.write(text, channel="sms") == []
    assert chat.profile["messageConsent"] is False


def by_twilio(chat: Chat, **form: str) -> None:
    form = {"MessageSid": "SM" + "1" * 32, "From": PHONE, "To": "+15005550100", "NumMedia": "0", **form}
    assert chat.driver.client.post("/webhooks/twilio", data=form).status_code == 200
    chat.driver.settle()


def test_what_the_carrier_understood_counts(chat: Chat) -> None:
    by_twilio(chat, Body="arret", OptOutType="STOP")
    assert chat.profile["messageConsent"] is False


def test_a_picture_by_sms_is_answered(chat: Chat) -> None:
    """R-119."""
    by_twilio(chat, Body="", NumMedia="1")
    assert chat.last()["template"] == "text_please"


def test_a_provider_that_says_stop_is_believed(chat: Chat) -> None:
    """PROVIDERS 2.7: 131050 is a withdrawal, and nothing goes by SMS instead."""
    chat.driver.data(chat.driver.client.put("/simulator/faults", json={"whatsapp": {"mode": "silent"}}))
    chat.person.complete(chat.person.plan("2026-05-04"))
    chat.driver.settle()
    chat.driver.post("/simulator/status", {"messageId": chat.last()["id"], "status": "failed", "errorCode": "131050"})
    assert chat.driver.outbox(kind="sms") == []
    assert chat.profile["messageConsent"] is False


def test_who_writes_without_a_number_is_known_by_the_contact(chat: Chat) -> None:
    """PROVIDERS 2.3."""
    message = {"from_user_id": "GB.123", "id": "wamid.bsuid", "timestamp": "1777881600", "type": "text", "text": {"body": "stop"}}
    chat.driver.post(
        "/webhooks/whatsapp", change({"contacts": [{"wa_id": PHONE[1:], "user_id": "GB.123"}], "messages": [message]})
    )
    chat.driver.settle()
    assert chat.profile["messageConsent"] is False


def test_a_brazilian_number_without_its_ninth_digit(driver: Driver) -> None:
    """PROVIDERS 2.1."""
    person = driver.member("America/Sao_Paulo", phone="+5511987654321")
    person.post("/api/users/me/onboard")
    message = {"from": "551187654321", "id": "wamid.br", "timestamp": "1777881600", "type": "text", "text": {"body": "stop"}}
    driver.post("/webhooks/whatsapp", change({"messages": [message]}))
    driver.settle()
    assert person.get("/api/users/me")["messageConsent"] is False


def test_other_fields_of_a_webhook_are_none_of_our_business(chat: Chat) -> None:
    """PROVIDERS 2.6."""
    message = {"from": PHONE[1:], "id": "wamid.other", "timestamp": "1777881600", "type": "text", "text": {"body": "stop"}}
    chat.driver.post("/webhooks/whatsapp", change({"messages": [message]}, field="account_update"))
    chat.driver.settle()
    assert chat.profile["messageConsent"] is True


def test_of_strangers_nothing_is_kept_but_that_they_wrote(chat: Chat, ivy: Ivy) -> None:
    """R-114."""
    message = {"from": "447700900999", "id": "wamid.s", "timestamp": "1777881600", "type": "text", "text": {"body": "my secret"}}
    chat.driver.post("/webhooks/whatsapp", change({"messages": [message]}))
    chat.driver.settle()
    assert rows(ivy.folder / "ivy.db", "SELECT status, payload FROM inbound_event WHERE event_id = 'message:wamid.s'") == [
        ("HANDLED", None)
    ]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("call me tomorrow", "tomorrow at 09:00"),
        ("call me tonight", "at 19:00"),
        ("call me in an hour", "at 10:00"),
        ("call me in 20 minutes", "at 09:20"),
        ("call me later", "at 10:00"),
    ],
)
def test_call_me_some_other_time(chat: Chat, text: str, when: str) -> None:
    assert chat.write(text) == ["call_booked"]
    assert when in chat.last()["body"]


@pytest.mark.parametrize("text", ["did you call me?", "don't ever call me", "who told you to call me"])
def test_who_does_not_want_to_be_called_is_not(chat: Chat, text: str) -> None:
    assert chat.write(text) == ["unknown_reply"]
