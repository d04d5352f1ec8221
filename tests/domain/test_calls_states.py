"""What the voice provider says and what becomes of the call (R-100, RULEBOOK 4.4, PROVIDERS 1.5)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivy_engine.domain.calls.states import Call, Event, after, end_of, happened_at

STEADY = settings(derandomize=True, deadline=None, max_examples=150)
NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
COMPLETED, NO_ANSWER, FAILED = "COMPLETED", "NO_ANSWER", "FAILED"
DIALLED = Call(status="IN_PROGRESS", provider_call_id="call_1")

_ERRORS = (
    # the carrier, or somebody who blocks
    "dial_failed", "marked_as_spam", "network_blocked", "sip_routing_error", "telephony_provider_permission_denied",
    "telephony_provider_unavailable",
    # our account
    "concurrency_limit_reached", "no_concurrency_fallback", "no_valid_payment", "credit_exhausted", "budget_reached",
    "scam_detected",
    # the provider or its agent
    "error_llm_websocket_open", "error_llm_websocket_lost_connection", "error_llm_websocket_runtime",
    "error_llm_websocket_corrupt_payload", "error_no_audio_received", "error_asr", "error_retell", "error_unknown",
    "error_user_not_joined",
)  # fmt: skip
REASONS = {
    "user_hangup": (COMPLETED, "completed"),
    "agent_hangup": (COMPLETED, "completed"),
    "call_transfer": (COMPLETED, "completed"),
    "transfer_bridged": (COMPLETED, "completed"),
    "transfer_cancelled": (COMPLETED, "completed"),
    "call_take_over": (COMPLETED, "completed"),
    "inactivity": (COMPLETED, "completed"),
    "max_duration_reached": (COMPLETED, "completed"),
    "manual_stopped": (COMPLETED, "completed"),
    "user_requested_dnc": (COMPLETED, "completed"),
    "user_requested_callback": (COMPLETED, "completed"),
    "voicemail_reached": (NO_ANSWER, "voicemail"),
    "ivr_reached": (NO_ANSWER, "voicemail"),
    "dial_no_answer": (NO_ANSWER, "no_answer"),
    "registered_call_timeout": (NO_ANSWER, "no_answer"),
    "user_declined": (NO_ANSWER, "declined"),
    "dial_busy": (NO_ANSWER, "busy"),
    "invalid_destination": (FAILED, "invalid_number"),
    **dict.fromkeys(_ERRORS, (FAILED, "error")),
}


@pytest.mark.parametrize(("reason", "end"), REASONS.items(), ids=REASONS.keys())
def test_what_each_reason_means(reason: str, end: tuple[str, str]) -> None:
    """RULEBOOK 4.4, PROVIDERS 1.5."""
    assert (end_of(reason).status, end_of(reason).outcome) == end


@pytest.mark.parametrize(
    ("reason", "end"),
    [
        (None, (COMPLETED, "completed")),
        ("", (COMPLETED, "completed")),
        ("machine_detected", (NO_ANSWER, "voicemail")),
        ("error_of_next_year", (FAILED, "error")),
    ],
)
def test_reasons_outside_the_list(reason: str | None, end: tuple[str, str]) -> None:
    """Absent is a normal end, unknown is as `error_unknown`."""
    assert (end_of(reason).status, end_of(reason).outcome) == end


def test_these_are_all_the_reasons_there_are(provider_facts: Path) -> None:
    """PROVIDERS 1.5: 39, as the provider's specification lists them."""
    spec = json.loads((provider_facts / "specs" / "retell.json").read_text("utf-8"))
    listed = spec["components"]["schemas"]["PhoneCall"]["properties"]["disconnection_reason"]["enum"]
    assert len(REASONS) == 39
    assert set(listed) - {None} == set(REASONS)


def told(kind: str, **more: Any) -> Event:
    return Event(kind, "call_1", "c1", **more)


def follow(call: Call, *events: Event) -> Call:
    for event in events:
        call = after(call, event, NOW)
    return call


END = NOW + timedelta(seconds=45)
STARTED = told("started", started_at=NOW)
ENDED = told("ended", started_at=NOW, ended_at=END, duration=45, reason="user_hangup", transcript="Hi.")
ANALYZED = told("analyzed", transcript="Hi.", summary="They ran.", sentiment="Positive", extracted={"completion": "completed"})


def test_a_conversation_from_start_to_analysis() -> None:
    """S-31."""
    call = follow(DIALLED, STARTED)
    assert (call.status, call.started_at) == ("IN_PROGRESS", NOW)
    call = follow(call, ENDED)
    assert (call.status, call.outcome, call.duration, call.ended_at) == (COMPLETED, "completed", 45, END)
    call = follow(call, ANALYZED)
    assert (call.status, call.summary, call.sentiment, call.analyzed) == (COMPLETED, "They ran.", "positive", True)
    assert call.extracted == {"completion": "completed"}


def test_events_may_come_before_the_dialling_has_returned() -> None:
    """DESIGN 3.2: the provider's own id is taken from the first event that names it."""
    assert follow(Call(status="SCHEDULED"), STARTED).provider_call_id == "call_1"


def test_a_start_after_the_end_is_ignored() -> None:
    """R-100."""
    over = follow(DIALLED, ENDED)
    assert follow(over, STARTED, told("started", started_at=END)) == over


@pytest.mark.parametrize("status", ["COMPLETED", "NO_ANSWER", "FAILED", "CANCELLED"])
def test_no_event_leads_out_of_a_final_state(status: str) -> None:
    """R-100: whatever comes, and in whatever order."""
    final = Call(status=status, outcome="x", ended_at=NOW, duration=3)
    for event in (STARTED, ENDED, ANALYZED, told("ended", reason="dial_busy")):
        after_it = follow(final, event)
        assert (after_it.status, after_it.outcome, after_it.ended_at, after_it.duration) == (status, "x", NOW, 3)


def test_the_analysis_knows_best_what_was_said() -> None:
    """PROVIDERS 1.4: its transcript is the whole one, whichever comes first."""
    ended, analyzed = (
        told("ended", transcript="Hi.", recording_url="a"),
        told("analyzed", transcript="Hi. Bye.", recording_url="b"),
    )
    for events in ((ended, analyzed), (analyzed, ended)):
        call = follow(DIALLED, *events)
        assert (call.transcript, call.recording_url) == ("Hi. Bye.", "b")


def test_what_has_no_time_of_its_own_happened_when_it_was_sent() -> None:
    call = follow(DIALLED, told("started", at=NOW - timedelta(minutes=2)), told("ended", at=NOW - timedelta(minutes=1)))
    assert (call.started_at, call.ended_at, call.duration) == (NOW - timedelta(minutes=2), NOW - timedelta(minutes=1), 60)


def test_analysis_is_kept_once_and_not_for_a_cancelled_call() -> None:
    """R-100, R-107."""
    over = follow(DIALLED, ENDED, ANALYZED)
    assert follow(over, told("analyzed", summary="Another.", extracted={"completion": "missed"})) == over
    assert not follow(Call(status="CANCELLED"), ANALYZED).analyzed


@pytest.mark.parametrize(
    ("sentiment", "kept", "follow_up"),
    [
        ("Positive", "positive", False),
        ("Negative", "struggling", True),
        ("Neutral", "neutral", False),
        ("Unknown", "neutral", False),
        (None, "neutral", False),
    ],
)
def test_sentiment_and_follow_up(sentiment: str | None, kept: str, follow_up: bool) -> None:
    """RULEBOOK 4.4."""
    call = follow(DIALLED, told("analyzed", sentiment=sentiment))
    assert (call.sentiment, call.needs_follow_up) == (kept, follow_up)


@pytest.mark.parametrize(
    ("end", "seconds"),
    [
        ({"started_at": NOW, "ended_at": END, "duration": 9}, 45),  # timestamps first
        ({"ended_at": END, "duration": 9}, 9),  # then what the provider says
        ({"duration": 9}, 9),
        ({}, 0),
        ({"started_at": END, "ended_at": NOW}, 0),  # clocks that disagree
    ],
)
def test_the_length_of_a_call(end: dict[str, Any], seconds: int) -> None:
    """RULEBOOK 4.4."""
    assert follow(DIALLED, told("ended", **end)).duration == seconds


_INSTANTS = st.integers(-60, 7200).map(lambda seconds: NOW + timedelta(seconds=seconds))
_TEXTS = st.sampled_from([None, "Hi.", "Hi. Well done."])


@st.composite
def conversations(draw: st.DrawFn) -> list[Event]:
    """The three events of one call: each says when it was sent; they leave things out, and say different things of the same."""

    def some(**times: st.SearchStrategy[Any]) -> dict[str, Any]:
        return {name: draw(st.none() | values) for name, values in times.items()}

    said = {"sentiment": draw(st.sampled_from(["Positive", "Negative", None])), "extracted": draw(st.just({"energy": 7}))}
    times = {"started_at": _INSTANTS, "ended_at": _INSTANTS, "duration": st.integers(0, 7200)}
    words = {"transcript": _TEXTS, "recording_url": _TEXTS}
    reason = draw(st.sampled_from([*REASONS, None]))
    return [
        told("started", at=draw(_INSTANTS), **some(started_at=_INSTANTS)),
        told("ended", at=draw(_INSTANTS), reason=reason, **some(**times, **words)),
        told("analyzed", at=draw(_INSTANTS), reason=reason, in_voicemail=draw(st.booleans()), **said, **some(**times, **words)),
    ]


@STEADY
@given(conversations(), st.lists(st.integers(0, 2), max_size=9).map(tuple), st.permutations([0, 1, 2]))
@example([STARTED, ENDED, ANALYZED], (), [2, 1, 0])
@example([STARTED, ENDED, ANALYZED], (2, 2, 1, 1, 0, 0), [2, 1, 0])
def test_order_and_repetition_do_not_matter(events: list[Event], repeated: tuple[int, ...], order: list[int]) -> None:
    """R-100, S-31: every event at least once, in any order, any of them again."""
    plain = follow(DIALLED, *events)
    mixed = follow(DIALLED, *(events[index] for index in (*repeated, *order)))
    assert mixed == plain


@STEADY
@given(
    st.permutations([0, 1]), st.sampled_from(["dial_no_answer", "dial_busy", "user_declined", "invalid_destination", "error_asr"])
)
def test_a_call_that_nobody_answered(order: list[int], reason: str) -> None:
    """PROVIDERS 1.6: no start is ever told, end and analysis are, in any order."""
    events = [told("ended", ended_at=END, reason=reason), told("analyzed", in_voicemail=False)]
    call = follow(DIALLED, *(events[index] for index in order))
    assert call == follow(DIALLED, *events)
    assert (call.started_at, call.duration) == (None, 0)
    assert (call.status, call.outcome) == REASONS[reason]


@pytest.mark.parametrize(
    ("ended", "now", "found"),
    [
        (timedelta(minutes=3), timedelta(minutes=4), timedelta(minutes=3)),  # told at once
        (timedelta(minutes=3), timedelta(hours=13), timedelta(minutes=3)),  # told the next morning
        (timedelta(days=-200), timedelta(minutes=4), timedelta(minutes=4)),  # a stranger's clock: now is near the call
        (timedelta(days=200), timedelta(minutes=4), timedelta(minutes=4)),
        (None, timedelta(minutes=4), timedelta(minutes=4)),
        (None, timedelta(hours=13), timedelta()),  # nobody knows: the call's own time
        (timedelta(minutes=6), timedelta(minutes=4), timedelta(minutes=4)),  # a clock two minutes ahead of ours
    ],
)
def test_what_was_said_belongs_to_the_call(ended: timedelta | None, now: timedelta, found: timedelta) -> None:
    """R-31, R-107: events come late, and clocks differ."""
    scheduled = datetime(2026, 5, 7, 19, tzinfo=UTC)
    end = None if ended is None else scheduled + ended
    assert happened_at(scheduled, end, scheduled + now) == scheduled + found
