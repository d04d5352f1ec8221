"""Signing in: magic links by mail, spent once for tokens; sessions, refreshed and ended (RULEBOOK 7.2 #1-3, 7.3)."""

import hmac
import logging
from datetime import datetime, timedelta

from ivy_engine.actions import audit, profiles
from ivy_engine.actions.messages import writing
from ivy_engine.domain import rates, sign_in
from ivy_engine.domain.audit import Actor
from ivy_engine.domain.errors import Conflict, InvalidLink, NotFound, Unauthorized
from ivy_engine.domain.sign_in import CODE_TRIES, LINK_LIFE, SEEN_EVERY, SignedIn, Tokens
from ivy_engine.engine import Ivy
from ivy_engine.keys import BadToken
from ivy_engine.store import members as member_rows
from ivy_engine.store import sign_in as sign_in_rows
from ivy_engine.store.members import Member
from ivy_engine.store.sign_in import MagicLink, Session, Who

log = logging.getLogger(__name__)
_REFUSED = "This link or code is wrong, was used already, or has expired. Please ask for a new one."


def send_requested_link(ivy: Ivy, email: str) -> None:
    """Mail the link that somebody has asked for: to an active member, within the links per e-mail and hour (C-29, D-13).

    For anybody else nothing happens. Inside a write.
    """
    member = member_rows.by_email(email.strip().lower())
    if member is None or not member.is_active:
        return
    now = ivy.clock.now()
    limit = rates.rate(ivy.settings.limits.links_per_email)
    if limit and sign_in_rows.links_since(member.id, now - limit.within, now) >= limit.times:
        log.info("no more links for member %s at the moment", member.id)
        return
    send_link(ivy, member)


def send_link(ivy: Ivy, member: Member) -> None:
    """A new link and code in one mail. Inside a write."""
    address, token, code = new_link(ivy, member)
    minutes = str(LINK_LIFE // timedelta(minutes=1))
    params = {"name": member.first_name, "link": address, "minutes": minutes, "token": token, "code": code}
    writing.queue_mail(ivy, member, "magic_link", params)


def link_for(ivy: Ivy, actor: Actor, email: str) -> str:
    """The address of a fresh link, for an operator to hand over. 404 for somebody unknown, 409 for a closed account."""
    with ivy.db.write():
        member = member_rows.by_email(email.strip().lower())
        if member is None:
            raise NotFound(f"There is no member {email}.")
        if not member.is_active:
            raise Conflict(f"The account of {email} is closed.")
        audit.record(ivy, actor, "link_made", member.id, "to hand over")
        return new_link(ivy, member)[0]


def new_link(ivy: Ivy, member: Member) -> tuple[str, str, str]:
    """A link that signs in once: its address, token and code, which are kept as hashes only. Inside a write."""
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
    return f"{ivy.settings.frontend_url}{ivy.settings.web.magic_link_path}?token={token}", token, code


def verify_token(ivy: Ivy, token: str, user_agent: str | None) -> SignedIn:
    """Spend a link: 400 INVALID_LINK unless it is unused and younger than 15 minutes. All other links of the member end."""
    now = ivy.clock.now()
    with ivy.db.write():
        link = sign_in_rows.link_by_token(ivy.keys.hash("link", token))
        if link is None or not sign_in.usable(link.expires_at, link.used_at, now):
            raise InvalidLink(_REFUSED)
        return begin_session(ivy, link.member_id, user_agent, now)


def verify_code(ivy: Ivy, email: str, code: str, user_agent: str | None) -> SignedIn:
    """Spend a link by the six digits of its mail: five tries for each."""
    now = ivy.clock.now()
    hashed = ivy.keys.hash("code", code.strip())
    with ivy.db.write():
        member = member_rows.by_email(email.strip().lower())
        member_id = member.id if member else ""  # nobody's links: an unknown address costs the same statements
        links = sign_in_rows.open_links(member_id, now, CODE_TRIES)
        if any(hmac.compare_digest(link.code_hash, hashed) for link in links):
            return begin_session(ivy, member_id, user_agent, now)
        sign_in_rows.count_try(member_id, now)
        sign_in_rows.count_refused_code()
    raise InvalidLink(_REFUSED)


def begin_session(ivy: Ivy, member_id: str, user_agent: str | None, now: datetime) -> SignedIn:
    """A device is signed in; open links end. 400 INVALID_LINK for an account that is closed. Inside a write."""
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
    tokens = _tokens(ivy, member, session, refresh, now)
    return SignedIn(**vars(tokens), user=profiles.profile_of(ivy, member))


def _tokens(ivy: Ivy, member: Member, session: Session, refresh: str, now: datetime) -> Tokens:
    expires = now + timedelta(days=ivy.settings.security.token_days)
    claims = {"userId": member.id, "email": member.email, "sid": session.id, "iat": now, "exp": expires}
    return Tokens(ivy.keys.sign_token(claims), expires, refresh)


def refresh(ivy: Ivy, token: str) -> Tokens:
    """New tokens for a refresh token, which is good once: 401 otherwise, and a spent one ends its session (C-40)."""
    now = ivy.clock.now()
    hashed = ivy.keys.hash("refresh", token)
    with ivy.db.write():
        session = sign_in_rows.session_by_refresh(hashed)
        member = member_rows.by_id(session.member_id) if session else None
        usable = session and member and member.is_active and session.ended_at is None and now < session.refresh_expires_at
        if session and member and usable:
            return _rotate(ivy, member, session, now)
        stolen = sign_in_rows.session_of_spent(hashed)
        if stolen:
            log.warning("a spent refresh token was shown again: session %s ends", stolen)
            sign_in_rows.end_stolen(stolen, now)
    raise Unauthorized("Please sign in again.")


def _rotate(ivy: Ivy, member: Member, session: Session, now: datetime) -> Tokens:
    token = ivy.clock.new_token()
    sign_in_rows.spend_refresh(session.refresh_hash, session.id, now)
    session.refresh_hash = ivy.keys.hash("refresh", token)
    session.refresh_expires_at = now + timedelta(days=ivy.settings.security.refresh_days)
    session.last_seen_at = now
    sign_in_rows.save_session(session)
    return _tokens(ivy, member, session, token, now)


def sessions(ivy: Ivy, who_asks: Who) -> list[sign_in.Session]:
    """Where the member is signed in, newest first."""
    with ivy.db.read():
        rows = sign_in_rows.live_sessions(who_asks.id, ivy.clock.now())
    return [
        sign_in.Session(row.id, row.created_at, row.last_seen_at, row.user_agent, current=row.id == who_asks.session_id)
        for row in rows
    ]


def end_session(ivy: Ivy, who_asks: Who, session_id: str) -> None:
    """Sign one device out, this one or another; 404 if it is not the member's or has ended."""
    with ivy.db.write():
        if not sign_in_rows.end_session(session_id, who_asks.id, ivy.clock.now()):
            raise NotFound("There is no such session.")


def who(ivy: Ivy, token: str | None) -> Who:
    """The member of an access token, read anew on each request. 401 when it does not let in."""
    if not token:
        raise Unauthorized("Please sign in.")
    try:
        claims = ivy.keys.read_token(token)
    except BadToken:
        raise Unauthorized("Please sign in again.") from None
    now = ivy.clock.now()
    if now.timestamp() >= claims["exp"]:
        raise Unauthorized("Your sign-in has expired. Please sign in again.")
    with ivy.db.read():
        found = sign_in_rows.who(str(claims.get("sid")))
    if found is None or found.id != claims["userId"]:
        raise Unauthorized("Please sign in again.")
    if abs(now - found.last_seen_at) >= SEEN_EVERY:
        with ivy.db.write():
            sign_in_rows.seen(found.session_id, now)
    return found._replace(role=profiles.role_of(ivy, found.email, found.role))
