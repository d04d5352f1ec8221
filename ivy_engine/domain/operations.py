"""The three queues that operators look after, and how much of each is kept in sight (RULEBOOK 6)."""

from dataclasses import dataclass
from datetime import datetime

CALLS, MESSAGES, DONATIONS = "call-schedule", "messages", "donations"
CALL, MESSAGE, EVENT = "call", "message", "event"


@dataclass(frozen=True)
class Sight:
    """How many of the newest rows are counted and listed."""

    finished: int
    failed: int


QUEUES = {CALLS: Sight(100, 500), MESSAGES: Sight(100, 500), DONATIONS: Sight(50, 200)}


@dataclass(frozen=True)
class Figures:
    """Rows of a queue. `failed` and `kept` end at what is kept in sight."""

    waiting: int
    running: int
    failed: int
    kept: int


@dataclass(frozen=True)
class FailedRow:
    """`at` is when it was to happen: a call's time, a message's writing, an event's arrival."""

    id: str
    kind: str
    reason: str
    at: datetime
