"""What the simulator's routes ask of the engine: whose message that was, what rings now, what happened last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from ivy_engine.actions import members as member_actions
from ivy_engine.actions import seeds, sign_in
from ivy_engine.domain import members
from ivy_engine.domain.errors import Invalid, NotFound
from ivy_engine.domain.sign_in import SignedIn
from ivy_engine.engine import Ivy
from ivy_engine.plugins.contract import OutboxEntry
from ivy_engine.store import calls as call_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows

FETCH_MOST = 5000
EXPLORER = "explorer@example.com"


@dataclass(frozen=True)
class OutboxRow:
    id: str
    kind: str
    to: str
    user_id: str | None
    template: str | None
    subject: str | None
    body: str | None
    token: str | None
    code: str | None
    payload: Mapping[str, Any]
    status: str | None
    at: datetime


@dataclass(frozen=True)
class Ringing:
    call_id: str
    retell_call_id: str
    user_id: str
    call_type: str
    status: str
    variables: Mapping[str, str]


def outbox(
    ivy: Ivy, kind: str | None, to: str | None, template: str | None, since: datetime | None, limit: int
) -> list[OutboxRow]:
    """What the simulated providers were given, newest first. `to` is an e-mail or a phone, and finds every kind.

    A phone may come without its plus, which a query string turns into a space.
    """
    entries = ivy.simulator.outbox(kind, template, since, FETCH_MOST if to else limit)
    with ivy.db.read():
        whose = message_rows.owners([entry.id for entry in entries])
        wanted = _user(ivy, to) if to else None
    rows = [_row(entry, *whose.get(entry.id, (None, None))) for entry in entries]
    if to:
        rows = [row for row in rows if row.to == to or (wanted is not None and row.user_id == wanted)]
    return rows[:limit]


def _user(ivy: Ivy, address: str) -> str | None:
    """The member behind an e-mail or a phone; None for what is neither."""
    if "@" in address:
        found = member_rows.by_email(address.strip().lower())
        return found.id if found else None
    try:
        phone = members.normal_phone("+" + address.strip().lstrip("+"))
    except Invalid:
        return None
    found = member_rows.by_phone_hash(ivy.keys.hash("phone", phone)) if phone else None
    return found.id if found else None


def _row(entry: OutboxEntry, user_id: str | None, status: str | None) -> OutboxRow:
    return OutboxRow(
        id=entry.id, kind=entry.kind, to=entry.to, user_id=user_id, template=entry.template, subject=entry.subject,
        body=entry.body, token=entry.token, code=entry.code, payload=entry.payload, status=status, at=entry.at,
    )  # fmt: skip


def ringing(ivy: Ivy, member_id: str | None) -> list[Ringing]:
    """Calls now ringing or connected."""
    with ivy.db.read():
        return [
            Ringing(call.id, call.retell_call_id or "", call.member_id, call.call_type, call.status, call.context_snapshot or {})
            for call in call_rows.live(member_id)
        ]


def provider_call(ivy: Ivy, call_id: str) -> str:
    """The provider's id of one of our calls, by either id."""
    with ivy.db.read():
        call = call_rows.by_id(call_id) or call_rows.by_provider_id(call_id)
    if call is None or call.retell_call_id is None:
        raise NotFound("There is no such call at the provider.")
    provider_call_id: str = call.retell_call_id
    return provider_call_id


def provider_message(ivy: Ivy, message_id: str) -> tuple[str, str]:
    """(provider's id, channel) of one of our messages."""
    with ivy.db.read():
        row = message_rows.by_id(message_id)
    provider_id = (row.whatsapp_id or row.twilio_sid) if row else None
    if row is None or provider_id is None:
        raise NotFound("There is no such message at a provider.")
    return provider_id, row.channel


def demo_member(ivy: Ivy, user_agent: str | None) -> SignedIn:
    """Signs in the first demo member whose account is open; one is signed up and onboarded when there is none."""
    with ivy.db.write():
        known = [member_rows.by_email(demo.email) for demo in seeds.DEMO_MEMBERS]
        member_id = next((row.id for row in known if row is not None and row.is_active), None)
        return sign_in.begin_session(ivy, member_id or _explorer(ivy), user_agent, ivy.clock.now())


def _explorer(ivy: Ivy) -> str:
    """The member of those who only look around: the next one when the last has closed the account."""
    for number in count(1):
        email = EXPLORER if number == 1 else EXPLORER.replace("@", f".{number}@")
        member = member_rows.by_email(email)
        if member is None:
            return _signed_up(ivy, email)
        if member.is_active:
            return str(member.id)
    raise AssertionError("count never ends")


def _signed_up(ivy: Ivy, email: str) -> str:
    profile = member_actions.sign_up(
        ivy, email=email, first_name="Demo", last_name="Member", track="fitness", goal="Find out what Ivy does"
    )
    member_actions.onboard(ivy, profile.id, {})
    return profile.id
