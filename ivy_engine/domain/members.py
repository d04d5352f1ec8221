"""Who a member is: names, e-mail, phone, zone, call times, consent (R-1 to R-6, R-22, R-120)."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import phonenumbers

from ivy_engine.domain import pauses, zones
from ivy_engine.domain.errors import invalid

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PAYMENT_GRACE = timedelta(days=7)
USER, COACH, ADMIN, SUPERADMIN = ROLES = ("user", "coach", "admin", "superadmin")
STATUSES = ("active", "paused", "sick", "traveling")


@dataclass(frozen=True)
class Reference:
    """Something named by another row."""

    id: str
    name: str


@dataclass(frozen=True)
class CharityReference:
    id: str
    name: str
    impact_metric: str
    logo_url: str | None


@dataclass(frozen=True)
class Profile:
    """The whole profile, as every route that returns a user gives it (RULEBOOK 7.2)."""

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
    onboarded_at: datetime | None
    last_call_at: datetime | None
    created_at: datetime
    updated_at: datetime
    preferred_charity: CharityReference | None
    company: Reference | None
    role: str
    company_id: str | None
    status: str
    resume_date: date | None
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


def normal_email(text: str) -> str:
    """Trimmed and in lower case (R-2)."""
    email = text.strip().lower()
    plain = email.isprintable() and not set(email) & set('<>()[]\\,;:"')
    if not plain or not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", email) or len(email) > 254:
        raise invalid("email", "this is not an e-mail address")
    return email


def normal_phone(text: str | None, field: str = "phone") -> str | None:
    """E.164, or None for empty text; 422 when it is not a possible international number (R-3)."""
    if text is None or not text.strip():
        return None
    try:
        number = phonenumbers.parse(re.sub(r"[\s()\-.]", "", text), None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise invalid(field, "write the number with its country code, for example +44 7700 900101")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def check_zone(name: str) -> str:
    """The zone's name if the IANA database has it (R-4)."""
    if not zones.is_zone(name):
        raise invalid("timezone", "this is not an IANA time zone, for example Europe/London")
    return name


def normal_time(field: str, text: str | None) -> str | None:
    """`7:05` and `07:05` become `07:05`; empty text is None (R-22)."""
    if text is None or not text.strip():
        return None
    match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", text.strip())
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        raise invalid(field, "write a time of day as HH:MM, for example 07:05")
    return f"{int(match[1]):02d}:{match[2]}"


def clock_time(text: str) -> time:
    """The time of a stored `HH:MM`."""
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))


def normal_days(given: str | Sequence[Any] | None) -> tuple[str, ...] | None:
    """Weekday names from a list or JSON-array text: lower case, Monday first, without repeats; None or empty for any day."""
    if isinstance(given, str):
        given = _list_in(given.strip())
    if given is None or given == []:
        return None
    known = isinstance(given, Sequence) and all(isinstance(name, str) for name in given)
    names = {name.strip().lower() for name in given} if known else set()
    if not known or not names <= set(WEEKDAYS):
        raise invalid("preferredDays", 'use English weekday names, for example ["monday", "thursday"]')
    return tuple(day for day in WEEKDAYS if day in names)


def _list_in(text: str) -> Sequence[Any] | None:
    """The list that a JSON text holds; another text is one name, an empty one is no list."""
    if not text.startswith("["):
        return [text] if text else None
    try:
        found: Sequence[Any] = json.loads(text)
    except (ValueError, RecursionError):
        return [text]
    return found


def days_text(days: Sequence[str] | None) -> str | None:
    """Stored weekday names as the API returns them: JSON-array text."""
    return json.dumps(list(days)) if days else None


@dataclass(frozen=True)
class Standing:
    """What decides whether a member may be called or given for."""

    is_active: bool
    is_onboarded: bool
    subscription_status: str
    past_due_since: datetime | None
    has_phone: bool
    call_consent: bool | None
    message_consent: bool | None
    status: str
    keep_structure: bool
    communication_preference: str
    in_hold: bool = False


def sight(role: str, assigned: bool, tier: str | None) -> str | None:
    """Why somebody with a role may see another member's data, None if they may not (RULEBOOK 2.4)."""
    if role == SUPERADMIN:
        return "as an operator"
    of_a_company = tier == "B2B"  # what a company's people do is theirs alone
    return "as the assigned coach" if role == COACH and assigned and not of_a_company else None


def subscription_usable(status: str, past_due_since: datetime | None, now: datetime) -> bool:
    """Withheld for `paused`, and for `past_due` after the grace of 7 days (R-15, D-4)."""
    if status == "past_due":
        return past_due_since is None or now - past_due_since <= PAYMENT_GRACE
    return status != "paused"


def callable_now(who: Standing, now: datetime) -> bool:
    """Whether calls may be planned and dialled (R-91, R-12, R-120)."""
    return (
        who.is_active
        and who.is_onboarded
        and subscription_usable(who.subscription_status, who.past_due_since, now)
        and who.has_phone
        and who.call_consent is True
        and not pauses.withheld(who.status, who.keep_structure)
        and who.communication_preference != "async"
        and not who.in_hold
    )


def messageable(who: Standing) -> bool:
    """Whether an automatic message may be sent (R-120)."""
    return who.is_active and who.has_phone and who.message_consent is True


def consents_after(
    given: tuple[bool | None, bool | None], is_onboarded: bool, has_phone: bool, strict: bool
) -> tuple[bool | None, bool | None]:
    """Call and message consent once onboarding is complete and a phone is known (R-120).

    An explicit answer is honoured; silence counts as consent unless `strict` (rules.require_explicit_consent).
    """
    if strict or not (is_onboarded and has_phone):
        return given
    calls, messages = given
    return (True if calls is None else calls, True if messages is None else messages)
