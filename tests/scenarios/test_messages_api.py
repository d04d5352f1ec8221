"""`/api/messages`: the list of one's own, and having a message sent (RULEBOOK 7.3, R-113, R-116, R-117, R-120, R-167)."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ivy_engine.actions.messages.requests import NEVER_ASKED_FOR, TO_ONESELF
from ivy_engine.engine import Ivy
from ivy_engine.settings import Limits
from ivy_engine.wording import templates
from tests.conftest import UNLIMITED, rows
from tests.driver import Driver, Person

Json = Any
UNKNOWN = "0199a1b2-1234-7abc-8def-0123456789ab"
SEND = "/api/messages/send"
FIELDS = {
    "id", "userId", "channel", "direction", "messageType", "template", "body", "status", "whatsappId", "twilioSid",
    "fallbackOfId", "callId", "workoutId", "failedReason", "createdAt", "sentAt", "deliveredAt", "readAt",
}  # fmt: skip


@pytest.fixture
def ana(driver: Driver) -> Person:
    return driver.callable_member()


def nudge(streak: str = "5", **more: Any) -> Json:
    return {"channel": "WHATSAPP", "templateId": "motivational_nudge", "templateParams": {"streak": streak}, **more}


def stats(**more: Any) -> Json:
    figures = {"streak": "1", "done": "1", "goal": "3", "given": "£1"}
    return {"channel": "SMS", "templateId": "stats_reply", "templateParams": figures, **more}


def sent(person: Person, body: Json) -> httpx.Response:
    return person.call("POST", SEND, body)


def refused(person: Person, body: Json, status: int) -> Json:
    return person.driver.error(sent(person, body), status)


def test_a_member_has_a_message_sent(driver: Driver, ana: Person) -> None:
    told = ana.post(SEND, nudge(messageType="nudge"), 201)
    assert set(told) == FIELDS
    assert (told["userId"], told["channel"], told["direction"], told["messageType"]) == (ana.id, "WHATSAPP", "OUTBOUND", "nudge")
    assert told["body"].startswith("Your streak stands at 5.")
    assert (told["status"], told["createdAt"]) == ("QUEUED", "2026-05-04T08:00:00.000Z")
    driver.settle()
    [given] = driver.outbox(kind="whatsapp")
    assert (given["id"], given["body"]) == (told["id"], told["body"])
    listed = ana.get("/api/messages", channel="whatsapp")
    assert (listed[0]["status"], listed[0]["whatsappId"] is not None) == ("DELIVERED", True)


def test_by_the_channel_that_is_named_in_any_letter_case(driver: Driver, ana: Person) -> None:
    ana.put("/api/users/me/preferences", {"channel": "whatsapp"})
    ana.post(SEND, stats(channel="sms"), 201)
    driver.settle()
    assert [given["template"] for given in driver.outbox(kind="sms")] == ["stats_reply"]


def test_the_list_has_ones_own_in_both_directions_newest_first(driver: Driver, ana: Person) -> None:
    ben = driver.member()
    driver.clock("2026-05-04T09:00:00Z")
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "done"})
    listed = ana.get("/api/messages")
    assert {tuple(sorted(row)) for row in listed} == {tuple(sorted(FIELDS))}
    assert [(row["channel"], row["direction"]) for row in listed][1:] == [("WHATSAPP", "INBOUND"), ("EMAIL", "OUTBOUND")]
    assert (listed[1]["body"], listed[1]["messageType"], listed[1]["template"]) == ("done", "text", None)
    assert listed[2]["template"] == "magic_link"
    assert [row["template"] for row in ben.get("/api/messages")] == ["magic_link"]
    assert ana.get("/api/messages", channel="SMS") == []
    assert [row["channel"] for row in ana.get("/api/messages", channel="email")] == ["EMAIL"]
    driver.error(ana.call("GET", "/api/messages", channel="PIGEON"), 422)


def test_a_mail_is_never_shown_not_even_while_it_waits(driver: Driver, ana: Person) -> None:
    """It carries a link that signs in."""
    driver.data(driver.client.put("/simulator/faults", json={"email": {"mode": "error"}}))
    driver.post("/api/auth/magic-link", {"email": ana.email})
    driver.settle()
    [waits] = [row for row in ana.get("/api/messages", channel="EMAIL") if row["status"] == "QUEUED"]
    assert waits["body"] is None


def test_the_list_comes_in_pages(driver: Driver, ana: Person) -> None:
    for number in range(5):
        driver.clock(f"2026-05-04T10:0{number // 2}:00Z")  # some at one instant: their ids decide
        ana.post(SEND, stats(), 201)
    whole = ana.get("/api/messages", limit=100)
    first = ana.call("GET", "/api/messages", limit=4).json()
    rest = ana.call("GET", "/api/messages", limit=4, cursor=first["meta"]["nextCursor"]).json()
    assert (first["meta"]["total"], rest["meta"]["nextCursor"]) == (len(whole), None)
    assert first["data"] + rest["data"] == whole
    assert ana.get("/api/messages", limit=4, page=2) == rest["data"]


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        (nudge(templateId="nothing"), "templateId", "no such template"),
        (nudge(templateId="magic_link"), "templateId", "no such template"),
        (nudge(templateParams={}), "templateParams.streak", "needed"),
        (nudge(templateParams={"streak": "5", "colour": "green"}), "templateParams.colour", "no such parameter"),
        (nudge(templateParams={"streak": 5}), "templateParams.streak", "write text"),
        (nudge(streak="5" * 201), "templateParams.streak", "at most 200"),
        (nudge(templateParams=[]), "templateParams", "object"),
        (nudge(channel="EMAIL"), "channel", "use one of"),
        (nudge(messageType="reminder"), "messageType", "of the type nudge"),
        (nudge(userId="ana"), "userId", "not an id"),
    ],
)
def test_what_does_not_fit(driver: Driver, ana: Person, body: Json, field: str, says: str) -> None:
    error = refused(ana, body, 422)
    assert [detail["path"] for detail in error["details"]] == [f"body.{field}"]
    assert says in error["message"]
    assert driver.outbox(kind="whatsapp") == []


def test_every_missing_parameter_is_named(ana: Person) -> None:
    error = refused(ana, stats(templateParams={"given": "£1"}), 422)
    assert [detail["path"].rpartition(".")[2] for detail in error["details"]] == ["streak", "done", "goal"]


def test_the_lists_of_templates_are_of_templates() -> None:
    assert set(templates.names()) >= TO_ONESELF | NEVER_ASKED_FOR
    assert not TO_ONESELF & NEVER_ASKED_FOR
    assert not any(templates.kind(name).in_hold or templates.kind(name).mail for name in TO_ONESELF)


def test_members_may_not_send_everything(driver: Driver, ana: Person) -> None:
    done = {"activity": "Run"}
    for person in (ana, driver.member()):
        body = {"channel": "SMS", "templateId": "already_logged", "templateParams": done}
        assert refused(person, body, 403)["code"] == "FORBIDDEN"
    operator = driver.operator(phone="+447700900109")
    operator.post("/api/users/me/onboard")
    operator.post(SEND, {"channel": "SMS", "templateId": "already_logged", "templateParams": done}, 201)
    for template in ("safety_resources", "wellbeing_check", "stopped"):
        for person in (ana, operator):
            assert refused(person, {"channel": "SMS", "templateId": template}, 403)["code"] == "FORBIDDEN"


def test_an_operator_writes_to_somebody_and_it_is_written_down(driver: Driver, ivy: Ivy, ana: Person) -> None:
    """R-167."""
    operator, ben = driver.operator(), driver.member()
    told = operator.post(SEND, nudge(userId=ana.id), 201)
    assert told["userId"] == ana.id
    assert (operator.id, "message_sent", ana.id) in rows(ivy.folder / "ivy.db", "SELECT actor_id, action, member_id FROM audit")
    refused(operator, nudge(userId=UNKNOWN), 404)
    for stranger in (ana, ben):
        for whom in (operator.id, UNKNOWN):
            assert refused(stranger, nudge(userId=whom), 403)["message"] == "Only an operator may write to somebody else."
    ben.patch("/api/users/me", {"phone": "+447700900102", "messageConsent": True})
    ben.post(SEND, nudge(userId=ben.id), 201)  # oneself, by name
    audit = rows(ivy.folder / "ivy.db", "SELECT COUNT(*) FROM audit WHERE action = 'message_sent'")
    assert audit == [(1,)]


def stop(driver: Driver, ivy: Ivy, ana: Person) -> str:
    ana.put("/api/users/me/consents", {"messages": False})
    return "Messages were not agreed to."


def no_phone(driver: Driver, ivy: Ivy, ana: Person) -> str:
    ana.patch("/api/users/me", {"phone": ""})
    return "There is no phone number."


def hold(driver: Driver, ivy: Ivy, ana: Person) -> str:
    with ivy.db.write():
        ivy.db.changed("UPDATE member SET hold_since = 1 WHERE id = ?", ana.id)
    return "Messages are on hold."


def switched_off(driver: Driver, ivy: Ivy, ana: Person) -> str:
    ana.put("/api/users/me/preferences", {"checkIns": False})
    return "Messages of this kind are switched off in the preferences."


def away(driver: Driver, ivy: Ivy, ana: Person) -> str:
    ana.post("/api/users/me/pause", {"reason": "break"})
    return "The member is away."


def declared_rest(driver: Driver, ivy: Ivy, ana: Person) -> str:
    ana.post("/api/users/me/rest-days", {"date": "2026-05-04"})
    return "Today is a rest day."


def not_one_of_the_days(driver: Driver, ivy: Ivy, ana: Person) -> str:
    ana.patch("/api/users/me", {"preferredDays": ["tuesday"]})
    return "Today is a rest day."


def night(driver: Driver, ivy: Ivy, ana: Person) -> str:
    driver.clock("2026-05-04T20:30:00Z")
    return "It is night there, and in the morning this would come too late."


def many_today(driver: Driver, ivy: Ivy, ana: Person) -> str:
    for _ in range(6):
        ana.post(SEND, stats(), 201)
        driver.settle()
    return "There have been enough messages for today."


def unanswered(driver: Driver, ivy: Ivy, ana: Person) -> str:
    """Three questions on three days, and no word since."""
    for day in (4, 5, 6):
        driver.clock(f"2026-05-0{day}T09:00:00Z")
        ana.post(SEND, {"channel": "SMS", "templateId": "completion_check", "templateParams": {"activity": "Run"}}, 201)
        driver.settle()
    return "The last questions were left unanswered: there are no more until the member is in touch again."


@pytest.mark.parametrize(
    "against",
    [stop, no_phone, hold, switched_off, away, declared_rest, not_one_of_the_days, night, many_today, unanswered],
)
def test_what_would_not_be_sent_is_refused_and_leaves_nothing(
    driver: Driver, ivy: Ivy, ana: Person, against: Callable[[Driver, Ivy, Person], str]
) -> None:
    says = against(driver, ivy, ana)
    before = rows(ivy.folder / "ivy.db", "SELECT id, status FROM message")
    error = refused(ana, nudge(), 409)
    assert (error["code"], error["message"]) == ("CONFLICT", says)
    assert rows(ivy.folder / "ivy.db", "SELECT id, status FROM message") == before


def test_a_closed_account_is_written_to_no_more(driver: Driver, ana: Person) -> None:
    operator = driver.operator()
    ana.delete(f"/api/users/{ana.id}")
    assert refused(operator, nudge(userId=ana.id), 409)["message"] == "The account is closed."


def test_a_nudge_comes_once_on_each_local_day(driver: Driver, ana: Person) -> None:
    """Also when one is the member's own and the other an operator's."""
    ana.post(SEND, nudge(), 201)
    operator = driver.operator()
    for person in (ana, operator):
        assert refused(person, nudge(userId=ana.id), 409)["message"] == "There has been a nudge today."
    driver.clock("2026-05-04T22:59:00Z")
    refused(ana, nudge(), 409)
    driver.clock("2026-05-05T08:00:00Z")
    ana.post(SEND, nudge("6"), 201)


def test_in_the_quiet_hours_it_waits_for_the_morning(driver: Driver, ana: Person) -> None:
    driver.clock("2026-05-04T21:30:00Z")
    assert ana.post(SEND, stats(), 201)["status"] == "QUEUED"
    driver.settle()
    assert driver.outbox(kind="sms") == []
    driver.advance("2026-05-05T06:00:00Z")
    assert [given["template"] for given in driver.outbox(kind="sms")] == ["stats_reply"]


def test_so_many_a_minute(drive: Callable[..., Driver]) -> None:
    """7.1: for each member."""
    driver = drive(limits=UNLIMITED.model_copy(update={"message_send": "2/60"}))
    ana, ben = driver.callable_member(), driver.callable_member(phone="+447700900102")
    for _ in range(2):
        ana.post(SEND, stats(), 201)
    over = sent(ana, stats())
    assert driver.error(over, 429)["code"] == "RATE_LIMITED"
    assert over.headers["RateLimit-Limit"] == "2"
    ben.post(SEND, stats(), 201)
    assert Limits().message_send == "20/60"
