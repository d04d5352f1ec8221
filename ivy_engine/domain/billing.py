"""What a subscription event means for a member (RULEBOOK 7.2, D-8, D-18)."""

from dataclasses import dataclass
from datetime import datetime

TIERS = ("FREE", "PRO", "ELITE", "CONCIERGE", "B2B")
_STATUS = {
    "trialing": "active",
    "active": "active",
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "paused",
    "canceled": "cancelled",
    "incomplete_expired": "cancelled",
}


@dataclass(frozen=True)
class SubscriptionEvent:
    """A subscription or invoice event, reduced to what Ivy acts on."""

    kind: str  # changed, deleted, paid or payment_failed
    created: datetime | None
    customer_id: str | None
    user_id: str | None
    status: str | None = None
    tier: str | None = None
    price_id: str | None = None


@dataclass(frozen=True)
class Subscription:
    tier: str
    status: str


def after(now_is: Subscription, event: SubscriptionEvent, prices: dict[str, str]) -> Subscription:
    """The subscription after an event. `prices` maps a price id to a tier."""
    if event.kind == "deleted":
        return Subscription("FREE", "cancelled")
    if event.kind == "paid":
        return Subscription(now_is.tier, "active")
    if event.kind == "payment_failed":
        # a late report about a subscription that has ended leaves the FREE member as they are (D-4)
        return now_is if now_is.status == "cancelled" else Subscription(now_is.tier, "past_due")
    if event.status == "incomplete":
        return now_is
    status = _STATUS.get(event.status or "active", now_is.status)
    named = prices.get(event.price_id or "") or event.tier
    tier = named if named in TIERS else now_is.tier
    return Subscription("FREE" if status == "cancelled" else tier, status)
