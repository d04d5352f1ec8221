"""Signing in: magic links by mail, spent once for an access token (RULEBOOK 7.2 #1-3)."""

import hmac
from datetime import datetime, timedelta

from ivy_engine.actions import messages, profiles
from ivy_engine.domain import sign_in
from ivy_engine.domain.errors import InvalidLink, Unauthorized
from ivy_engine.domain.sign_in import CODE_TRIES, LINK_LIFE, SignedIn
from ivy_engine.engine import Ivy
from ivy_engine.keys import BadToken
from ivy_engine.store import members as member_rows
from ivy_engine.store import sign_in as sign_in_rows
from ivy_engine.store.members import Member
from ivy_engine.store.sign_in import MagicLink, Session, Who

_REFUSED = "This link or code is wrong, was used already, or has expired. Please ask for a new one."


def request_link(ivy: Ivy, email: str) -> None:
    """Mail a link to an active member; nothing, and no sign of it, for anybody else (C-29)."""
    with ivy.db.write():
        member = member_rows.by_email(email.strip().lower())
        if member is not None and member.is_active:
            send_link(ivy, member)


def send_link(ivy: Ivy, member: Member) -> None:
    """A new link and code in one mail. Inside a write."""
    now = ivy.clock.now()
    token, code = ivy.clock.new_token(), ivy.clock.new_code()
    link = MagicLink(
        id=ivy.clock.new_id(),
        member_id=member.id,
        token_hash=ivy.keys.hash("link", token),
        code_hash=ivy.keys.hash("code", code),
        expires_at=now + LINK_LIFE,
        created_at=now,
    )
    sign_in_rows.add_link(link)
    address = f"{ivy.settings.frontend_url}{ivy.settings.web.magic_link_path}?token={token}"
    minutes = str(LINK_LIFE // timedelta(minutes=1))
    params = {"name": member.first_name, "link": address, "minutes": minutes, "token": token, "code": code}
    messages.queue_mail(ivy, member, "magic_link", params)


def verify_token(ivy: Ivy, token: str, user_agent: str | None) -> SignedIn:
    """Spend a link: 400 INVALID_LINK unless it is unused and younger than 15 minutes. All other links of the member end."""
    now = ivy.clock.now()
    with ivy.db.write():
        link = sign_in_rows.link_by_token(ivy.keys.hash("link", token))
        if link is None or not sign_in.usable(link.expires_at, link.used_at, now):
            raise InvalidLink(_REFUSED)
        return _sign_in(ivy, link.member_id, user_agent, now)


def verify_code(ivy: Ivy, email: str, code: str, user_agent: str | None) -> SignedIn:
    """Spend a link by the six digits of its mail: five tries for each."""
    now = ivy.clock.now()
    hashed = ivy.keys.hash("code", code.strip())
    with ivy.db.write():
        member = member_rows.by_email(email.strip().lower())
        links = sign_in_rows.open_links(member.id, now) if member else []
        open_links = [link for link in links if link.code_tries < CODE_TRIES]
        if member and any(hmac.compare_digest(link.code_hash, hashed) for link in open_links):
            return _sign_in(ivy, member.id, user_agent, now)
        for link in open_links:
            sign_in_rows.count_try(link.id)
    raise InvalidLink(_REFUSED)


def _sign_in(ivy: Ivy, member_id: str, user_agent: str | None, now: datetime) -> SignedIn:
    member = member_rows.by_id(member_id)
    if member is None or not member.is_active:
        raise InvalidLink(_REFUSED)
    sign_in_rows.spend_links(member_id, now)
    refresh = ivy.clock.new_token()
    session = Session(
        id=ivy.clock.new_id(),
        member_id=member_id,
        refresh_hash=ivy.keys.hash("refresh", refresh),
        refresh_expires_at=now + timedelta(days=ivy.settings.security.refresh_days),
        user_agent=(user_agent or "")[:300] or None,
        created_at=now,
        last_seen_at=now,
    )
    sign_in_rows.add_session(session)
    expires = now + timedelta(days=ivy.settings.security.token_days)
    claims = {"userId": member.id, "email": member.email, "sid": session.id, "iat": now, "exp": expires}
    return SignedIn(ivy.keys.sign_token(claims), expires, refresh, profiles.profile_of(member))


def who(ivy: Ivy, token: str | None) -> Who:
    """The member of an access token, read anew on each request. 401 when it does not let in."""
    if not token:
        raise Unauthorized("Please sign in.")
    try:
        claims = ivy.keys.read_token(token)
    except BadToken:
        raise Unauthorized("Please sign in again.") from None
    if ivy.clock.now().timestamp() >= claims["exp"]:
        raise Unauthorized("Your sign-in has expired. Please sign in again.")
    with ivy.db.read():
        found = sign_in_rows.who(str(claims.get("sid")))
    if found is None or found.id != claims["userId"]:
        raise Unauthorized("Please sign in again.")
    return found
