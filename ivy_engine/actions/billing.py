"""Subscriptions: what the payment provider reports changes tier, status and wallet limits (RULEBOOK 7.2 #36, R-61)."""

import logging

from ivy_engine.actions import giving
from ivy_engine.actions.calls import planning
from ivy_engine.domain import billing
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store.members import Member

log = logging.getLogger(__name__)


def apply(ivy: Ivy, event: billing.SubscriptionEvent) -> None:
    """Events come in any order: a subscription's older state never overwrites a newer one. Inside a write."""
    member = _member(event)
    if member is None:
        log.warning("a subscription event for somebody who is no member")
        return
    about_subscription = event.kind in ("changed", "deleted")
    if about_subscription and member.subscription_event_at and event.created < member.subscription_event_at:
        return
    now = ivy.clock.now()
    before = billing.Subscription(member.subscription_tier, member.subscription_status)
    after = billing.after(before, event, dict(ivy.settings.stripe.prices))
    member.stripe_customer_id = event.customer_id or member.stripe_customer_id
    if about_subscription:
        member.subscription_event_at = event.created
    if after.status != before.status:
        member.past_due_since = now if after.status == "past_due" else None
    member.subscription_tier, member.subscription_status, member.updated_at = after.tier, after.status, now
    member_rows.save(member)
    if after.tier != before.tier:
        giving.take_tier_limits(ivy, member, now)
    if after != before and member.is_onboarded:
        planning.replan(ivy, member, now)


def _member(event: billing.SubscriptionEvent) -> Member | None:
    """By what we put into its metadata, else by the customer."""
    found = member_rows.by_id(event.user_id) if event.user_id else None
    if found is None and event.customer_id:
        found = member_rows.by_customer(event.customer_id)
    return found
