"""Members, found by id, e-mail or the keyed hash of a phone."""

from collections.abc import Collection, Iterator

from peewee import BooleanField, IntegerField, TextField

from ivy_engine.domain import pauses
from ivy_engine.domain.errors import NotFound
from ivy_engine.domain.members import Standing
from ivy_engine.store.db import Day, Encrypted, EncryptedJson, Instant, Json, Table
from ivy_engine.store.due import DueColumn


class Member(Table):
    id = TextField(primary_key=True)
    email = TextField(unique=True)
    phone = Encrypted(null=True)
    phone_hash = TextField(null=True, unique=True)
    first_name = TextField()
    last_name = TextField()
    timezone = TextField()
    profile_image = TextField(null=True)
    role = TextField(default="user")
    subscription_tier = TextField(default="FREE")
    subscription_status = TextField(default="active")
    past_due_since = Instant(null=True)
    stripe_customer_id = TextField(null=True, unique=True)
    subscription_event_at = Instant(null=True)
    track = TextField()
    goal = TextField()
    minimum_mode = TextField(null=True)
    gift_frame = TextField(null=True)
    preferred_charity_id = TextField(null=True)
    company_id = TextField(null=True)
    morning_call_time = TextField(null=True)
    evening_call_time = TextField(null=True)
    weekly_call_time = TextField(null=True)
    weekly_call_enabled = BooleanField(default=True)
    call_frequency = IntegerField(default=2)
    preferred_days = Json(null=True)
    weekly_goal = IntegerField(default=3)
    google_calendar_connected = BooleanField(default=False)
    outlook_calendar_connected = BooleanField(default=False)
    communication_preference = TextField(default="calls")
    why_started = Encrypted(null=True)
    obstacles = EncryptedJson(default=list)
    what_works = Encrypted(null=True)
    call_consent = BooleanField(null=True)
    message_consent = BooleanField(null=True)
    consent_source = TextField(null=True)
    consent_at = Instant(null=True)
    status = TextField(default="active")
    resume_date = Day(null=True)
    travel_timezone = TextField(null=True)
    pause_reason = TextField(null=True)
    keep_structure = BooleanField(default=False)
    away_since = Day(null=True)
    resume_due_at = Instant(null=True)
    phone_unreachable = BooleanField(default=False)  # the provider says that there is no such number
    is_active = BooleanField(default=True)
    is_onboarded = BooleanField(default=False)
    onboarded_at = Instant(null=True)
    last_call_at = Instant(null=True)
    last_whatsapp_at = Instant(null=True)
    plan_due_at = Instant(null=True)
    closed_through = Day(null=True)  # the latest local date that is finalised
    close_due_at = Instant(null=True)
    deactivated_at = Instant(null=True)
    preferences = Json(null=True)  # what differs from the defaults of `domain.preferences`
    hold_since = Instant(null=True)  # a safety hold: everything but help has stopped
    hold_why = TextField(null=True)
    needs_follow_up = BooleanField(default=False)
    summary_due_at = Instant(null=True)
    receipt_due_at = Instant(null=True)
    pulse_due_at = Instant(null=True)
    checkin_due_at = Instant(null=True)
    bedtime_due_at = Instant(null=True)
    created_at = Instant()
    updated_at = Instant()


PLAN = DueColumn("member", "plan_due_at")  # calls are to be planned
CLOSE = DueColumn("member", "close_due_at")  # a local date is to be finalised
RESUME = DueColumn("member", "resume_due_at")  # being away ends
SUMMARY = DueColumn("member", "summary_due_at")  # Sunday morning
RECEIPT = DueColumn("member", "receipt_due_at")  # the first of the month
PULSE = DueColumn("member", "pulse_due_at")  # Friday evening
CHECKIN = DueColumn("member", "checkin_due_at")  # every day at eleven
BEDTIME = DueColumn("member", "bedtime_due_at")


def by_id(member_id: str) -> Member | None:
    return Member.one("id", member_id)


def existing(member_id: str) -> Member:
    """The member, or 404."""
    found = by_id(member_id)
    if found is None:
        raise NotFound("There is no such member.")
    return found


def by_email(email: str) -> Member | None:
    return Member.one("email", email)


def by_phone_hash(phone_hash: str) -> Member | None:
    return Member.one("phone_hash", phone_hash)


def by_customer(customer_id: str) -> Member | None:
    return Member.one("stripe_customer_id", customer_id)


def operators() -> list[Member]:
    """Whoever has the role and an open account."""
    return list(Member.select().where((Member.role == "superadmin") & Member.is_active).order_by(Member.id))


def by_emails(emails: Collection[str]) -> list[Member]:
    return list(Member.select().where(Member.email.in_(list(emails)) & Member.is_active).order_by(Member.id))


def all_members() -> Iterator[Member]:
    yield from Member.select().order_by(Member.id)


def count() -> int:
    found: int = Member.select().count()
    return found


def add(member: Member) -> None:
    member.save(force_insert=True)


def save(member: Member) -> None:
    """Write the fields that were changed, if any."""
    if member.dirty_fields:
        member.save(only=member.dirty_fields)


def clock_zone(member: Member) -> str:
    """The zone that the member's calls and reminders follow (R-12)."""
    return pauses.clock_zone(member.timezone, member.status, member.travel_timezone)


def standing(member: Member) -> Standing:
    """What decides whether the member may be called or written to."""
    return Standing(
        is_active=member.is_active,
        is_onboarded=member.is_onboarded,
        subscription_status=member.subscription_status,
        past_due_since=member.past_due_since,
        has_phone=member.phone is not None,
        call_consent=member.call_consent,
        message_consent=member.message_consent,
        status=member.status,
        keep_structure=member.keep_structure,
        communication_preference=member.communication_preference,
        in_hold=member.hold_since is not None,
    )
