"""Calls that somebody asks for: which types there are, when they may be, what may be changed (R-103, RULEBOOK 7.3)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from ivy_engine.domain.calls.states import SCHEDULED, TERMINAL
from ivy_engine.domain.errors import Conflict, invalid

TYPES = (
    "ONBOARDING", "MORNING_PLANNING", "EVENING_REVIEW", "RESCUE", "WEEKLY_PLANNING", "MONTHLY_CHECKIN", "FOLLOW_UP",
    "QUARTERLY_REVIEW",
)  # fmt: skip
Outcome = Literal[
    "invalid_number", "workout_planned", "workout_logged", "rest_day", "rescue_success", "rescue_failed", "missed_logged",
    "completed", "no_answer", "busy", "voicemail", "declined", "error", "expired", "already_logged",
]  # fmt: skip
_ALIASES = {"MONTHLY_CHECK": "MONTHLY_CHECKIN"}  # D02's own word
FARTHEST = timedelta(days=60)
# Why a call may not be made, in a person's words
SENTENCES = {
    "inactive": "the account is closed",
    "not_onboarded": "onboarding is not complete",
    "subscription": "the subscription is not active",
    "no_phone": "there is no phone number",
    "no_consent": "calls were not agreed to",
    "away": "the member is away",
    "prefers_messages": "the member prefers messages",
    "out_of_season": "the company's season is not running",
    "safety_hold": "calls are on hold",
    "number_unreachable": "the number cannot be reached",
    "voice_off": "the voice provider is off",
}


@dataclass(frozen=True)
class Call:
    """A call as its member sees it (R-90)."""

    id: str
    user_id: str
    call_type: str
    scheduled_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    duration: int | None
    status: str
    retell_call_id: str | None
    transcript: str | None
    transcript_summary: str | None
    recording_url: str | None
    outcome: str | None
    sentiment: str | None
    needs_follow_up: bool
    direction: str
    attempt: int
    retry_of_id: str | None
    local_date: date
    source: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Decision:
    """What the gate has decided about a call, with every reason against it."""

    at: datetime
    allowed: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class CallWithDecisions(Call):
    decisions: tuple[Decision, ...]


def call_type(text: str) -> str:
    """A type in any letter case, or by D02's name; 422 for any other."""
    name = text.strip().upper()
    name = _ALIASES.get(name, name)
    if name not in TYPES:
        raise invalid("callType", f"use one of {', '.join(TYPES)}")
    return name


def check_time(at: datetime, now: datetime) -> None:
    """422 for a time that has passed, or is more than 60 days ahead."""
    if not timedelta(0) < at - now <= FARTHEST:
        raise invalid("scheduledAt", f"this must lie ahead, at most {FARTHEST.days} days")


def check_scheduled(status: str) -> None:
    """409 unless the call still waits."""
    if status != SCHEDULED:
        raise Conflict(f"A call that is {status} cannot be moved.")


def check_not_over(status: str) -> None:
    """409 when there is nothing left to cancel (R-103)."""
    if status in TERMINAL:
        raise Conflict(f"A call that is {status} cannot be cancelled.")


def check_over(status: str) -> None:
    if status not in TERMINAL:
        raise Conflict("A call has an outcome when it is over.")


def refuse(reasons: tuple[str, ...]) -> None:
    """409 with everything that stands against a call."""
    told = [SENTENCES[reason] for reason in reasons if reason in SENTENCES]
    if told:
        raise Conflict(f"This call cannot be made: {', '.join(told)}.")
