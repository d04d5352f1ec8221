"""The simulated phone: it rings once per call, answers itself or by hand, and tells the same story every way it is asked."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from ivy_engine.plugins.contract import ProviderError, Rejected
from tests.plugins.outside import PHONE, START, Outside, call, ended_as, folded, opened

RINGS, TALKS = timedelta(seconds=10), timedelta(seconds=60)
SCRIPTED = {
    "+15005550001": ("NO_ANSWER", "no_answer"),
    "+15005550002": ("NO_ANSWER", "busy"),
    "+15005550003": ("NO_ANSWER", "voicemail"),
    "+15005550004": ("NO_ANSWER", "declined"),
    "+15005550005": ("COMPLETED", "completed"),  # and asks never to be called again
    "+15005550006": ("FAILED", "error"),
    "+15005550007": ("FAILED", "invalid_number"),
}


def kinds(events: Sequence[Any]) -> list[str]:
    return [event.kind for event in events]


def test_a_call_answers_itself(outside: Outside) -> None:
    """CONTRACT 3: rings 10 s, talks 60 s, analysis 5 s later; the webhooks are signed."""
    placed = outside.providers.voice.place(call())
    assert outside.heard(seconds=9) == []
    (started,) = outside.heard(seconds=1)
    assert (started.kind, started.started_at) == ("started", START + RINGS)
    (ended,) = outside.heard(seconds=60)
    assert (ended.kind, ended.ended_at, ended.duration, ended.reason) == ("ended", START + RINGS + TALKS, 60, "user_hangup")
    (analyzed,) = outside.heard(seconds=5)
    assert kinds([analyzed]) == ["analyzed"]
    for event in (started, ended, analyzed):
        assert (event.provider_call_id, event.call_id) == (placed.provider_call_id, "c1")
    assert outside.heard(days=1) == []


@pytest.mark.parametrize(
    ("call_type", "said"),
    [
        ("MORNING_PLANNING", {"plan_activity": "Walk", "plan_date": "2026-05-05", "plan_time": "18:00", "plan_duration": 30}),
        ("ONBOARDING", {"plan_activity": "Walk", "plan_date": "2026-05-05", "plan_time": "18:00", "plan_duration": 30}),
        ("EVENING_REVIEW", {"completion": "unknown"}),
        ("RESCUE", {}),
        ("WEEKLY_PLANNING", {}),
    ],
)
def test_what_is_said_when_nobody_plays_the_member(outside: Outside, call_type: str, said: dict[str, Any]) -> None:
    """CONTRACT 3: "today" is the member's; at 22:00 on Kiritimati it is the 4th in London, the 5th there from 10:00 UTC."""
    outside.later(hours=3)
    outside.providers.voice.place(call(call_type=call_type, zone="Pacific/Kiritimati"))
    *_, analyzed = outside.heard(minutes=5)
    assert analyzed.extracted == said


@pytest.mark.parametrize(("to", "end"), SCRIPTED.items(), ids=SCRIPTED.keys())
def test_outcomes_by_number(outside: Outside, to: str, end: tuple[str, str]) -> None:
    """CONTRACT 3, PROVIDERS 8."""
    outside.providers.voice.place(call(to=to))
    events = outside.heard(minutes=5)
    assert ended_as(events) == end
    talked = end[0] == "COMPLETED" or end[1] == "voicemail"
    assert kinds(events) == (["started"] if talked else []) + ["ended", "analyzed"]
    assert events[-1].in_voicemail is (end[1] == "voicemail")


@pytest.mark.parametrize("to", ["+447700900001", "+15005560001", "+15005559999"])
def test_other_numbers_have_no_outcome_of_their_own(outside: Outside, to: str) -> None:
    outside.providers.voice.place(call(to=to))
    assert ended_as(outside.heard(minutes=5)) == ("COMPLETED", "completed")


def test_the_same_call_rings_once(outside: Outside) -> None:
    """PROVIDERS 1.3: our id is the idempotency key; another id is another call."""
    first = outside.providers.voice.place(call("c1"))
    outside.later(seconds=30)
    assert outside.providers.voice.place(call("c1")) == first
    assert outside.providers.voice.place(call("c2")) != first
    assert len(outside.world.outbox("call", None, None, 10)) == 2
    assert [event.call_id for event in outside.heard(minutes=5)] == ["c2", "c1", "c1", "c2", "c2"]


def test_a_call_is_found_by_our_id(outside: Outside) -> None:
    """DESIGN 3.2: after a crash the provider is asked before anything is dialled again."""
    placed = outside.providers.voice.place(call("c1"))
    assert outside.providers.voice.find("c1") == placed
    assert outside.providers.voice.find("c2") is None


def test_a_call_can_be_asked_about_at_any_time(outside: Outside) -> None:
    """J-3: what has happened until now, as the events that would have told it."""
    placed = outside.providers.voice.place(call())

    def told(**span: float) -> list[str]:
        outside.later(**span)
        return kinds(outside.providers.voice.fetch(placed.provider_call_id))

    assert told() == []
    assert told(seconds=10) == ["started"]
    assert told(seconds=59) == ["started"]
    assert told(seconds=1)[:2] == ["started", "ended"]
    assert told(seconds=5) == ["started", "ended", "analyzed"]
    assert outside.providers.voice.fetch("call_unknown") == []


@pytest.mark.parametrize("to", [PHONE, *SCRIPTED])
def test_asked_or_told_the_story_is_the_same(outside: Outside, to: str) -> None:
    placed = outside.providers.voice.place(call(to=to))
    told = outside.heard(minutes=5)
    asked = outside.providers.voice.fetch(placed.provider_call_id)
    assert kinds(asked) == kinds(told)
    assert folded(asked) == folded(told)


def test_a_phone_played_by_hand_rings_until_somebody_acts(manual: Outside) -> None:
    """CONTRACT 3."""
    placed = manual.providers.voice.place(call())
    assert manual.heard(hours=1) == []
    manual.world.pick_up(placed.provider_call_id, "answer", {}, None)
    assert kinds(manual.heard(minutes=2)) == ["started"]
    manual.world.pick_up(placed.provider_call_id, "hangup", {"completion": "completed"}, None)
    ended, analyzed = manual.heard(seconds=1)
    assert (ended.reason, ended.duration) == ("user_hangup", 120)
    assert analyzed.extracted == {"completion": "completed"}


def test_an_answer_with_a_length_is_a_whole_call_at_once(manual: Outside) -> None:
    """CONTRACT 3: end = start + seconds; the clock does not move."""
    placed = manual.providers.voice.place(call())
    manual.world.pick_up(placed.provider_call_id, "answer", {"energy": 7}, 45)
    started, ended, analyzed = manual.heard()
    assert (started.started_at, ended.ended_at, ended.duration) == (START, START + timedelta(seconds=45), 45)
    assert (analyzed.kind, analyzed.extracted) == ("analyzed", {"energy": 7})


@pytest.mark.parametrize(
    ("action", "outcome"), [("decline", "declined"), ("no_answer", "no_answer"), ("busy", "busy"), ("voicemail", "voicemail")]
)
def test_what_else_a_person_can_do(manual: Outside, action: str, outcome: str) -> None:
    placed = manual.providers.voice.place(call())
    manual.world.pick_up(placed.provider_call_id, action, {}, None)
    assert ended_as(manual.heard()) == ("NO_ANSWER", outcome)


def test_what_a_phone_cannot_do(manual: Outside) -> None:
    """LookupError if it does not ring, ValueError if the action does not fit; nothing is told."""
    placed = manual.providers.voice.place(call())
    pick_up = manual.world.pick_up
    with pytest.raises(ValueError, match="not answered"):
        pick_up(placed.provider_call_id, "hangup", {}, None)
    pick_up(placed.provider_call_id, "answer", {}, None)
    for action in ("answer", "decline", "busy", "no_answer", "voicemail"):
        with pytest.raises(ValueError, match="already"):
            pick_up(placed.provider_call_id, action, {}, None)
    pick_up(placed.provider_call_id, "hangup", {}, None)
    for provider_call_id in (placed.provider_call_id, "call_unknown"):
        with pytest.raises(LookupError):
            pick_up(provider_call_id, "hangup", {}, None)
    assert kinds(manual.heard()) == ["started", "ended", "analyzed"]


def test_manual_can_also_be_a_fault_mode(outside: Outside) -> None:
    outside.fault("voice", "manual")
    outside.providers.voice.place(call())
    assert outside.heard(hours=1) == []


@pytest.mark.parametrize(("mode", "permanent"), [("reject", True), ("error", False)])
def test_a_refused_call_does_not_ring(outside: Outside, mode: str, permanent: bool) -> None:
    outside.fault("voice", mode)
    with pytest.raises(ProviderError) as refused:
        outside.providers.voice.place(call())
    assert refused.value.permanent is permanent
    assert outside.providers.voice.find("c1") is None
    assert outside.heard(minutes=5) == []


def test_a_call_that_timed_out_may_have_been_placed(outside: Outside) -> None:
    """DESIGN 3.2: it rings, is found, and is not placed twice."""
    outside.fault("voice", "timeout")
    with pytest.raises(ProviderError) as refused:
        outside.providers.voice.place(call())
    assert not refused.value.permanent
    found = outside.providers.voice.find("c1")
    outside.fault("voice")
    assert outside.providers.voice.place(call()) == found
    assert kinds(outside.heard(minutes=5)) == ["started", "ended", "analyzed"]


def test_a_silent_provider_accepts_and_says_nothing(outside: Outside) -> None:
    """D-16."""
    outside.fault("voice", "silent")
    assert outside.providers.voice.place(call()) == outside.providers.voice.find("c1")
    assert outside.heard(days=1) == []


def test_events_twice_and_out_of_order_end_the_same(outside: Outside) -> None:
    """R-100: only when faults ask for it; twice is told by the event's id."""
    outside.fault("voice", reorder=True, duplicate=True)
    for number in range(12):
        outside.providers.voice.place(call(f"c{number}"))
    items = [item for posted in outside.later(minutes=10) for item in outside.read(posted)]
    assert len(items) == 72
    assert len({item.event_id for item in items}) == 36
    by_call = {f"c{number}": [item.event for item in items if item.event.call_id == f"c{number}"] for number in range(12)}
    assert {ended_as(events) for events in by_call.values()} == {("COMPLETED", "completed")}
    orders = {tuple(dict.fromkeys(kinds(events))) for events in by_call.values()}
    assert len(orders) > 1


def test_a_rate_lets_some_calls_through_and_the_seed_decides_which(outside: Outside) -> None:
    outside.fault("voice", "reject", rate=0.5)

    def accepted() -> list[int]:
        through = []
        for number in range(40):
            try:
                outside.providers.voice.place(call(f"c{number}"))
                through.append(number)
            except ProviderError as refused:
                assert refused.permanent
        return through

    first = accepted()
    assert 8 < len(first) < 32
    assert accepted() == first


def test_webhooks_are_signed_with_the_configured_key(tmp_path: Any) -> None:
    """CONTRACT 3: with a key of its own nothing unsigned is taken."""
    with opened(tmp_path, retell={"webhook_key": "k" * 20}) as outside:
        assert not outside.providers.voice.takes_unsigned
        outside.providers.voice.place(call())
        posted = outside.later(minutes=5)[0]
        assert outside.read(posted)
    with opened(tmp_path / "..", retell={"mode": "simulated"}) as other:
        assert other.providers.voice.takes_unsigned
        with pytest.raises(Rejected):
            other.read(posted)
