"""Bodies and answers about members and signing in."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictBool, WithJsonSchema

from ivy_engine.domain import members
from ivy_engine.web.schemas.base import NOT_BLANK, SHOWN_NOT_BLANK, Answer, Body, Day, Instant, WholeNumber, by_rule, shown
from ivy_engine.web.schemas.vocabulary import (
    CHARITY_ID,
    CharityId,
    ClockTime,
    CompanyId,
    EmailAddress,
    FirstName,
    Goal,
    LastName,
    MemberId,
    MemberStatus,
    PhoneNumber,
    Role,
    SessionId,
    Style,
    SubscriptionStatus,
    Tier,
    Track,
    Url,
    ZoneName,
)

ACCESS = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"
REFRESH = "fedcba9876543210" * 4
LINK = "0123456789abcdef" * 4
CODE = "493817"


def _text(*examples: str, **rules: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": list(examples), **rules})


Email = Annotated[
    str, Field(max_length=254), by_rule(members.normal_email), _text("ana@example.com", format="email", maxLength=254)
]
_Phone = Annotated[str, _text("+44 7700 900155", format="phone", maxLength=40, description="International; empty for none.")]
Phone = Annotated[_Phone | None, Field(max_length=40), by_rule(members.normal_phone)]
_Zone = Annotated[str, _text("Europe/London", format="iana-zone", description="A zone of the IANA database.")]
Zone = Annotated[_Zone | None, by_rule(lambda name: name is None or members.check_zone(name))]
SignUpZone = Annotated[_Zone | None, by_rule(lambda name: not name or members.check_zone(name))]  # a form may leave it empty
_Time = Annotated[
    str, _text("07:05", pattern="^(([01]?[0-9]|2[0-3]):[0-5][0-9])?$", description="A local time of day; empty for none.")
]
TimeOfDay = Annotated[_Time | None, by_rule(lambda text: members.normal_time("", text))]
Weekdays = Annotated[Any, by_rule(members.normal_days), WithJsonSchema({
    "anyOf": [{"type": "array", "items": {"type": "string", "enum": list(members.WEEKDAYS)}}, {"type": "null"}],
    "examples": [["monday", "wednesday", "friday"]],
    "description": "English names in any case; also the JSON text that the profile returns. Empty for any day.",
})]  # fmt: skip
SaidName = Annotated[str, Field(max_length=100, json_schema_extra=SHOWN_NOT_BLANK), NOT_BLANK]
SaidTrack = Annotated[str, Field(max_length=50, json_schema_extra=SHOWN_NOT_BLANK, examples=["fitness"]), NOT_BLANK]
_CHARITY = "([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?"


def _charity(text: str) -> str:
    if not re.fullmatch(_CHARITY, text):
        raise ValueError("this is not one of our charities")
    return text


SaidCharity = Annotated[str, AfterValidator(_charity), _text(
    CHARITY_ID, pattern=f"^{_CHARITY}$", description="An active charity's id; empty for none.",
)]  # fmt: skip
_GIVEN = {"type": "string", "minLength": 1}


class SignUp(Body):
    model_config = shown({
        "email": "ana@example.com", "firstName": "Ana", "lastName": "Li", "track": "fitness", "goal": "Run 5K",
        "phone": "+44 7700 900155", "timezone": "Europe/London",
    })  # fmt: skip

    email: Email
    first_name: SaidName = Field(examples=["Ana"])
    last_name: SaidName = Field(examples=["Li"])
    track: SaidTrack
    goal: str = Field(max_length=500, json_schema_extra=SHOWN_NOT_BLANK, examples=["Run 5K"])
    phone: Phone = None
    timezone: SignUpZone = None
    preferred_charity_id: SaidCharity | None = None
    call_consent: StrictBool | None = None
    message_consent: StrictBool | None = None


class ProfileChange(Body):
    """What is not named stays; null and empty text clear what is optional."""

    model_config = shown({"morningCallTime": "07:05", "callFrequency": 3, "preferredDays": ["monday", "friday"], "weeklyGoal": 3})

    first_name: SaidName | None = Field(None, examples=["Ana"])
    last_name: SaidName | None = Field(None, examples=["Li"])
    phone: Phone = None
    timezone: Zone = None
    track: SaidTrack | None = None
    goal: str | None = Field(None, max_length=500, examples=["Run 10K"])
    minimum_mode: str | None = Field(None, max_length=500, examples=["Ten minutes of stretching"])
    gift_frame: str | None = Field(None, max_length=500, examples=["Every run buys a book for a child"])
    preferred_charity_id: SaidCharity | None = None
    morning_call_time: TimeOfDay = None
    evening_call_time: TimeOfDay = None
    weekly_call_time: TimeOfDay = None
    weekly_call_enabled: StrictBool | None = None
    call_frequency: Annotated[int | None, WholeNumber(1, 7)] = Field(None, description="Call days a week.")
    preferred_days: Weekdays = None
    weekly_goal: Annotated[int | None, WholeNumber(1, 14)] = Field(None, description="Completions a week.")
    why_started: str | None = Field(None, max_length=1000, examples=["To keep up with my children"])
    obstacles: list[str] | None = Field(None, max_length=20, examples=[["late meetings"]])
    what_works: str | None = Field(None, max_length=1000, examples=["Shoes beside the bed"])
    communication_preference: Style | None = None
    call_consent: StrictBool | None = None
    message_consent: StrictBool | None = None


class LinkRequest(Body):
    email: Email


class Verification(Body):
    """The token of the link, or the e-mail address with the code of the same mail."""

    model_config = shown(
        {"token": LINK},
        {"email": "ana@example.com", "code": CODE},
        **{"if": {"properties": {"token": {"type": "null"}}}},
        then={"required": ["email", "code"], "properties": {"email": _GIVEN, "code": _GIVEN}},
    )

    token: str | None = Field(None, min_length=1, max_length=200)
    email: str | None = Field(None, max_length=254)
    code: str | None = Field(None, max_length=20)


class CharityReference(Answer):
    id: CharityId
    name: str = Field(examples=["Room to Read"])
    impact_metric: str = Field(examples=["books in children's hands"])
    logo_url: Url | None


class Reference(Answer):
    id: CompanyId
    name: str = Field(examples=["Northside Logistics"])


class NewMember(Answer):
    id: MemberId
    email: EmailAddress
    first_name: FirstName
    last_name: LastName
    phone: PhoneNumber | None
    timezone: ZoneName
    track: Track
    goal: Goal
    subscription_tier: Tier
    created_at: Instant


class Onboarded(Answer):
    id: MemberId
    is_onboarded: bool
    onboarded_at: Instant | None


class Profile(Answer):
    """Everything about a member that a client may hold; every route that answers with a member gives all of it."""

    id: MemberId
    email: EmailAddress
    phone: PhoneNumber | None
    first_name: FirstName
    last_name: LastName
    timezone: ZoneName
    profile_image: Url | None
    subscription_tier: Tier
    subscription_status: SubscriptionStatus
    track: Track
    goal: Goal
    minimum_mode: str | None = Field(examples=["Ten minutes of stretching"])
    gift_frame: str | None = Field(examples=["Every run buys a book for a child"])
    morning_call_time: ClockTime | None
    evening_call_time: ClockTime | None
    call_frequency: int = Field(ge=1, le=7, description="Call days a week.", examples=[3])
    preferred_days: str | None = Field(
        description="JSON text, Monday first; null for any day.", examples=['["monday", "friday"]']
    )
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
    role: Role
    company_id: CompanyId | None
    status: MemberStatus
    resume_date: Day | None
    travel_timezone: ZoneName | None
    weekly_goal: int = Field(ge=1, le=14, description="Completions a week.", examples=[3])
    weekly_call_time: ClockTime | None
    weekly_call_enabled: bool
    communication_preference: Style
    why_started: str | None = Field(examples=["To keep up with my children"])
    obstacles: tuple[str, ...] = Field(examples=[["late meetings"]])
    what_works: str | None = Field(examples=["Shoes beside the bed"])
    call_consent: bool | None = Field(description="null: never asked.", examples=[True])
    message_consent: bool | None = Field(description="null: never asked.", examples=[True])


class Tokens(Answer):
    access_token: str = Field(description="For `Authorization: Bearer`.", examples=[ACCESS])
    expires_at: Instant
    refresh_token: str = Field(description="Good for the next pair, once.", examples=[REFRESH])


class SignedIn(Tokens):
    user: Profile


class LinkSent(Answer):
    message: str = Field(examples=["If this address is registered, a sign-in link is on its way to it."])


class SignedOut(Answer):
    message: str = Field(examples=["You are signed out."])


class DeviceSignedOut(Answer):
    message: str = Field(examples=["That device is signed out."])


class RefreshRequest(Body):
    refresh_token: str = Field(min_length=1, max_length=200, examples=[REFRESH])


class Session(Answer):
    """A device that is signed in."""

    id: SessionId
    created_at: Instant
    last_seen_at: Instant
    user_agent: str | None = Field(examples=["Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"])
    current: bool


class Deactivated(Answer):
    id: MemberId
    email: EmailAddress
    is_active: bool


class Farewell(Answer):
    message: str = Field(examples=["This account is closed."])
    user: Deactivated
