"""Silence is an answer: who leaves questions unanswered is asked less, then once whether to go on, then not at all (R-117)."""

from datetime import datetime, timedelta
from enum import Enum

FULL_BUDGET = 7  # questions in a week that nobody has asked for
PATIENCE = 3  # left unanswered in a row, until it is asked whether to go on
WEEK = timedelta(days=7)


class May(Enum):
    ASK = "ask"
    ASK_TO_GO_ON = "ask to go on"
    BE_QUIET = "be quiet"


def may_ask(unanswered: int, asked_to_go_on: bool) -> May:
    """`unanswered` questions since the member was last in touch, and whether it was asked since then if they are welcome."""
    if unanswered < PATIENCE:
        return May.ASK
    return May.BE_QUIET if asked_to_go_on else May.ASK_TO_GO_ON


def budget(last_contact: datetime | None, now: datetime) -> int:
    """How many such questions a week may have: half as many for each whole week of silence, and never none."""
    silent_weeks = max(0, (now - last_contact) // WEEK) if last_contact else 0
    return max(1, FULL_BUDGET >> min(silent_weeks, FULL_BUDGET))
