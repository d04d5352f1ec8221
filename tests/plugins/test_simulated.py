"""What the simulated providers are asked and what they post fits the real providers' specifications (PROVIDERS 7, 8)."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from tests.plugins.outside import PHONE, Outside, Posted, call, mail, text

Spec = Callable[[str], Any]
JSON = {"authorization": "Bearer x", "content-type": "application/json"}
FORM = {"authorization": "Basic x", "content-type": "application/x-www-form-urlencoded"}
ACCOUNT = "/2010-04-01/Accounts/AC" + "0" * 32
ANSWERED, SILENT = PHONE, "+15005550001"


def payload(outside: Outside, kind: str) -> dict[str, Any]:
    (entry,) = outside.world.outbox(kind, None, None, 10)
    return dict(entry.payload)


def problems(spec: Any, schema: str, posted: Posted) -> list[str]:
    validator = spec.validator({"$ref": f"#/components/schemas/{schema}"})
    return [f"{list(error.path)}: {error.message[:200]}" for error in validator.iter_errors(json.loads(posted.body))]


@pytest.mark.parametrize("voicemail", ["Write when you can.", None])
def test_a_call_is_asked_for_as_retell_wants_it(outside: Outside, spec: Spec, voicemail: str | None) -> None:
    """PROVIDERS 1.3."""
    outside.providers.voice.place(replace(call(), voicemail=voicemail))
    body = json.dumps(payload(outside, "call")).encode()
    assert spec("retell").problems("POST", "/v2/create-phone-call", JSON, body)[0] == []


@pytest.mark.parametrize("to", [ANSWERED, SILENT, "+15005550003"])
def test_call_webhooks_are_retells(outside: Outside, spec: Spec, to: str) -> None:
    """PROVIDERS 1.4, 1.6."""
    outside.providers.voice.place(call(to=to))
    posted = outside.later(minutes=5)
    assert len(posted) == (2 if to == SILENT else 3)
    for webhook in posted:
        assert problems(spec("retell"), "WebhookEvent", webhook) == []


@pytest.mark.parametrize("action", ["decline", "no_answer", "busy", "voicemail", "answer"])
def test_call_webhooks_of_a_phone_played_by_hand_are_retells(manual: Outside, spec: Spec, action: str) -> None:
    placed = manual.providers.voice.place(call())
    manual.world.pick_up(placed.provider_call_id, action, {}, 45 if action == "answer" else None)
    posted = manual.later(minutes=5)
    assert len(posted) >= 2
    for webhook in posted:
        assert problems(spec("retell"), "WebhookEvent", webhook) == []


@pytest.mark.parametrize(
    "request_",
    [
        text(free_text=True),
        text(),
        text(name=""),
        replace(text(free_text=True), buttons=("DONE", "SKIP", "REST")),
        replace(text(), buttons=("MINIMUM", "CALL_ME"), language="de-DE"),
        replace(text(), params={}),
    ],
    ids=["free text", "template", "empty word", "free text with buttons", "template with buttons", "nothing to fill in"],
)
def test_a_whatsapp_message_is_asked_for_as_meta_wants_it(outside: Outside, spec: Spec, request_: Any) -> None:
    """PROVIDERS 2.2."""
    outside.providers.whatsapp.send(request_)
    body = json.dumps(payload(outside, "whatsapp")).encode()
    assert spec("whatsapp").problems("POST", "/v26.0/1/messages", JSON, body)[0] == []


def test_whatsapp_webhooks_are_metas(outside: Outside, spec: Spec) -> None:
    """PROVIDERS 2.6: statuses, a text, a tap, a failure."""
    sent = outside.providers.whatsapp.send(text())
    outside.world.write(PHONE, "WHATSAPP", "Done!", None)
    outside.world.write(PHONE, "WHATSAPP", None, "DONE")
    outside.world.report(sent.provider_id, "WHATSAPP", "m1", "failed", "131026")
    posted = outside.later(minutes=5)
    assert len(posted) == 6
    for webhook in posted:
        assert problems(spec("whatsapp"), "WebhookPayload", webhook) == []


def test_an_sms_is_asked_for_as_twilio_wants_it(outside: Outside, spec: Spec) -> None:
    """PROVIDERS 3.1."""
    outside.providers.sms.send(text())
    body = urlencode(payload(outside, "sms")).encode()
    assert spec("twilio").problems("POST", f"{ACCOUNT}/Messages.json", FORM, body)[0] == []


def test_message_ids_are_made_like_twilios(outside: Outside, spec: Spec) -> None:
    """PROVIDERS 3.1: SM and 32 hex digits, as its addresses demand."""
    sent = outside.providers.sms.send(text())
    received = outside.world.write(PHONE, "SMS", "Done!", None)
    for sid in (sent.provider_id, received):
        assert spec("twilio").problems("GET", f"{ACCOUNT}/Messages/{sid}.json", FORM)[0] == []


@pytest.mark.parametrize(("kind", "samples"), [("status", "status_"), ("inbound", "inbound_sms")])
def test_sms_webhooks_carry_what_every_webhook_of_twilio_carries(
    outside: Outside, provider_facts: Any, kind: str, samples: str
) -> None:
    """PROVIDERS 3.3, 3.4: a handler that needs one of these would work in simulation only, or not at all."""
    if kind == "status":
        outside.providers.sms.send(text())
    else:
        outside.world.write(PHONE, "SMS", "Done!", None)
    everything = json.loads((provider_facts / "payloads" / "twilio.json").read_text("utf-8"))
    always = set.intersection(*(set(body) for name, body in everything.items() if name.startswith(samples)))
    always -= {name for name in always if re.search("Country|State|City|Zip|ServiceSid", name)}
    for webhook in outside.later(minutes=5):
        assert always - set(parse_qs(webhook.body.decode(), keep_blank_values=True)) == set()


def test_billing_webhooks_are_stripes(outside: Outside, spec: Spec) -> None:
    """PROVIDERS 4.4: the event, and the object inside it."""
    outside.world.subscribe("u1", "ana@example.com", "ELITE")
    posted = outside.later(minutes=5)
    assert [json.loads(webhook.body)["type"] for webhook in posted] == ["customer.subscription.created", "invoice.paid"]
    for webhook in posted:
        assert problems(spec("stripe"), "event", webhook) == []
        thing = json.loads(webhook.body)["data"]["object"]
        schema = spec("stripe").validator({"$ref": f"#/components/schemas/{thing['object']}"})
        assert [error.message for error in schema.iter_errors(thing)] == []


def test_the_outbox_shows_a_mail_with_its_link(outside: Outside) -> None:
    """CONTRACT 3."""
    outside.providers.mail.send(mail())
    (entry,) = outside.world.outbox("email", "magic_link", None, 10)
    assert (entry.to, entry.token, entry.code, entry.subject) == ("ana@example.com", "t" * 64, "123456", "Sign in")
    assert entry.payload["messageId"] == "<m1@ivy.simulated>"
