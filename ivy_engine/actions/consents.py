"""Consents: given and withdrawn one by one, remembered for good, and a withdrawal takes effect at once (R-120, R-165)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ivy_engine.actions.calls import planning
from ivy_engine.domain import consents, members
from ivy_engine.domain.consents import Consent, Consents
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import consents as consent_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store.consents import Given
from ivy_engine.store.members import Member

# What every call and message asks for
COLUMNS: Mapping[consents.Kind, str] = {"calls": "call_consent", "messages": "message_consent"}


def of_member(ivy: Ivy, member_id: str) -> Consents:
    """Where a member stands with each kind."""
    with ivy.db.read():
        return _consents(member_rows.existing(member_id))


def change(ivy: Ivy, member_id: str, said: Mapping[consents.Kind, bool]) -> Consents:
    """Give or withdraw the kinds that are named; calls are planned anew when they depend on it (R-97)."""
    now = ivy.clock.now()
    with ivy.db.write():
        member = member_rows.existing(member_id)
        changed = [kind for kind, granted in said.items() if record(ivy, member, kind, granted, "api", now)]
        if "calls" in changed and member.is_onboarded:
            planning.replan(ivy, member, now)
        return _consents(member)


def record(ivy: Ivy, member: Member, kind: consents.Kind, granted: bool, source: consents.Source, now: datetime) -> bool:
    """Write down what a member has said, with what follows from a withdrawal; False when that was said before.

    Saves the member. Whoever grants calls has them planned. Inside a write.
    """
    if getattr(_consents(member), kind).granted is granted:
        return False
    consent_rows.add(ivy.clock.new_id(), member.id, Given(kind, granted, source, consents.TEXT_VERSION, now))
    if kind in COLUMNS:
        setattr(member, COLUMNS[kind], granted)
        member.consent_source, member.consent_at = source, now
    member.updated_at = now
    member_rows.save(member)
    if not granted:
        _stop(member, kind, now)
    return True


def answer(ivy: Ivy, member: Member, said: Mapping[str, Any], now: datetime) -> set[str]:
    """What a profile's fields say about consent, and what silence means once onboarding is complete; the fields that changed.

    An answer that was given is not taken back by silence (R-120). Inside a write.
    """
    given = {kind: said[field] for kind, field in COLUMNS.items() if said.get(field) is not None}
    changed = {COLUMNS[kind] for kind, granted in given.items() if record(ivy, member, kind, granted, "api", now)}
    strict = ivy.settings.rules.require_explicit_consent
    stand = (member.call_consent, member.message_consent)
    after = members.consents_after(stand, member.is_onboarded, member.phone is not None, strict)
    for (kind, field), granted in zip(COLUMNS.items(), after, strict=True):
        if granted is not None and record(ivy, member, kind, granted, "onboarding", now):
            changed.add(field)
    return changed


def _stop(member: Member, kind: consents.Kind, now: datetime) -> None:
    if kind == "calls":
        call_rows.cancel_scheduled(member.id, now)
    elif kind == "messages":
        message_rows.cancel_automatic(member.id, "not_wanted")


def _consents(member: Member) -> Consents:
    rows = consent_rows.latest(member.id)
    return Consents(**{kind: _latest(member, kind, rows.get(kind)) for kind in consents.KINDS})


def _latest(member: Member, kind: consents.Kind, row: Given | None) -> Consent:
    """The newest row; where the member's column says something else, it is from before there was a history."""
    granted = getattr(member, COLUMNS[kind]) if kind in COLUMNS else row.granted if row else None
    if granted is None:
        return Consent()
    if row is not None and row.granted is granted:
        return Consent(granted, row.at, row.source, row.text_version)
    return Consent(granted, member.consent_at, member.consent_source)
