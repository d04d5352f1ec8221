"""Magic links and sessions: how long they live and when they are spent (RULEBOOK 7.2 #1-3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivy_engine.domain.members import Profile

LINK_LIFE = timedelta(minutes=15)
CODE_TRIES = 5
SEEN_EVERY = timedelta(minutes=5)  # how exactly a session's last use is known: not every read shall write


@dataclass(frozen=True)
class Tokens:
    """An access token, until when it lets in, and the refresh token that is good for the next one, once."""

    access_token: str
    expires_at: datetime
    refresh_token: str


@dataclass(frozen=True)
class SignedIn(Tokens):
    user: Profile


@dataclass(frozen=True)
class Session:
    """A device that is signed in."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    user_agent: str | None
    current: bool


def usable(expires_at: datetime, used_at: datetime | None, now: datetime) -> bool:
    """A link is good once, until its time is over."""
    return used_at is None and now < expires_at
