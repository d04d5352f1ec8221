"""S-33: a member writes "done"."""

from typing import Any

from tests.driver import Driver, Person


def whatsapp(message_id: str, text: str, sender: str = "447700900101") -> Any:
    message = {"from": sender, "id": message_id, "timestamp": "1777881600", "type": "text", "text": {"body": text}}
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "messages": [message]}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}


def texting_member(driver: Driver) -> Person:
    ana = driver.member(phone="+447700900101")
    ana.post("/api/users/me/onboard")
    return ana


def templates(driver: Driver, ana: Person) -> list[str]:
    return [message["template"] for message in reversed(driver.outbox(kind="whatsapp", to=ana.email))]


def test_s33_whatsapp_done(driver: Driver) -> None:
    ana = texting_member(driver)
    workout = ana.plan("2026-05-04")
    for _ in range(2):
        assert driver.post("/webhooks/whatsapp", whatsapp("wamid.1", "Done!")) == {"received": True}
        driver.settle()
    done = ana.get(f"/api/workouts/{workout['id']}")
    assert (done["status"], done["loggedVia"]) == ("COMPLETED", "whatsapp")
    assert templates(driver, ana) == ["completion_confirmation"]

    driver.post("/webhooks/whatsapp", whatsapp("wamid.2", "done"))
    driver.settle()
    assert templates(driver, ana) == ["completion_confirmation", "already_logged"]
    assert len(ana.get("/api/donations")) == 1


def test_a_reply_is_free_text_and_says_what_was_given(driver: Driver) -> None:
    """R-113: within a day of the member's own message."""
    ana = texting_member(driver)
    ana.plan("2026-05-04")
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "did it"})
    sent = driver.outbox(kind="whatsapp", to="+447700900101")[0]
    assert sent["payload"]["type"] == "text"
    assert "£1 for Against Malaria Foundation" in sent["body"]
    assert sent["status"] == "DELIVERED"


def test_done_means_the_earliest_open_one_by_sms_and_by_button(driver: Driver) -> None:
    """R-114.7, R-115, and SMS through Twilio's signed form."""
    ana = texting_member(driver)
    first, second = ana.plan("2026-05-04", plannedTime="7:05"), ana.plan("2026-05-04", plannedTime="07:04")
    driver.post("/simulator/messages", {"from": "447700900101", "channel": "sms", "text": "Finished"})
    assert ana.get(f"/api/workouts/{second['id']}")["loggedVia"] == "sms"
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "button": "DONE"})
    assert ana.get(f"/api/workouts/{first['id']}")["loggedVia"] == "whatsapp"


def test_done_with_nothing_planned_makes_a_workout(driver: Driver) -> None:
    """R-114.7."""
    ana = texting_member(driver)
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "done"})
    [made] = ana.get("/api/workouts")
    assert (made["status"], made["creditedDate"], made["loggedVia"]) == ("COMPLETED", "2026-05-04", "whatsapp")


def test_done_after_midnight_is_yesterdays(driver: Driver) -> None:
    """R-32."""
    ana = texting_member(driver)
    workout = ana.plan("2026-05-04")
    driver.clock("2026-05-05T00:30:00Z")  # 01:30 in London
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "done"})
    assert ana.get(f"/api/workouts/{workout['id']}")["creditedDate"] == "2026-05-04"


def test_what_is_not_done_is_never_logged(driver: Driver) -> None:
    """S-34's phrases: no completion, and no cheer."""
    ana = texting_member(driver)
    workout = ana.plan("2026-05-04")
    phrases = ["not done yet", "I'm done, too tired", "I abandoned my phone", "didn't finish", "I want to end it all, done"]
    for number, text in enumerate(phrases):
        driver.post("/webhooks/whatsapp", whatsapp(f"wamid.{number}", text))
        driver.settle()
    assert ana.get(f"/api/workouts/{workout['id']}")["status"] == "PLANNED"
    answered = ["rescue_support", "done_or_tired", "unknown_reply", "rescue_support", "safety_resources"]
    assert templates(driver, ana) == answered


def test_a_stranger_gets_no_answer(driver: Driver) -> None:
    texting_member(driver)
    before = len(driver.outbox())
    driver.post("/webhooks/whatsapp", whatsapp("wamid.9", "done", sender="447700900999"))
    driver.settle()
    assert len(driver.outbox()) == before


def test_one_bad_item_does_not_lose_the_others(driver: Driver) -> None:
    """Every message of every change of every entry (R-114)."""
    ana = texting_member(driver)
    workout = ana.plan("2026-05-04")
    body = whatsapp("wamid.7", "done")
    body["entry"].insert(0, {"changes": [{"value": {"messages": [{"id": 5}, "x"], "statuses": [{"status": "sent"}]}}, 3]})
    driver.post("/webhooks/whatsapp", body)
    driver.settle()
    assert ana.get(f"/api/workouts/{workout['id']}")["status"] == "COMPLETED"


def test_an_answer_goes_by_the_channel_that_was_written_on(driver: Driver) -> None:
    ana = texting_member(driver)
    for text in ("done", "done"):
        driver.post("/simulator/messages", {"from": "+447700900101", "channel": "sms", "text": text})
    assert [sent["template"] for sent in driver.outbox(kind="sms")] == ["already_logged", "completion_confirmation"]
    assert driver.outbox(kind="whatsapp", to=ana.email) == []


def test_the_outbox_finds_a_phone_however_it_is_written(driver: Driver) -> None:
    ana = texting_member(driver)
    ana.complete(ana.plan("2026-05-04"))
    driver.settle()
    for to in ("+447700900101", "447700900101", " 447700900101", "+44 7700 900101", ana.email):
        assert {sent["kind"] for sent in driver.outbox(to=to)} == {"email", "whatsapp"}
    for nobody in ("12", "+", "nobody@example.com"):
        assert driver.outbox(to=nobody) == []
