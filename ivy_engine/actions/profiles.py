"""The whole profile of a member, as every route that returns a user gives it."""

from ivy_engine.domain import members
from ivy_engine.domain.errors import NotFound
from ivy_engine.engine import Ivy
from ivy_engine.store import companies
from ivy_engine.store import giving as ledger
from ivy_engine.store import members as member_rows
from ivy_engine.store.members import Member


def profile(ivy: Ivy, member_id: str) -> members.Profile:
    with ivy.db.read():
        row = member_rows.by_id(member_id)
        if row is None:
            raise NotFound("There is no such member.")
        return profile_of(row)


def profile_of(row: Member) -> members.Profile:
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
        role=row.role, company_id=row.company_id, status=row.status, resume_date=row.resume_date,
        travel_timezone=row.travel_timezone, weekly_goal=row.weekly_goal, weekly_call_time=row.weekly_call_time,
        weekly_call_enabled=row.weekly_call_enabled, communication_preference=row.communication_preference,
        why_started=row.why_started, obstacles=tuple(row.obstacles), what_works=row.what_works,
        call_consent=row.call_consent, message_consent=row.message_consent,
    )  # fmt: skip
