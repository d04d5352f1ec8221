"""What may become of a call: one table of disconnection reasons, one fold of provider events (R-98, R-100, RULEBOOK 4.4)."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

SCHEDULED, IN_PROGRESS, COMPLETED, NO_ANSWER = "SCHEDULED", "IN_PROGRESS", "COMPLETED", "NO_ANSWER"
FAILED, CANCELLED = "FAILED", "CANCELLED"
TERMINAL = frozenset({COMPLETED, NO_ANSWER, FAILED, CANCELLED})

LATE_TOLERANCE = timedelta(minutes=30)
DIAL_LEASE = timedelta(minutes=3)
DIAL_TRIES = 3
DIAL_BACKOFF = timedelta(seconds=2)
STUCK_AFTER = timedelta(minutes=15)
CLOCK_SKEW = timedelta(minutes=5)
LONGEST_CALL = timedelta(hours=2)

_TALKED = (
    "user_hangup agent_hangup inactivity max_duration_reached call_transfer transfer_cancelled transfer_bridged "
    "call_take_over manual_stopped user_requested_dnc user_requested_callback"
)
# reason -> (status, outcome); a reason that is not here is a line or provider error (PROVIDERS 1.5)
_ENDS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(_TALKED.split(), (COMPLETED, "completed")),
    "dial_no_answer": (NO_ANSWER, "no_answer"),
    "registered_call_timeout": (NO_ANSWER, "no_answer"),
    "dial_busy": (NO_ANSWER, "busy"),
    "voicemail_reached": (NO_ANSWER, "voicemail"),
    "machine_detected": (NO_ANSWER, "voicemail"),
    "ivr_reached": (NO_ANSWER, "voicemail"),
    "user_declined": (NO_ANSWER, "declined"),
    "invalid_destination": (FAILED, "invalid_number"),
}
_SENTIMENT = {"Positive": "positive", "Negative": "struggling"}


@dataclass(frozen=True)
class Event:
    """What the voice provider says about one call. Unknown things are None."""

    kind: str  # started, ended or analyzed
    provider_call_id: str | None
    call_id: str | None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration: int | None = None
    reason: str | None = None
    transcript: str | None = None
    recording_url: str | None = None
    summary: str | None = None
    sentiment: str | None = None
    in_voicemail: bool | None = None
    extracted: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """The part of a call that provider events change."""

    status: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration: int | None = None
    outcome: str | None = None
    provider_call_id: str | None = None
    transcript: str | None = None
    recording_url: str | None = None
    summary: str | None = None
    sentiment: str | None = None
    needs_follow_up: bool = False
    analyzed: bool = False
    in_voicemail: bool = False
    extracted: dict[str, Any] = field(default_factory=dict)


def after(call: Call, event: Event, now: datetime) -> Call:
    """The call after an event; the same final state for every order and any repetition of the same events (R-100)."""
    if call.provider_call_id is None:
        call = replace(call, provider_call_id=event.provider_call_id)
    if event.kind == "started":
        return _started(call, event, now)
    if event.kind == "ended":
        return _ended(call, event, now)
    return _analyzed(call, event)


def _started(call: Call, event: Event, now: datetime) -> Call:
    """A start that arrives after the end changes no state; it only fills in what the end could not say."""
    if call.status in TERMINAL:
        started = call.started_at or (event.started_at if call.ended_at else None)
        return replace(call, started_at=started, duration=call.duration or _seconds(started, call.ended_at))
    return replace(call, status=IN_PROGRESS, started_at=call.started_at or event.started_at or now)


def _ended(call: Call, event: Event, now: datetime) -> Call:
    if call.status in TERMINAL:
        return call
    status, outcome = end_of(event.reason)
    started, ended = event.started_at or call.started_at, event.ended_at or now
    said = _seconds(event.started_at, event.ended_at) or event.duration
    return replace(
        call,
        status=status,
        outcome=outcome,
        started_at=started,
        ended_at=ended,
        duration=said if said is not None else _seconds(started, ended) or 0,
        transcript=event.transcript or call.transcript,
        recording_url=event.recording_url or call.recording_url,
    )


def end_of(reason: str | None) -> tuple[str, str]:
    """Status and outcome of a disconnection reason; an absent one is a normal end, an unknown one an error."""
    return (COMPLETED, "completed") if not reason else _ENDS.get(reason, (FAILED, "error"))


def _seconds(start: datetime | None, end: datetime | None) -> int | None:
    return int((end - start).total_seconds()) if start and end and end >= start else None


def happened_at(scheduled: datetime, ended: datetime | None, now: datetime) -> datetime:
    """When the conversation was: its end if that is plausible, else now if now is near it, else its scheduled time.

    Events come late, and a stranger's clock may be wrong: what was said counts for the day of the call.
    """
    if ended is not None and scheduled - CLOCK_SKEW <= ended <= now + CLOCK_SKEW:
        return min(ended, now)
    return now if now - scheduled <= LONGEST_CALL else scheduled


def _analyzed(call: Call, event: Event) -> Call:
    if call.analyzed or call.status == CANCELLED:
        return call
    sentiment = _SENTIMENT.get(event.sentiment or "", "neutral")
    return replace(
        call,
        analyzed=True,
        transcript=event.transcript or call.transcript,
        recording_url=event.recording_url or call.recording_url,
        summary=event.summary,
        sentiment=sentiment,
        needs_follow_up=call.needs_follow_up or sentiment == "struggling",
        in_voicemail=bool(event.in_voicemail),
        extracted=event.extracted,
    )
