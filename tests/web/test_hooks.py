"""Webhooks: verified over the raw body, refused without effect, unsigned only from this machine for the simulated."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ivy_engine import jobs
from ivy_engine.engine import Ivy
from ivy_engine.plugins import retell, stripe, twilio, whatsapp
from ivy_engine.web.app import create_app
from tests.conftest import rows
from tests.driver import Driver

BODIES = {
    "retell": b'{"event": "call_started", "call": {"call_id": "call_1"}}',
    "whatsapp": b'{"object": "whatsapp_business_account", "entry": [{"changes": [{"value": {"messages": '
    b'[{"id": "wamid.1", "from": "447700900101", "type": "text", "text": {"body": "hi"}}]}}]}]}',
    "twilio": b"MessageSid=SM1&From=%2B447700900101&Body=hi&SmsStatus=received",
    "stripe": b'{"id": "evt_1", "type": "invoice.paid", "created": 1, "data": {"object": {"customer": "cus_1"}}}',
}
SECRETS = {
    "retell": {"webhook_key": "key-1"},
    "whatsapp": {"app_secret": "key-1", "verify_token": "hello"},
    "twilio": {"auth_token": "key-1"},
    "stripe": {"webhook_secret": "key-1"},
}
REFUSED = {"retell": 401, "whatsapp": 401, "twilio": 401, "stripe": 400}


@pytest.fixture
def app(open_engine: Callable[..., Ivy]) -> Iterator[Callable[..., tuple[Ivy, httpx.Client]]]:
    clients: list[httpx.Client] = []

    def build(peer: str = "127.0.0.1", **settings: Any) -> tuple[Ivy, httpx.Client]:
        ivy = open_engine(**settings)
        jobs.prepare(ivy)
        transport = httpx.WSGITransport(create_app(ivy), remote_addr=peer)
        clients.append(httpx.Client(transport=transport, base_url="http://127.0.0.1"))
        return ivy, clients[-1]

    yield build
    for client in clients:
        client.close()


def signed(ivy: Ivy, name: str, body: bytes, key: str = "key-1") -> dict[str, str]:
    wall = ivy.clock.wall()
    if name == "retell":
        return {retell.SIGNATURE: retell.sign(key, body, wall)}
    if name == "whatsapp":
        return {whatsapp.SIGNATURE: whatsapp.sign(key, body)}
    if name == "stripe":
        return {stripe.SIGNATURE: stripe.sign(key, body, wall)}
    url = f"{ivy.settings.public_url}/webhooks/twilio"
    return {twilio.SIGNATURE: twilio.sign(key, url, twilio.read_form(body))}


def kept(ivy: Ivy) -> int:
    count: int = rows(ivy.folder / "ivy.db", "SELECT COUNT(*) FROM inbound_event")[0][0]
    return count


@pytest.mark.parametrize("name", BODIES)
def test_with_a_secret_only_a_right_signature_gets_in(app: Any, name: str) -> None:
    ivy, client = app(**{name: SECRETS[name]})
    body = BODIES[name]
    for headers in ({}, signed(ivy, name, body, key="other"), signed(ivy, name, body + b" ")):
        assert client.post(f"/webhooks/{name}", content=body, headers=headers).status_code == REFUSED[name]
    assert kept(ivy) == 0
    for _ in range(2):  # the same event twice is one event
        assert client.post(f"/webhooks/{name}", content=body, headers=signed(ivy, name, body)).status_code == 200
    assert kept(ivy) == 1


@pytest.mark.parametrize("name", BODIES)
def test_unsigned_only_from_this_machine(app: Any, name: str) -> None:
    ivy, client = app()
    path, body = f"/webhooks/{name}", BODIES[name]
    for headers in ({"Host": "ivy.example"}, {"X-Forwarded-For": "1.2.3.4"}, {"Forwarded": "for=1.2.3.4"}):
        assert client.post(path, content=body, headers=headers).status_code == REFUSED[name]
    assert client.post(path, content=body, headers=signed(ivy, name, body)).status_code == REFUSED[name]  # a wrong one
    assert kept(ivy) == 0
    assert client.post(path, content=body).status_code == 200
    assert kept(ivy) == 1


def test_unsigned_from_another_machine_is_refused(app: Any) -> None:
    ivy, client = app(peer="192.0.2.7")
    for name, body in BODIES.items():
        assert client.post(f"/webhooks/{name}", content=body).status_code == REFUSED[name]
    assert kept(ivy) == 0


def test_without_the_simulator_unsigned_is_refused(app: Any) -> None:
    ivy, client = app(simulator={"enabled": False})
    for name, body in BODIES.items():
        assert client.post(f"/webhooks/{name}", content=body).status_code == REFUSED[name]
    assert client.get("/simulator/outbox").status_code == 404
    assert kept(ivy) == 0


def test_in_production_what_is_off_is_unavailable(app: Any) -> None:
    _, client = app(environment="production", web={"public_url": "https://ivy.example"})
    for name, body in BODIES.items():
        refused = client.post(f"/webhooks/{name}", content=body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert client.get("/simulator/clock").status_code == 404


@pytest.mark.parametrize("name", ["retell", "whatsapp", "stripe"])
@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"\xff", b"null", b"7"])
def test_malformed_bodies_are_400(app: Any, name: str, body: bytes) -> None:
    ivy, client = app()
    assert client.post(f"/webhooks/{name}", content=body).status_code == 400
    assert kept(ivy) == 0


def test_unknown_events_are_answered_and_change_nothing(app: Any) -> None:
    ivy, client = app()
    for name, body in (
        ("retell", {"event": "transcript_updated", "call": {}}),
        ("whatsapp", {"object": "whatsapp_business_account", "entry": []}),
        ("stripe", {"id": "evt_2", "type": "customer.created", "data": {"object": {"id": "cus_1"}}}),
    ):
        assert client.post(f"/webhooks/{name}", json=body).json()["data"] == {"received": True}
    assert kept(ivy) == 0


def test_a_body_over_four_megabytes_is_refused(app: Any) -> None:
    _, client = app()
    assert client.post("/webhooks/whatsapp", content=b"[" + b" " * (4 * 1024 * 1024)).status_code == 413
    assert client.post("/webhooks/whatsapp", content=b'{"entry": []}' + b" " * (3 * 1024 * 1024)).status_code == 200


def test_s37_whatsapp_verification(app: Any) -> None:
    _, client = app(whatsapp=SECRETS["whatsapp"])
    right = {"hub.mode": "subscribe", "hub.verify_token": "hello", "hub.challenge": "42"}
    answer = client.get("/webhooks/whatsapp", params=right)
    assert (answer.status_code, answer.text) == (200, "42")
    assert answer.headers["Content-Type"].startswith("text/plain")
    for wrong in ({**right, "hub.verify_token": "other"}, {"hub.challenge": "42"}, {**right, "hub.mode": "x"}):
        assert client.get("/webhooks/whatsapp", params=wrong).status_code == 403


def test_s37_an_unset_token_never_matches(app: Any) -> None:
    _, client = app()
    for token in ("", "undefined"):
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "42"}
        assert client.get("/webhooks/whatsapp", params=query).status_code == 403


@pytest.mark.parametrize("headers", [{"Host": "ivy.example"}, {"X-Forwarded-Proto": "https"}, {"Forwarded": "for=_x"}])
def test_the_simulator_answers_to_this_machine_only(driver: Driver, headers: dict[str, str]) -> None:
    for path in ("/simulator/outbox", "/simulator/clock"):
        assert driver.error(driver.client.get(path, headers=headers), 403)["code"] == "FORBIDDEN"


def test_a_failing_event_keeps_its_row_and_is_tried_again(driver: Driver, ivy: Ivy, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-108's one action fails; nothing of it stays, and the next try does it all."""
    ana = driver.member(phone="+447700900101")
    workout = ana.plan("2026-05-04")
    with monkeypatch.context() as patched:
        patched.setattr("ivy_engine.actions.streaks.streak_of", lambda *_: 1 / 0)
        driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "done"})
    [row] = rows(ivy.folder / "ivy.db", "SELECT status, tries, error FROM inbound_event WHERE kind = 'message'")
    assert row == ("RECEIVED", 1, "ZeroDivisionError")
    assert ana.get(f"/api/workouts/{workout['id']}")["status"] == "PLANNED"
    assert ana.get("/api/donations") == []
    driver.advance("2026-05-04T08:00:05Z")
    assert ana.get(f"/api/workouts/{workout['id']}")["status"] == "COMPLETED"
    assert json.dumps(rows(ivy.folder / "ivy.db", "SELECT payload FROM inbound_event")).count("done") == 0
