"""Stripe's webhooks on the wire: signature and subscription events (PROVIDERS 4.3, 4.4)."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ivy_engine.plugins.body import mapping, read_object, text
from ivy_engine.plugins.contract import Incoming, Malformed, Rejected, SubscriptionEvent

SIGNATURE = "Stripe-Signature"
TOLERANCE = timedelta(minutes=5)
_CHANGED = ("created", "updated", "paused", "resumed")
_KINDS = {
    **{f"customer.subscription.{word}": "changed" for word in _CHANGED},
    "customer.subscription.deleted": "deleted",
    "invoice.paid": "paid",
    "invoice.payment_succeeded": "paid",
    "invoice.payment_failed": "payment_failed",
}
# these say by their name what the object may still be silent about (D-8)
_SAID = {"customer.subscription.paused": "paused", "customer.subscription.resumed": "active"}


def sign(secret: str, body: bytes, at: datetime) -> str:
    stamp = str(int(at.timestamp()))
    return f"t={stamp},v1={_digest(secret, body, stamp)}"


def verify(secret: str, header: str | None, body: bytes, now: datetime) -> None:
    """Rejected unless any v1 of the header signs the body and is not older than five minutes."""
    if not header:
        raise Rejected("the signature is missing", unsigned=True)
    parts = [item.strip().partition("=") for item in header.split(",")]
    stamp = next((value for name, _, value in parts if name == "t"), "")
    if not stamp.isdigit() or len(stamp) > 12:
        raise Rejected("the signature cannot be read")
    expected = _digest(secret, body, stamp).encode()
    given = [value.encode("utf-8", "replace") for name, _, value in parts if name == "v1"]
    if not any(hmac.compare_digest(value, expected) for value in given):
        raise Rejected("the signature is wrong")
    if int(stamp) < (now - TOLERANCE).timestamp():
        raise Rejected("the signature is too old")


def _digest(secret: str, body: bytes, stamp: str) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def parse(raw: bytes) -> Sequence[Incoming]:
    """The event if it is one that Ivy acts on."""
    body = read_object(raw)
    if not isinstance(body.get("type"), str):
        raise Malformed("the body is not a Stripe event")
    kind = _KINDS.get(body["type"])
    thing = mapping(mapping(body.get("data")).get("object"))
    if kind is None or not thing:
        return []
    event_id = text(body.get("id")) or hashlib.sha256(raw).hexdigest()
    said = _SAID.get(body["type"]) or text(thing.get("status"))
    return [Incoming(event_id, "subscription", _event(kind, thing, body.get("created"), said))]


def _event(kind: str, thing: Mapping[str, Any], created: Any, status: str | None) -> SubscriptionEvent:
    invoice_of = mapping(mapping(thing.get("parent")).get("subscription_details"))
    metadata = {**mapping(invoice_of.get("metadata")), **mapping(thing.get("metadata"))}
    items = mapping(thing.get("items")).get("data")
    first = items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}
    ok = isinstance(created, int) and not isinstance(created, bool) and 0 <= created < 4e9
    return SubscriptionEvent(
        kind=kind,
        created=datetime.fromtimestamp(created, UTC) if ok else None,
        customer_id=text(thing.get("customer")),
        user_id=text(metadata.get("userId")),
        status=status,
        tier=text(metadata.get("tier")),
        price_id=text(mapping(first.get("price")).get("id")),
    )
