"""Tier changes by the payment provider's events (RULEBOOK 7.2, S-38's first half)."""

from typing import Any

from tests.driver import Driver, Person


def tell(driver: Driver, event_id: str, kind: str, member: Person, created: int | None = None, **more: Any) -> None:
    thing = {"customer": "cus_1", "status": "active", "metadata": {"userId": member.id}, **more}
    event = {"id": event_id, "type": kind, "data": {"object": thing}}
    driver.post("/webhooks/stripe", event if created is None else {**event, "created": created})
    driver.settle()


def tier(member: Person) -> str:
    found: str = member.get("/api/users/me")["subscriptionTier"]
    return found


def test_a_tier_changes_the_wallet_and_its_end_leaves_a_free_member(driver: Driver) -> None:
    ana = driver.member()
    tell(driver, "evt_1", "customer.subscription.created", ana, metadata={"userId": ana.id, "tier": "CONCIERGE"})
    assert ana.complete(ana.plan("2026-05-04"))["donation"]["amount"] == 2
    assert ana.wallet()["wallet"]["monthlyLimit"] == 50
    tell(driver, "evt_2", "customer.subscription.deleted", ana)
    wallet = ana.wallet()
    assert (tier(ana), wallet["wallet"]["monthlyLimit"], wallet["wallet"]["currentMonthSpent"]) == ("FREE", 20, 2)


def test_two_members_with_one_customer_id_both_get_their_tier(driver: Driver) -> None:
    for number, member in enumerate((driver.member(), driver.member())):
        kind = "customer.subscription.created"
        tell(driver, f"evt_{number}", kind, member, metadata={"userId": member.id, "tier": "ELITE"})
        assert tier(member) == "ELITE"


def test_an_older_state_does_not_overwrite_a_newer_one(driver: Driver) -> None:
    """Events come in any order (PROVIDERS 4.4); one without a time is taken as it comes."""
    ana = driver.member()
    for event_id, created, wanted, found in (
        ("evt_2", 200, "ELITE", "ELITE"),
        ("evt_1", 100, "PRO", "ELITE"),
        ("evt_3", None, "CONCIERGE", "CONCIERGE"),
        ("evt_4", 150, "PRO", "CONCIERGE"),
    ):
        tell(driver, event_id, "customer.subscription.updated", ana, created, metadata={"userId": ana.id, "tier": wanted})
        assert tier(ana) == found


def test_a_failed_payment_has_seven_days_of_grace(driver: Driver) -> None:
    """R-15."""
    ana = driver.member()
    tell(driver, "evt_1", "invoice.payment_failed", ana)
    assert ana.get("/api/users/me")["subscriptionStatus"] == "past_due"
    driver.clock("2026-05-11T08:00:00Z")  # a token lasts as long as the grace
    driver.post("/api/auth/magic-link", {"email": ana.email})
    ana = driver.sign_in({"id": ana.id, "email": ana.email})
    assert ana.complete(ana.plan("2026-05-11"))["donation"]["amount"] == 1
    driver.clock("2026-05-11T08:00:01Z")
    late = ana.complete(ana.plan("2026-05-11"))
    assert (late["donation"], late["donationSkippedReason"]) == (None, "SUBSCRIPTION_INACTIVE")
    tell(driver, "evt_2", "invoice.paid", ana)
    assert ana.complete(ana.plan("2026-05-11"))["donation"]["amount"] == 1
