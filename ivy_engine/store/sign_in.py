"""Magic links and sessions. Tokens and codes are stored as keyed hashes only."""

from datetime import datetime
from typing import NamedTuple

from peewee import IntegerField, TextField

from ivy_engine.store.db import Instant, Table, db, from_ms, to_ms


class MagicLink(Table):
    id = TextField(primary_key=True)
    member_id = TextField()
    token_hash = TextField(unique=True)
    code_hash = TextField()
    code_tries = IntegerField(default=0)
    expires_at = Instant()
    used_at = Instant(null=True)
    created_at = Instant()


class Session(Table):
    id = TextField(primary_key=True)
    member_id = TextField()
    refresh_hash = TextField(unique=True)
    refresh_expires_at = Instant()
    user_agent = TextField(null=True)
    created_at = Instant()
    last_seen_at = Instant()
    ended_at = Instant(null=True)


class Who(NamedTuple):
    """The signed-in member of a request, and their session."""

    id: str
    email: str
    role: str
    timezone: str
    session_id: str
    last_seen_at: datetime


WHO = (
    "SELECT m.id, m.email, m.role, m.timezone, s.id, s.last_seen_at FROM session s JOIN member m ON m.id = s.member_id "
    "WHERE s.id = ? AND s.ended_at IS NULL AND m.is_active = 1"
)


def add_link(link: MagicLink) -> None:
    link.save(force_insert=True)


def link_by_token(token_hash: str) -> MagicLink | None:
    found: MagicLink | None = MagicLink.get_or_none(MagicLink.token_hash == token_hash)
    return found


def open_links(member_id: str, now: datetime, tries: int) -> list[MagicLink]:
    """The member's links that are neither spent nor over and whose code was tried less than `tries` times, newest first."""
    rows = MagicLink.select().where(
        (MagicLink.member_id == member_id)
        & MagicLink.used_at.is_null()
        & (MagicLink.expires_at > now)
        & (MagicLink.code_tries < tries)
    )
    return list(rows.order_by(MagicLink.created_at.desc(), MagicLink.id.desc()))


def links_since(member_id: str, since: datetime, now: datetime) -> int:
    """How many links were made for a member after `since`, until now."""
    found = db.row(
        "SELECT COUNT(*) FROM magic_link WHERE member_id = ? AND created_at > ? AND created_at <= ?",
        member_id,
        to_ms(since),
        to_ms(now),
    )
    return found[0] if found else 0


def spend_links(member_id: str, now: datetime) -> None:
    """All of the member's links are used up."""
    db.changed("UPDATE magic_link SET used_at = ? WHERE member_id = ? AND used_at IS NULL", to_ms(now), member_id)


def count_try(member_id: str, now: datetime) -> None:
    """A wrong code counts against every link that is open."""
    db.changed(
        "UPDATE magic_link SET code_tries = code_tries + 1 WHERE member_id = ? AND used_at IS NULL AND expires_at > ?",
        member_id,
        to_ms(now),
    )


def count_refused_code() -> None:
    """One write for every refused code, whether the address is known or not: both answers take the same time."""
    db.changed("UPDATE refused_code SET times = times + 1 WHERE id = 1")


def add_session(session: Session) -> None:
    session.save(force_insert=True)


def save_session(session: Session) -> None:
    if session.dirty_fields:
        session.save(only=session.dirty_fields)


def session_by_refresh(refresh_hash: str) -> Session | None:
    """The session whose current refresh token this is."""
    found: Session | None = Session.get_or_none(Session.refresh_hash == refresh_hash)
    return found


def spend_refresh(refresh_hash: str, session_id: str, now: datetime) -> None:
    """Remember a refresh token that was used: whoever shows it again has stolen it, or was stolen from."""
    db.changed("INSERT INTO spent_refresh (hash, session_id, spent_at) VALUES (?, ?, ?)", refresh_hash, session_id, to_ms(now))


def session_of_spent(refresh_hash: str) -> str | None:
    """The id of the session that a spent refresh token belonged to."""
    found = db.row("SELECT session_id FROM spent_refresh WHERE hash = ?", refresh_hash)
    return found[0] if found else None


def live_sessions(member_id: str, now: datetime) -> list[Session]:
    """Sessions that have not ended and can still be refreshed, newest first."""
    rows = Session.select().where(
        (Session.member_id == member_id) & Session.ended_at.is_null() & (Session.refresh_expires_at > now)
    )
    return list(rows.order_by(Session.created_at.desc(), Session.id.desc()))


def end_session(session_id: str, member_id: str, now: datetime) -> bool:
    """End one of the member's sessions; False if there is no such live one."""
    sql = "UPDATE session SET ended_at = ? WHERE id = ? AND member_id = ? AND ended_at IS NULL"
    return db.changed(sql, to_ms(now), session_id, member_id) == 1


def end_stolen(session_id: str, now: datetime) -> None:
    db.changed("UPDATE session SET ended_at = ? WHERE id = ? AND ended_at IS NULL", to_ms(now), session_id)


def end_sessions(member_id: str, now: datetime) -> None:
    """All of the member's tokens stop working at once (R-17)."""
    db.changed("UPDATE session SET ended_at = ? WHERE member_id = ? AND ended_at IS NULL", to_ms(now), member_id)


def seen(session_id: str, now: datetime) -> None:
    db.changed("UPDATE session SET last_seen_at = ? WHERE id = ?", to_ms(now), session_id)


def who(session_id: str) -> Who | None:
    """The active member of a session that has not ended."""
    found = db.row(WHO, session_id)
    if found is None:
        return None
    member_id, email, role, timezone, session_id, last_seen = found
    return Who(member_id, email, role, timezone, session_id, from_ms(last_seen))
