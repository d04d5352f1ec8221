"""Magic links and sessions. Tokens and codes are stored as keyed hashes only."""

from datetime import datetime
from typing import NamedTuple

from peewee import IntegerField, TextField

from ivy_engine.store.db import Instant, Table, db, to_ms


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
    """The signed-in member of a request."""

    id: str
    email: str
    role: str
    timezone: str


WHO = (
    "SELECT m.id, m.email, m.role, m.timezone FROM session s JOIN member m ON m.id = s.member_id "
    "WHERE s.id = ? AND s.ended_at IS NULL AND m.is_active = 1"
)


def add_link(link: MagicLink) -> None:
    link.save(force_insert=True)


def link_by_token(token_hash: str) -> MagicLink | None:
    found: MagicLink | None = MagicLink.get_or_none(MagicLink.token_hash == token_hash)
    return found


def open_links(member_id: str, now: datetime) -> list[MagicLink]:
    """The member's links that are neither spent nor over, newest first."""
    rows = MagicLink.select().where(
        (MagicLink.member_id == member_id) & MagicLink.used_at.is_null() & (MagicLink.expires_at > now)
    )
    return list(rows.order_by(MagicLink.created_at.desc(), MagicLink.id.desc()))


def spend_links(member_id: str, now: datetime) -> None:
    """All of the member's links are used up."""
    db.changed("UPDATE magic_link SET used_at = ? WHERE member_id = ? AND used_at IS NULL", to_ms(now), member_id)


def count_try(link_id: str) -> None:
    db.changed("UPDATE magic_link SET code_tries = code_tries + 1 WHERE id = ?", link_id)


def add_session(session: Session) -> None:
    session.save(force_insert=True)


def who(session_id: str) -> Who | None:
    """The active member of a session that has not ended."""
    found = db.row(WHO, session_id)
    return Who(*found) if found else None
