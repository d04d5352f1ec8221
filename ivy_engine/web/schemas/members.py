"""Bodies and answers about members and signing in."""

from typing import Annotated, Any

from pydantic import Field

from ivy_engine.domain import members
from ivy_engine.web.schemas.base import Answer, Body, Day, Instant, Whole, by_rule

Text = str
Email = Annotated[Text, Field(max_length=254), by_rule(members.normal_email)]
Phone = Annotated[Text | None, Field(max_length=40), by_rule(members.normal_phone)]
Zone = Annotated[Text | None, Field(max_length=64), by_rule(lambda name: not name or members.check_zone(name))]
TimeOfDay = Annotated[Text | None, by_rule(lambda text: members.normal_time("", text))]
Weekdays = Annotated[list[Any] | Text | None, by_rule(members.normal_days)]


class SignUp(Body):
    email: Email
    first_name: Text = Field(min_length=1, max_length=100)
    last_name: Text = Field(min_length=1, max_length=100)
    track: Text = Field(min_length=1, max_length=50)
    goal: Text = Field(min_length=1, max_length=500)
    phone: Phone = None
    timezone: Zone = None
    preferred_charity_id: Text | None = None
    call_consent: bool | None = None
    message_consent: bool | None = None


class ProfileChange(Body):
    first_name: Text | None = Field(None, max_length=100)
    last_name: Text | None = Field(None, max_length=100)
    phone: Phone = None
    timezone: Zone = None
    track: Text | None = Field(None, min_length=1, max_length=50)
    goal: Text | None = Field(None, max_length=500)
    minimum_mode: Text | None = Field(None, max_length=500)
    gift_frame: Text | None = Field(None, max_length=500)
    preferred_charity_id: Text | None = None
    morning_call_time: TimeOfDay = None
    evening_call_time: TimeOfDay = None
    weekly_call_time: TimeOfDay = None
    weekly_call_enabled: bool | None = None
    call_frequency: Whole = Field(None, ge=1, le=7)
    preferred_days: Weekdays = None
    weekly_goal: Whole = Field(None, ge=1, le=14)
    why_started: Text | None = Field(None, max_length=1000)
    obstacles: list[Text] | None = Field(None, max_length=20)
    what_works: Text | None = Field(None, max_length=1000)
    communication_preference: Text | None = Field(None, pattern="^(calls|async|mixed)$")
    call_consent: bool | None = None
    message_consent: bool | None = None


class LinkRequest(Body):
    email: Email


class Verification(Body):
    token: Text | None = Field(None, min_length=1, max_length=200)
    email: Text | None = Field(None, max_length=254)
    code: Text | None = Field(None, max_length=20)


class CharityReference(Answer):
    id: str
    name: str
    impact_metric: str
    logo_url: str | None


class Reference(Answer):
    id: str
    name: str


class NewMember(Answer):
    id: str
    email: str
    first_name: str
    last_name: str
    phone: str | None
    timezone: str
    track: str
    goal: str
    subscription_tier: str
    created_at: Instant


class Onboarded(Answer):
    id: str
    is_onboarded: bool
    onboarded_at: Instant | None


class Profile(Answer):
    id: str
    email: str
    phone: str | None
    first_name: str
    last_name: str
    timezone: str
    profile_image: str | None
    subscription_tier: str
    subscription_status: str
    track: str
    goal: str
    minimum_mode: str | None
    gift_frame: str | None
    morning_call_time: str | None
    evening_call_time: str | None
    call_frequency: int
    preferred_days: str | None
    google_calendar_connected: bool
    outlook_calendar_connected: bool
    is_active: bool
    is_onboarded: bool
    onboarded_at: Instant | None
    last_call_at: Instant | None
    created_at: Instant
    updated_at: Instant
    preferred_charity: CharityReference | None
    company: Reference | None
    role: str
    company_id: str | None
    status: str
    resume_date: Day | None
    travel_timezone: str | None
    weekly_goal: int
    weekly_call_time: str | None
    weekly_call_enabled: bool
    communication_preference: str
    why_started: str | None
    obstacles: tuple[str, ...]
    what_works: str | None
    call_consent: bool | None
    message_consent: bool | None


class SignedIn(Answer):
    access_token: str
    expires_at: Instant
    refresh_token: str
    user: Profile


class Notice(Answer):
    message: str


class RefreshRequest(Body):
    refresh_token: Text = Field(min_length=1, max_length=200)


class Tokens(Answer):
    access_token: str
    expires_at: Instant
    refresh_token: str


class Session(Answer):
    id: str
    created_at: Instant
    last_seen_at: Instant
    user_agent: str | None
    current: bool


class Deactivated(Answer):
    id: str
    email: str
    is_active: bool


class Farewell(Answer):
    message: str
    user: Deactivated
