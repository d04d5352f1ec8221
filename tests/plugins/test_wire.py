"""Webhook signatures as the four providers make them: accepted when right, Rejected in every other case (R-166)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from retell import Retell
from retell.lib.webhook_auth import symmetric as retell_sdk

from ivy_engine.plugins import retell, stripe, twilio, whatsapp
from ivy_engine.plugins.contract import Rejected

STEADY = settings(derandomize=True, deadline=None, max_examples=100)
NOW = datetime(2026, 5, 4, 8, 0, 0, 123_000, tzinfo=UTC)
URL = "https://ivy.example.org/webhooks/twilio?messageId=m1"
BODY = b"MessageSid=SM1&MessageStatus=sent&Body=caf%C3%A9&Empty="


@dataclass(frozen=True)
class Wire:
    """One provider's way of signing and of checking, with the same arguments for all."""

    sign: Callable[[str, bytes, datetime], str]
    verify: Callable[[str, str | None, bytes, datetime], None]


WIRES = {
    "retell": Wire(retell.sign, retell.verify),
    "whatsapp": Wire(
        lambda key, body, at: whatsapp.sign(key, body), lambda key, header, body, now: whatsapp.verify(key, header, body)
    ),
    "twilio": Wire(
        lambda key, body, at: twilio.sign(key, URL, twilio.read_form(body)),
        lambda key, header, body, now: twilio.verify(key, header, URL, twilio.read_form(body)),
    ),
    "stripe": Wire(stripe.sign, stripe.verify),
}
every_provider = pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES.keys())
with_a_clock = pytest.mark.parametrize("wire", [WIRES["retell"], WIRES["stripe"]], ids=["retell", "stripe"])


def refusal(wire: Wire, header: str | None, body: bytes = BODY, now: datetime = NOW, key: str = "key") -> Rejected | None:
    try:
        wire.verify(key, header, body, now)
    except Rejected as refused:
        return refused
    return None


@every_provider
def test_what_we_sign_we_accept(wire: Wire) -> None:
    wire.verify("key", wire.sign("key", BODY, NOW), BODY, NOW)


@every_provider
@pytest.mark.parametrize("body", [BODY.replace(b"sent", b"read"), BODY + b"&More=1", b""])
def test_another_body_is_rejected(wire: Wire, body: bytes) -> None:
    refused = refusal(wire, wire.sign("key", BODY, NOW), body)
    assert refused is not None
    assert not refused.unsigned


@every_provider
def test_another_key_is_rejected(wire: Wire) -> None:
    assert refusal(wire, wire.sign("another key", BODY, NOW)) is not None


@every_provider
@pytest.mark.parametrize("header", [None, ""])
def test_a_missing_signature_is_told_apart(wire: Wire, header: str | None) -> None:
    """CONTRACT 3: only an unsigned webhook may be let in from this machine, never a wrongly signed one."""
    refused = refusal(wire, header)
    assert refused is not None
    assert refused.unsigned


GARBAGE = [
    " ", "x", "v=,d=", "v=1,d=", "t=,v1=", "t=1", "v1=abc", "sha256=", "sha1=abc", "t=1,v1=é", "sha256=é", "é", "²", "t=²,v1=1",
    "v=²,d=" + "0" * 64, "v=" + "9" * 40 + ",d=" + "0" * 64, "t=" + "9" * 40 + ",v1=" + "0" * 64, "=" * 100, ",,,,",
    "t=1,t=2,v1=,v1=",
]  # fmt: skip


@every_provider
@pytest.mark.parametrize("header", GARBAGE)
def test_garbage_in_the_header_is_rejected(wire: Wire, header: str) -> None:
    refused = refusal(wire, header)
    assert refused is not None
    assert not refused.unsigned


@every_provider
@STEADY
@given(header=st.text(max_size=120), body=st.binary(max_size=40))
def test_no_header_is_an_error_of_ours(wire: Wire, header: str, body: bytes) -> None:
    """Whatever stands in it, it is Rejected."""
    form = urlencode({"Body": body}).encode()
    assert refusal(wire, header, form) is not None


@with_a_clock
def test_a_signature_is_good_for_five_minutes(wire: Wire) -> None:
    """PROVIDERS 1.7, 4.3; on the machine's clock, which both sides share."""
    at = NOW.replace(microsecond=0)
    header = wire.sign("key", BODY, at)
    assert refusal(wire, header, now=at + timedelta(minutes=5)) is None
    assert refusal(wire, header, now=at + timedelta(minutes=5, seconds=1)) is not None
    assert refusal(wire, header, now=at + timedelta(days=400)) is not None


def test_a_stamp_from_the_future() -> None:
    """PROVIDERS 1.7 bounds it too, 4.3 does not."""
    ahead = NOW - timedelta(minutes=5, seconds=1)
    assert refusal(WIRES["retell"], retell.sign("key", BODY, NOW), now=ahead) is not None
    assert refusal(WIRES["stripe"], stripe.sign("key", BODY, NOW), now=ahead) is None


def test_a_stamp_cannot_be_changed() -> None:
    """The stamp is part of what is signed."""
    late = NOW + timedelta(hours=1)
    for wire, names in ((WIRES["retell"], "vd"), (WIRES["stripe"], "t")):
        old, fresh = wire.sign("key", BODY, NOW), wire.sign("key", BODY, late)
        forged = ",".join([fresh.split(",")[0], old.split(",")[1]])
        assert forged[0] in names
        assert refusal(wire, forged, now=late) is not None


def test_stripe_accepts_any_of_two_signatures_of_the_right_scheme() -> None:
    """PROVIDERS 4.3: while a secret is rolled there are two; other schemes do not count."""
    stamp, good = stripe.sign("key", BODY, NOW).split(",")
    assert refusal(WIRES["stripe"], f"{stamp},v1={'0' * 64},{good},v0=x") is None
    assert refusal(WIRES["stripe"], f"{stamp},{good.replace('v1', 'v0')}") is not None


@pytest.mark.parametrize(
    ("signed", "called"),
    [
        ("https://ivy.example.org/webhooks/twilio", "https://ivy.example.org:443/webhooks/twilio"),
        ("https://ivy.example.org:443/webhooks/twilio", "https://ivy.example.org/webhooks/twilio"),
        ("http://ivy.example.org:80/webhooks/twilio?a=1", "http://ivy.example.org/webhooks/twilio?a=1"),
    ],
)
def test_twilio_signs_the_address_with_or_without_its_port(signed: str, called: str) -> None:
    """PROVIDERS 3.7."""
    form = twilio.read_form(BODY)
    twilio.verify("key", twilio.sign("key", signed, form), called, form)
    with pytest.raises(Rejected):
        twilio.verify("key", twilio.sign("key", signed, form), called.replace("ivy.example", "evil.example"), form)


# Vectors that were made by the providers' own code


@pytest.fixture(scope="module")
def vectors(provider_facts: Path) -> Any:
    return json.loads((provider_facts / "payloads" / "signature_vectors.json").read_text("utf-8"))


@pytest.mark.parametrize("name", ["retell", "retell_utf8"])
def test_retell_vectors(vectors: Any, name: str) -> None:
    """PROVIDERS 1.7."""
    vector = vectors[name]
    body, at = vector["body"].encode(), datetime.fromtimestamp(vector["timestamp_ms"] / 1000, UTC)
    assert retell.sign(vector["secret"], body, at) == vector["signature"]
    retell.verify(vector["secret"], vector["signature"], body, at)


def test_whatsapp_vector(vectors: Any) -> None:
    """PROVIDERS 2.6: the raw body, in which non-ASCII is escaped."""
    vector = vectors["whatsapp"]
    body = vector["body"].encode()
    assert whatsapp.sign(vector["secret"], body) == vector["signature"]
    whatsapp.verify(vector["secret"], vector["signature"], body)
    with pytest.raises(Rejected):
        whatsapp.verify(vector["secret"], vector["signature"], json.dumps(json.loads(body), ensure_ascii=False).encode())


@pytest.mark.parametrize("name", ["twilio_published", "twilio_form"])
def test_twilio_vectors(vectors: Any, name: str) -> None:
    """PROVIDERS 3.7: blank values count."""
    vector = vectors[name]
    form = twilio.read_form(urlencode(vector["params"]).encode())
    assert twilio.sign(vector["auth_token"], vector["url"], form) == vector["signature"]
    twilio.verify(vector["auth_token"], vector["signature"], vector["url"], form)


def test_twilio_does_not_take_an_algorithm_that_is_not_configured(vectors: Any) -> None:
    """PROVIDERS 3.7: an attacker does not choose."""
    vector, form = vectors["twilio_form_sharedkey"], twilio.read_form(urlencode(vectors["twilio_form"]["params"]).encode())
    with pytest.raises(Rejected):
        twilio.verify(vector["secret"], vector["headers"]["X-Twilio-Signature"], vector["url"], form)


def test_stripe_vector(vectors: Any) -> None:
    """PROVIDERS 4.3."""
    vector = vectors["stripe"]
    body, at = vector["body"].encode(), datetime.fromtimestamp(vector["timestamp"], UTC)
    assert stripe.sign(vector["secret"], body, at) == vector["signature"]
    stripe.verify(vector["secret"], vector["signature"], body, at)


# Parity with the provider's own library

_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
_OFFSETS = st.sampled_from([-300_001, -300_000, -1, 0, 1, 300_000, 300_001])


@STEADY
@given(body=_WORDS, key=_WORDS.filter(bool), offset=_OFFSETS)
def test_retells_own_library_and_we_agree(body: str, key: str, offset: int) -> None:
    """PROVIDERS 1.7: each makes what the other accepts, and both draw the line at the same millisecond."""
    stamp = round(NOW.timestamp() * 1000)
    ours, theirs = retell.sign(key, body.encode(), NOW), retell_sdk["sign"](body, key, stamp)
    assert ours == theirs
    seen_at = NOW + timedelta(milliseconds=offset)
    accepted = refusal(WIRES["retell"], theirs, body.encode(), seen_at, key) is None
    assert accepted == retell_sdk["verify"](body, key, ours, {"timestamp": stamp + offset})


@pytest.mark.parametrize("header", [header for header in GARBAGE if "²" not in header])
def test_retells_own_library_rejects_the_same_garbage(header: str) -> None:
    assert not retell_sdk["verify"](BODY.decode(), "key", header, {"timestamp": round(NOW.timestamp() * 1000)})
    assert refusal(WIRES["retell"], header) is not None


def test_retells_own_client_accepts_what_we_sign_now() -> None:
    """The public entry of the library, which reads the machine's clock."""
    header = retell.sign("key", BODY, datetime.now(UTC))
    client = Retell(api_key="key")
    assert client.verify(BODY.decode(), "key", header)
    assert not client.verify(BODY.decode() + " ", "key", header)
    client.close()
