"""The whole profile of a member, as every route that returns a user gives it."""

from ivy_engine.actions import audit
from ivy_engine.domain import members
from ivy_engine.domain.audit import Actor
from ivy_engine.domain.errors import Forbidden
from ivy_engine.engine import Ivy
from ivy_engine.store import coaches as coach_rows
from ivy_engine.store import companies
from ivy_engine.store import giving as ledger
from ivy_engine.store import members as member_rows
from ivy_engine.store.members import Member


def profile(ivy: Ivy, member_id: str) -> members.Profile:
    with ivy.db.read():
        return profile_of(ivy, member_rows.existing(member_id))


def profile_for(ivy: Ivy, actor: Actor, member_id: str) -> members.Profile:
    """A profile as somebody may see it: one's own, an assigned member's for a coach, anybody's for an operator (2.4).

    403 otherwise, whether the member exists or not. A look at somebody else is audited (R-167).
    """
    if actor.id == member_id:
        return profile(ivy, member_id)
    with ivy.db.write():
        found = member_rows.by_id(member_id)
        assigned = actor.id is not None and coach_rows.is_assigned(actor.id, member_id)
        why = members.sight(actor.role, assigned, found.subscription_tier if found else None)
        if why is None:
            raise Forbidden("You may not see this profile.")
        row = member_rows.existing(member_id)
        audit.record(ivy, actor, "profile_read", member_id, why)
        return profile_of(ivy, row)


def check_may_change(actor: Actor, member_id: str) -> None:
    """403 unless it is oneself or the actor is an operator (2.4, C-28)."""
    if actor.id != member_id and actor.role != members.SUPERADMIN:
        raise Forbidden("You may not change somebody else's profile.")


def role_of(ivy: Ivy, email: str, granted: str) -> str:
    """The role that was granted; the settings' operators are operators whatever else they are (2.1)."""
    operators = {address.strip().lower() for address in ivy.settings.security.operator_emails}
    return members.SUPERADMIN if email in operators else granted


def profile_of(ivy: Ivy, row: Member) -> members.Profile:
    """The whole profile of a row. Inside a read or a write."""
    charity = ledger.charity(row.preferred_charity_id) if row.preferred_charity_id else None
    company = companies.by_id(row.company_id) if row.company_id else None
    return members.Profile(
        id=row.id, email=row.email, phone=row.phone, first_name=row.first_name, last_name=row.last_name,
        timezone=row.timezone, profile_image=row.profile_image, subscription_tier=row.subscription_tier,
        subscription_status=row.subscription_status, track=row.track, goal=row.goal, minimum_mode=row.minimum_mode,
        gift_frame=row.gift_frame, morning_call_time=row.morning_call_time, evening_call_time=row.evening_call_time,
        call_frequency=row.call_frequency, preferred_days=members.days_text(row.preferred_days),
        google_calendar_connected=row.google_calendar_connected,
        outlook_calendar_connected=row.outlook_calendar_connected,
        is_active=row.is_active, is_onboarded=row.is_onboarded, onboarded_at=row.onboarded_at,
        last_call_at=row.last_call_at, created_at=row.created_at, updated_at=row.updated_at,
        preferred_charity=members.CharityReference(charity.id, charity.name, charity.impact_metric, charity.logo_url)
        if charity else None,
        company=members.Reference(company.id, company.name) if company else None,
        role=role_of(ivy, row.email, row.role), company_id=row.company_id, status=row.status, resume_date=row.resume_date,
        travel_timezone=row.travel_timezone, weekly_goal=row.weekly_goal, weekly_call_time=row.weekly_call_time,
        weekly_call_enabled=row.weekly_call_enabled, communication_preference=row.communication_preference,
        why_started=row.why_started, obstacles=tuple(row.obstacles), what_works=row.what_works,
        call_consent=row.call_consent, message_consent=row.message_consent,
    )  # fmt: skip
