"""Webhook bodies of the four providers, read as their documentation says (PROVIDERS 1.6, 2.6, 3.3, 4.4)."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from ivy_engine.domain import billing
from ivy_engine.plugins import retell, stripe, twilio, whatsapp
from ivy_engine.plugins.contract import Incoming, dump_event, load_event

Parse = Callable[[bytes], Sequence[Incoming]]
URL = "http://127.0.0.1:8080/webhooks/twilio?messageId=m1"


def twilio_parse(raw: bytes) -> Sequence[Incoming]:
    return twilio.parse(raw, URL)


PARSERS: dict[str, Parse] = {"retell": retell.parse, "whatsapp": whatsapp.parse, "stripe": stripe.parse, "twilio": twilio_parse}


def raw(body: Any) -> bytes:
    return json.dumps(body).encode()


# What the providers really send


@pytest.fixture(scope="module")
def payloads(provider_facts: Path) -> Callable[[str], dict[str, Any]]:
    def of(name: str) -> dict[str, Any]:
        everything = json.loads((provider_facts / "payloads" / f"{name}.json").read_text("utf-8"))
        marks = {"retell": "event", "whatsapp": "entry", "stripe": "type", "twilio": "MessageSid"}
        return {key: body for key, body in everything.items() if isinstance(body, dict) and marks[name] in body}

    return of


@pytest.mark.parametrize("name", PARSERS)
def test_every_sample_is_read(payloads: Callable[[str], dict[str, Any]], name: str) -> None:
    """And what is read survives being stored."""
    samples = payloads(name)
    assert len(samples) > 5
    for key, body in samples.items():
        found = PARSERS[name](urlencode(body).encode() if name == "twilio" else raw(body))
        for item in found:
            stored = dump_event(item.event, item.kind)
            assert load_event(item.kind, orjson.loads(orjson.dumps(stored))) == item.event, key


def test_retell_samples(payloads: Callable[[str], dict[str, Any]]) -> None:
    """PROVIDERS 1.4 to 1.6."""
    samples = payloads("retell")
    read = {key: [item.event for item in retell.parse(raw(body))] for key, body in samples.items()}
    reasons = {key: events[0].reason for key, events in read.items() if key.startswith("call_ended_")}
    assert reasons == {
        "call_ended_no_answer": "dial_no_answer",
        "call_ended_busy": "dial_busy",
        "call_ended_declined": "user_declined",
        "call_ended_invalid_destination": "invalid_destination",
        "call_ended_voicemail": "voicemail_reached",
        "call_ended_user_hangup": "user_hangup",
        "call_ended_error": "error_retell",
    }
    assert (read["transcript_updated"], read["call_inbound"]) == ([], [])
    (ended,) = read["call_ended"]
    assert (ended.kind, ended.duration, ended.started_at) == ("ended", 61, datetime.fromtimestamp(1_760_000_000, UTC))
    (analyzed,) = read["call_analyzed"]
    assert (analyzed.kind, analyzed.extracted) == (
        "analyzed",
        samples["call_analyzed"]["call"]["call_analysis"]["custom_analysis_data"],
    )


def test_whatsapp_samples(payloads: Callable[[str], dict[str, Any]]) -> None:
    """PROVIDERS 2.6, 2.7."""
    read = {key: whatsapp.parse(raw(body))[0] for key, body in payloads("whatsapp").items()}
    said = {key: (item.event.text, item.event.button) for key, item in read.items() if item.kind == "message"}
    assert said["text_with_bsuid"] == ("Body Text", None)
    assert said["quick_reply_template"] == said["button_reply_interactive"] == said["list_reply"] == ("title", "callback_data")
    assert said["voice_note"] == said["reaction"] == said["meta_unsupported"] == (None, None)
    assert {item.event.from_number for item in read.values() if item.kind == "message"} == {"+16505551234"}
    statuses = {key: (item.event.status, item.event.error) for key, item in read.items() if item.kind == "message_status"}
    assert statuses == {
        "status_sent": ("SENT", None),
        "status_delivered": ("DELIVERED", None),
        "status_read": ("READ", None),
        "status_with_tracker": ("SENT", None),
        "status_failed_131047_made": ("FAILED", "131047"),
        "status_failed_131026_made": ("FAILED", "131026"),
    }
    assert read["status_with_tracker"].event.message_id == "some data"


def test_twilio_samples(payloads: Callable[[str], dict[str, Any]]) -> None:
    """PROVIDERS 3.3, 3.4: our own id comes back in the address of the status callback."""
    read = {
        key: twilio_parse(urlencode(body).encode())[0].event for key, body in payloads("twilio").items() if "MessageSid" in body
    }
    assert read["inbound_sms"].text == "Yes, did it"
    assert read["inbound_sms"].from_number == "+14155550100"
    statuses = {key: (event.status, event.error, event.message_id) for key, event in read.items() if key.startswith("status_")}
    assert statuses == {
        "status_sent": ("SENT", None, "m1"),
        "status_delivered": ("DELIVERED", None, "m1"),
        "status_undelivered_30003": ("FAILED", "30003", "m1"),
        "status_read_whatsapp": ("READ", None, "m1"),
    }


def test_stripe_samples(payloads: Callable[[str], dict[str, Any]]) -> None:
    """PROVIDERS 4.4: only what Ivy acts on is an event."""
    read = {key: stripe.parse(raw(body)) for key, body in payloads("stripe").items()}
    acted = {key: (found[0].event.kind, found[0].event.status) for key, found in read.items() if found}
    assert acted == {
        "customer.subscription.created": ("changed", "active"),
        "customer.subscription.created_incomplete": ("changed", "incomplete"),
        "customer.subscription.updated_past_due": ("changed", "past_due"),
        "customer.subscription.deleted": ("deleted", "canceled"),
        "customer.subscription.resumed": ("changed", "active"),
        "invoice.paid": ("paid", "paid"),
        "invoice.payment_failed": ("payment_failed", "open"),
    }
    assert {found[0].event.customer_id for found in read.values() if found} == {"cus_IvyTest"}


# Cases of our own


def test_each_call_event_is_told_apart_by_event_and_call() -> None:
    """PROVIDERS 1.6: there is no event id."""
    call = {"call_id": "call_1", "metadata": {"callId": "c1"}, "disconnection_reason": "user_hangup"}
    ids = [retell.parse(raw({"event": name, "call": call}))[0].event_id for name in ("call_started", "call_ended", "call_ended")]
    assert ids == ["call_started:call_1", "call_ended:call_1", "call_ended:call_1"]


def test_call_no_answer_is_an_end_without_an_answer() -> None:
    """RULEBOOK 4.4: CODE's own name."""
    (found,) = retell.parse(
        raw({"event": "call_no_answer", "call": {"call_id": "call_1", "disconnection_reason": "user_hangup"}})
    )
    assert (found.event.kind, found.event.reason) == ("ended", "dial_no_answer")


@pytest.mark.parametrize(("word", "before", "status"), [("paused", "active", "paused"), ("resumed", "paused", "active")])
def test_the_event_says_it_when_the_object_does_not(word: str, before: str, status: str) -> None:
    """D-8: `customer.subscription.paused` is paused, `.resumed` is active."""
    body = {"id": "evt_1", "type": f"customer.subscription.{word}", "created": 1, "data": {"object": {"customer": "cus_1"}}}
    (found,) = stripe.parse(raw(body))
    assert billing.after(billing.Subscription("PRO", before), found.event, {}) == billing.Subscription("PRO", status)


def test_metadata_of_an_invoice_and_of_a_subscription() -> None:
    """PROVIDERS 4.2: an invoice carries its subscription's metadata."""
    thing = {"customer": "cus_1", "parent": {"subscription_details": {"metadata": {"userId": "u1", "tier": "PRO"}}}}
    (found,) = stripe.parse(raw({"id": "evt_1", "type": "invoice.paid", "created": 1, "data": {"object": thing}}))
    assert (found.event.user_id, found.event.tier, found.event_id) == ("u1", "PRO", "evt_1")


def test_one_bad_part_of_a_batch_does_not_lose_the_others() -> None:
    """R-114, PROVIDERS 2.6: all entries, changes, messages and statuses."""
    good = {"from": "447700900101", "id": "wamid.1", "timestamp": "1760000000", "type": "text", "text": {"body": "done"}}
    status = {"id": "wamid.2", "status": "read", "timestamp": "1760000000", "recipient_id": "447700900101"}
    value = {"messages": [None, {"id": 5}, good], "statuses": ["x", {"id": "wamid.3", "status": "lost"}, status]}
    changes = [None, {"field": "messages"}, {"field": "messages", "value": value}]
    found = whatsapp.parse(raw({"entry": [7, {"changes": "x"}, {"changes": changes}, {"changes": changes[2:]}]}))
    assert [item.event_id for item in found] == ["message:wamid.1", "status:wamid.2:read"] * 2


@pytest.mark.parametrize("stamp", ["", "abc", "-1", "²", "9" * 30, 1760000000, None])
def test_a_message_with_a_strange_time_is_still_a_message(stamp: Any) -> None:
    """PROVIDERS 2.6: seconds as text; anything else is no time."""
    message = {"from": "447700900101", "id": "wamid.1", "timestamp": stamp, "type": "text", "text": {"body": "done"}}
    (found,) = whatsapp.parse(raw({"entry": [{"changes": [{"value": {"messages": [message]}}]}]}))
    assert (found.event.text, found.event.sent_at) == ("done", None)


def test_an_empty_entry_is_fine() -> None:
    """RULEBOOK 7.2 #35."""
    assert whatsapp.parse(b'{"object": "whatsapp_business_account", "entry": []}') == []
