"""What subscription events do to tier and status (RULEBOOK 7.2, D-4, D-8, D-18)."""

from datetime import UTC, datetime

import pytest

from ivy_engine.domain.billing import Subscription, SubscriptionEvent, after

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)
PRICES = {"price_elite": "ELITE", "price_pro": "PRO"}


def event(kind: str = "changed", **more: str | None) -> SubscriptionEvent:
    return SubscriptionEvent(kind, NOW, "cus_1", "u1", **more)


@pytest.mark.parametrize(
    ("status", "now_is"),
    [
        ("trialing", "active"),
        ("active", "active"),
        ("past_due", "past_due"),
        ("unpaid", "past_due"),
        ("paused", "paused"),
    ],
)
def test_a_stripe_status_and_the_tier_that_goes_with_it(status: str, now_is: str) -> None:
    """D-8, D-18: the tier is kept while payment is late or paused (D-4)."""
    changed = after(Subscription("FREE", "active"), event(status=status, tier="ELITE"), PRICES)
    assert changed == Subscription("ELITE", now_is)


@pytest.mark.parametrize("status", ["canceled", "incomplete_expired"])
def test_a_subscription_that_is_over_leaves_a_free_member(status: str) -> None:
    """D-18, D-4."""
    over = after(Subscription("ELITE", "active"), event(status=status, tier="ELITE"), PRICES)
    assert over == Subscription("FREE", "cancelled")


@pytest.mark.parametrize(
    "now_is", [Subscription("FREE", "active"), Subscription("PRO", "past_due"), Subscription("FREE", "cancelled")]
)
def test_an_incomplete_subscription_changes_nothing(now_is: Subscription) -> None:
    """D-18: the first payment has not been made, so there is no tier to give yet."""
    assert after(now_is, event(status="incomplete", tier="CONCIERGE", price_id="price_elite"), PRICES) == now_is


def test_resumed_is_active_again() -> None:
    """D-8."""
    assert after(Subscription("PRO", "paused"), event(status="active", tier="PRO"), PRICES) == Subscription("PRO", "active")


def test_deleted_is_free_and_cancelled_whatever_it_says() -> None:
    deleted = after(Subscription("CONCIERGE", "past_due"), event("deleted", status="active", tier="CONCIERGE"), PRICES)
    assert deleted == Subscription("FREE", "cancelled")


@pytest.mark.parametrize(("kind", "status"), [("paid", "active"), ("payment_failed", "past_due")])
def test_an_invoice_moves_the_status_only(kind: str, status: str) -> None:
    """C-21: the tier is the subscription's business."""
    assert after(Subscription("PRO", "past_due"), event(kind, tier="ELITE"), PRICES) == Subscription("PRO", status)


@pytest.mark.parametrize(
    ("price_id", "tier", "becomes"),
    [
        ("price_elite", None, "ELITE"),
        ("price_elite", "PRO", "ELITE"),  # the price that is paid wins over a note in the metadata
        ("price_unknown", "PRO", "PRO"),
        (None, "B2B", "B2B"),
        (None, "GOLD", "FREE"),
        (None, "superadmin", "FREE"),
        (None, None, "FREE"),
    ],
)
def test_the_tier_comes_from_the_price_else_from_the_metadata(price_id: str | None, tier: str | None, becomes: str) -> None:
    """RULEBOOK 7.2: a word that is no tier changes none."""
    changed = after(Subscription("FREE", "active"), event(status="active", price_id=price_id, tier=tier), PRICES)
    assert changed == Subscription(becomes, "active")


def test_a_status_that_stripe_invents_keeps_ours() -> None:
    assert after(Subscription("PRO", "past_due"), event(status="hibernating"), PRICES) == Subscription("PRO", "past_due")
