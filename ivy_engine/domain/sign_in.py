"""Magic links and sessions: how long they live and when they are spent (RULEBOOK 7.2 #1-3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivy_engine.domain.members import Profile

LINK_LIFE = timedelta(minutes=15)
CODE_TRIES = 5


@dataclass(frozen=True)
class SignedIn:
    access_token: str
    expires_at: datetime
    refresh_token: str
    user: Profile


def usable(expires_at: datetime, used_at: datetime | None, now: datetime) -> bool:
    """A link is good once, until its time is over."""
    return used_at is None and now < expires_at
