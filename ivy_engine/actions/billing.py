"""Subscriptions: what the payment provider reports changes tier, status and wallet limits (RULEBOOK 7.2 #36, R-61)."""

import logging

from ivy_engine.actions import wallets
from ivy_engine.actions.calls import planning
from ivy_engine.actions.messages import writing
from ivy_engine.domain import billing
from ivy_engine.domain.members import PAYMENT_GRACE
from ivy_engine.engine import Ivy
from ivy_engine.store import coaches as coach_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store.members import Member

CONCIERGE = "CONCIERGE"
log = logging.getLogger(__name__)


def apply(ivy: Ivy, event: billing.SubscriptionEvent) -> None:
    """Events come in any order: a subscription's older state never overwrites a newer one. Inside a write."""
    member = _member(event)
    if member is None:
        log.warning("a subscription event for somebody who is no member")
        return
    about_subscription = event.kind in ("changed", "deleted")
    newest = member.subscription_event_at
    if about_subscription and newest and event.created and event.created < newest:
        log.info("an older subscription event of member %s was left out", member.id)
        return
    now = ivy.clock.now()
    before = billing.Subscription(member.subscription_tier, member.subscription_status)
    after = billing.after(before, event, dict(ivy.settings.stripe.prices))
    _take_customer(member, event.customer_id)
    if about_subscription and event.created:
        member.subscription_event_at = event.created
    if after.status != before.status:
        member.past_due_since = now if after.status == "past_due" else None
    member.subscription_tier, member.subscription_status, member.updated_at = after.tier, after.status, now
    member_rows.save(member)
    if after.tier != before.tier:
        wallets.take_tier_limits(ivy, member, now)
        if before.tier == CONCIERGE:
            coach_rows.leave_coaches(member.id)
    if after.status == "past_due" != before.status:
        writing.queue_mail(ivy, member, "payment_failed", {"name": member.first_name, "days": str(PAYMENT_GRACE.days)})
    if after != before and member.is_onboarded:
        planning.replan(ivy, member, now)


def _take_customer(member: Member, customer_id: str | None) -> None:
    """A customer belongs to one member; what the event's metadata says of the member counts all the same."""
    owner = member_rows.by_customer(customer_id) if customer_id else None
    if owner is not None and owner.id != member.id:
        log.warning("the customer of a subscription of member %s belongs to another member", member.id)
    elif customer_id and owner is None:
        member.stripe_customer_id = customer_id


def _member(event: billing.SubscriptionEvent) -> Member | None:
    """By what we put into its metadata, else by the customer."""
    found = member_rows.by_id(event.user_id) if event.user_id else None
    if found is None and event.customer_id:
        found = member_rows.by_customer(event.customer_id)
    return found
