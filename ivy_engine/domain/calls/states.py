"""What may become of a call: one table of disconnection reasons, one fold of provider events (R-98, R-100, RULEBOOK 4.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
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


class Then(Enum):
    """What the end of a call leads to (R-101, PROVIDERS 1.5)."""

    NOTHING = "nothing"
    AGAIN = "again"  # nobody was reached: the ladder
    DECLINED = "declined"  # the ladder ends
    ONCE_MORE = "once more"  # the line or the provider failed: one silent try
    WRONG_NUMBER = "wrong number"
    HALT = "halt"  # our account: nothing can be dialled for a while (D-14)
    NO_LINE = "no line"  # the provider had none free: one silent try, and dialling waits (D-14)
    WITHDRAW = "withdraw"  # the member wants no calls
    CALL_BACK = "call back"


@dataclass(frozen=True)
class End:
    status: str
    outcome: str
    then: Then


TALKED = End(COMPLETED, "completed", Then.NOTHING)
LINE_FAILED = End(FAILED, "error", Then.ONCE_MORE)
# Every reason that the provider has; one that is new is an error of the line
_MEANT: tuple[tuple[End, str], ...] = (
    (
        TALKED,
        "user_hangup agent_hangup call_transfer transfer_bridged transfer_cancelled call_take_over inactivity "
        "max_duration_reached manual_stopped",
    ),
    (End(COMPLETED, "completed", Then.WITHDRAW), "user_requested_dnc"),
    (End(COMPLETED, "completed", Then.CALL_BACK), "user_requested_callback"),
    (End(NO_ANSWER, "voicemail", Then.AGAIN), "voicemail_reached machine_detected ivr_reached"),
    (End(NO_ANSWER, "no_answer", Then.AGAIN), "dial_no_answer registered_call_timeout"),
    (End(NO_ANSWER, "busy", Then.AGAIN), "dial_busy"),
    (End(NO_ANSWER, "declined", Then.DECLINED), "user_declined"),
    (End(FAILED, "invalid_number", Then.WRONG_NUMBER), "invalid_destination"),
    (
        LINE_FAILED,
        "dial_failed marked_as_spam network_blocked sip_routing_error telephony_provider_permission_denied "
        "telephony_provider_unavailable error_llm_websocket_open "
        "error_llm_websocket_lost_connection error_llm_websocket_runtime error_llm_websocket_corrupt_payload "
        "error_no_audio_received error_asr error_retell error_unknown error_user_not_joined",
    ),
    (End(FAILED, "error", Then.NO_LINE), "concurrency_limit_reached no_concurrency_fallback"),
    (End(FAILED, "error", Then.HALT), "no_valid_payment credit_exhausted budget_reached scam_detected"),
)
ENDS: Mapping[str, End] = {reason: end for end, reasons in _MEANT for reason in reasons.split()}
_SENTIMENT = {"Positive": "positive", "Negative": "struggling"}


@dataclass(frozen=True)
class Event:
    """What the voice provider says about one call. Unknown things are None."""

    kind: str  # started, ended or analyzed
    provider_call_id: str | None
    call_id: str | None
    at: datetime | None = None  # when the provider sent it
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
        started = call.started_at or (event.started_at or event.at if call.ended_at else None)
        return replace(call, started_at=started, duration=call.duration or _seconds(started, call.ended_at) or call.duration)
    return replace(call, status=IN_PROGRESS, started_at=call.started_at or event.started_at or event.at or now)


def _ended(call: Call, event: Event, now: datetime) -> Call:
    if call.status in TERMINAL:
        return call
    end = end_of(event.reason)
    started, ended = event.started_at or call.started_at, event.ended_at or event.at or now
    said = _seconds(event.started_at, event.ended_at) or event.duration or _seconds(started, ended)
    return replace(
        call,
        status=end.status,
        outcome=end.outcome,
        started_at=started,
        ended_at=ended,
        duration=said or 0,
        transcript=call.transcript or event.transcript,
        recording_url=call.recording_url or event.recording_url,
    )


def end_of(reason: str | None) -> End:
    """What a disconnection reason means; an absent one is a normal end, an unknown one a failure of the line."""
    return ENDS.get(reason, LINE_FAILED) if reason else TALKED


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
