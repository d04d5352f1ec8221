"""Members: sign-up, profile, onboarding, the end of a membership."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ivy_engine.actions import (
    audit,
    consents,
    day_close,
    pauses,
    profiles,
    reminders,
    rhythms,
    sign_in,
    streaks,
    wallets,
    workouts,
)
from ivy_engine.actions.calls import planning
from ivy_engine.domain import members
from ivy_engine.domain.audit import Actor
from ivy_engine.domain.errors import Conflict, invalid
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import giving as ledger
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store import sign_in as sign_in_rows
from ivy_engine.store import streaks as day_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member

# What the planned calls depend on
_REPLAN = frozenset({
    "phone_hash", "timezone", "morning_call_time", "evening_call_time", "weekly_call_time", "weekly_call_enabled",
    "call_frequency", "preferred_days", "communication_preference", "call_consent", "is_onboarded",
})  # fmt: skip
# Fields a profile change may set as they are; the others have rules of their own below
_PLAIN = frozenset({
    "track", "goal", "minimum_mode", "gift_frame", "call_frequency", "weekly_goal", "weekly_call_enabled",
    "communication_preference", "why_started", "obstacles", "what_works",
})  # fmt: skip
_NEVER_NULL = frozenset({
    "track", "goal", "call_frequency", "weekly_goal", "weekly_call_enabled", "communication_preference",
})  # fmt: skip
# What the streak depends on
_DAYS = frozenset({"timezone", "preferred_days"})


def sign_up(
    ivy: Ivy,
    *,
    email: str,
    first_name: str,
    last_name: str,
    track: str,
    goal: str,
    phone: str | None = None,
    timezone: str | None = None,
    preferred_charity_id: str | None = None,
    call_consent: bool | None = None,
    message_consent: bool | None = None,
) -> members.Profile:
    """A new member with a wallet and a mail that signs them in (R-1 to R-8). 409 when e-mail or phone is taken."""
    now = ivy.clock.now()
    with ivy.db.write():
        row = Member(
            id=ivy.clock.new_id(),
            email=members.normal_email(email),
            first_name=_name("firstName", first_name),
            last_name=_name("lastName", last_name),
            timezone=members.check_zone(timezone or "Europe/London"),
            track=_name("track", track),
            goal=_name("goal", goal),
            preferred_charity_id=_charity(preferred_charity_id),
            created_at=now,
            updated_at=now,
        )
        if member_rows.by_email(row.email):
            raise Conflict("This e-mail address is already registered.")
        _set_phone(ivy, row, phone)
        day_close.begin(row, now)
        rhythms.begin(row, now)
        member_rows.add(row)
        wallets.open_wallet(ivy, row, now)
        day_rows.open_record(row.id, now)
        consents.answer(ivy, row, {"call_consent": call_consent, "message_consent": message_consent}, now)
        sign_in.send_link(ivy, row)
        return profiles.profile_of(ivy, row)


def _name(field: str, text: str) -> str:
    if not text.strip():
        raise invalid(field, "this must not be empty")
    return text.strip()


def _charity(charity_id: str | None) -> str | None:
    """The id if it is an active charity (R-5); a form's empty choice is none."""
    if not charity_id:
        return None
    charity = ledger.charity(charity_id)
    if charity is None or not charity.is_active:
        raise invalid("preferredCharityId", "this is not one of our charities")
    return charity_id


def _set_phone(ivy: Ivy, row: Member, text: str | None) -> None:
    phone = members.normal_phone(text)
    hashed = ivy.keys.hash("phone", phone) if phone else None
    if hashed == row.phone_hash:
        return
    owner = member_rows.by_phone_hash(hashed) if hashed else None
    if owner is not None and owner.id != row.id:
        raise Conflict("This phone number belongs to another member.")
    row.phone, row.phone_hash, row.phone_unreachable = phone, hashed, False
    row.last_whatsapp_at = None  # nobody has written from this one yet


def update(ivy: Ivy, actor: Actor, member_id: str, changes: Mapping[str, Any]) -> members.Profile:
    """Change what the request names; None clears optional fields. Calls are planned anew when they depend on it (R-97).

    403 for somebody else's profile unless the actor is an operator, whose change is audited.
    """
    now = ivy.clock.now()
    with ivy.db.write():
        profiles.check_may_change(actor, member_id)
        row = member_rows.existing(member_id)
        if actor.id != member_id:
            audit.record(ivy, actor, "profile_changed", member_id, "as an operator")
        was = _Before(row.timezone, streaks.streak_of(ivy, row).current)
        _take(ivy, row, changes)
        _finish_change(ivy, row, was, changes, now)
        return profiles.profile_of(ivy, row)


def listed(ivy: Ivy, actor: Actor) -> list[members.Profile]:
    """All members, for an operator; the look is audited (R-167)."""
    with ivy.db.write():
        audit.record(ivy, actor, "members_listed", None, "as an operator")
        return [profiles.profile_of(ivy, row) for row in member_rows.all_members()]


def deactivate(ivy: Ivy, actor: Actor, member_id: str) -> members.Profile:
    """Soft delete (R-17): every token stops working at once, nothing more is sent or dialled, the data stays for 30 days.

    403 for somebody else unless the actor is an operator. A second time changes nothing.
    """
    now = ivy.clock.now()
    with ivy.db.write():
        profiles.check_may_change(actor, member_id)
        row = member_rows.existing(member_id)
        if actor.id != member_id:
            audit.record(ivy, actor, "member_deactivated", member_id, "as an operator")
        if row.is_active:
            row.is_active, row.deactivated_at, row.updated_at = False, now, now
            row.plan_due_at = row.close_due_at = row.resume_due_at = None
            rhythms.end(row)
            member_rows.save(row)
            _stop_everything(row, now)
        return profiles.profile_of(ivy, row)


def _stop_everything(row: Member, now: datetime) -> None:
    sign_in_rows.end_sessions(row.id, now)
    sign_in_rows.spend_links(row.id, now)
    call_rows.cancel_scheduled(row.id, now)
    message_rows.cancel_queued(row.id, "member_inactive")
    workout_rows.forget_reminders(row.id)
    ledger.stop_rolling(row.id)


def onboard(ivy: Ivy, member_id: str, changes: Mapping[str, Any]) -> members.Profile:
    """Complete onboarding, once; a repetition changes nothing and returns the first `onboardedAt` (R-9, R-10, R-120)."""
    now = ivy.clock.now()
    with ivy.db.write():
        row = member_rows.existing(member_id)
        if not row.is_onboarded:
            was = _Before(row.timezone, streaks.streak_of(ivy, row).current)
            _take(ivy, row, changes)
            row.is_onboarded, row.onboarded_at = True, now
            _finish_change(ivy, row, was, changes, now)
        return profiles.profile_of(ivy, row)


def _take(ivy: Ivy, row: Member, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        if name in ("first_name", "last_name"):
            if value is not None:
                _set(row, name, _name("firstName" if name == "first_name" else "lastName", value))
        elif name == "phone":
            _set_phone(ivy, row, value)
        elif name == "timezone":
            if value is not None:
                _set(row, name, members.check_zone(value))
        elif name == "preferred_charity_id":
            _set(row, name, _charity(value))
        elif name in ("morning_call_time", "evening_call_time", "weekly_call_time"):
            _set(row, name, members.normal_time(_camel(name), value))
        elif name == "preferred_days":
            days = members.normal_days(value)
            _set(row, name, list(days) if days else None)
        elif name in _PLAIN and not (value is None and name in _NEVER_NULL):
            _set(row, name, ([] if value is None else list(value)) if name == "obstacles" else value)


def _set(row: Member, name: str, value: Any) -> None:
    """Only a value that differs is a change."""
    if getattr(row, name) != value:
        setattr(row, name, value)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@dataclass(frozen=True)
class _Before:
    """What a change is compared with."""

    zone: str
    streak: int


def _finish_change(ivy: Ivy, row: Member, was: _Before, said: Mapping[str, Any], now: datetime) -> None:
    """Consent, then whatever depends on the changed fields. Inside a write."""
    changed = {field.name for field in row.dirty_fields}
    changed |= consents.answer(ivy, row, said, now)
    if not changed:
        return
    row.updated_at = now
    member_rows.save(row)
    if not row.is_active:
        return
    if changed & _REPLAN and row.is_onboarded:
        planning.replan(ivy, row, now)
    if row.timezone != was.zone:
        day_close.follow_zone(row, was.zone, now)
        pauses.follow_zone(row)
        wallets.follow_zone(row, now)
        reminders.follow_zone(row, now)
        rhythms.follow_zone(row, now)
    if changed & _DAYS:
        workouts.corrected(ivy, row, was.streak, now)
