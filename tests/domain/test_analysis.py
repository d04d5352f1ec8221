"""What was said on the phone, read strictly: what does not fit is dropped, never clamped, never an error (R-107)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivy_engine.domain.calls.analysis import Said, read

STEADY = settings(derandomize=True, deadline=None, max_examples=200)


def test_a_plan_with_all_its_parts() -> None:
    """R-107."""
    said = read({"plan_activity": " Run ", "plan_date": "2026-05-04", "plan_time": "18:00", "plan_duration": 30})
    assert said.plan is not None
    assert (said.plan.activity, said.plan.date, said.plan.time, said.plan.duration) == ("Run", date(2026, 5, 4), "18:00", 30)
    assert said.next_plan is None


def test_the_next_plan_is_another_one() -> None:
    said = read({"next_plan_activity": "Swim", "next_plan_date": "2026-05-05", "next_plan_time": "7:05"})
    assert said.plan is None
    assert said.next_plan is not None
    assert (said.next_plan.activity, said.next_plan.date, said.next_plan.time) == ("Swim", date(2026, 5, 5), "07:05")


def test_nothing_said_has_no_effect() -> None:
    expected = Said(
        plan=None,
        next_plan=None,
        rest_day=False,
        completion="unknown",
        completed_minutes=None,
        skip_reason=None,
        why_started=None,
        minimum_action=None,
    )
    assert read({}) == expected


@pytest.mark.parametrize("activity", [None, "", "   ", 5, True, ["Run"], {"name": "Run"}])
def test_no_plan_without_an_activity(activity: Any) -> None:
    assert read({"plan_activity": activity, "plan_date": "2026-05-04"}).plan is None


@pytest.mark.parametrize("value", ["2026-02-30", "tomorrow", "04/05/2026", "", 20260504, None, True, "2026-05-04T10:00:00Z"])
def test_a_date_that_does_not_fit_is_dropped(value: Any) -> None:
    plan = read({"plan_activity": "Run", "plan_date": value}).plan
    assert plan is not None
    assert plan.date is None


@pytest.mark.parametrize("value", ["24:00", "18:60", "6 pm", "18", "", 18, None, "١٨:٠٠", "7:0٥"])
def test_a_time_that_does_not_fit_is_dropped(value: Any) -> None:
    plan = read({"plan_activity": "Run", "plan_time": value}).plan
    assert plan is not None
    assert plan.time is None


@pytest.mark.parametrize("value", [0, -5, 1441, 12.5, "30", None, True, float("nan"), float("inf"), -float("inf"), 10**400])
def test_minutes_out_of_range_are_dropped_not_clamped(value: Any) -> None:
    """R-107."""
    said = read({"plan_activity": "Run", "plan_duration": value, "completed_minutes": value})
    assert said.plan is not None
    assert (said.plan.duration, said.completed_minutes) == (None, None)


@pytest.mark.parametrize("value", [1, 45, 1440, 45.0])
def test_minutes_in_range_are_kept(value: Any) -> None:
    assert read({"completed_minutes": value}).completed_minutes == value


@pytest.mark.parametrize("value", ["completed", "partial", "missed", "rest", "unknown"])
def test_a_completion_that_is_one_of_the_list(value: str) -> None:
    assert read({"completion": value}).completion == value


@pytest.mark.parametrize("value", ["Completed", "done", "", None, True, 1, ["completed"]])
def test_a_completion_that_is_none_of_the_list_is_unknown(value: Any) -> None:
    assert read({"completion": value}).completion == "unknown"


@pytest.mark.parametrize(
    ("extracted", "rest"),
    [
        ({"is_rest_day": True}, True),
        ({"completion": "rest"}, True),
        ({"is_rest_day": False}, False),
        ({"is_rest_day": "true"}, False),
        ({"is_rest_day": 1}, False),
    ],
)
def test_a_rest_day_is_said_or_it_is_none(extracted: dict[str, Any], rest: bool) -> None:
    assert read(extracted).rest_day is rest


def test_a_transcript_or_an_unknown_field_has_no_effect() -> None:
    """R-107: a text that merely contains the word "skip" does nothing."""
    assert read({"transcript": "I might skip it", "skip": True, "completed": True}) == read({})


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_NAMES = [
    "plan_activity", "plan_date", "plan_time", "plan_duration", "is_rest_day", "completion", "completed_minutes",
    "next_plan_activity", "next_plan_date", "next_plan_time", "why_started", "minimum_action",
]  # fmt: skip


@STEADY
@given(st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=8))
@example({"completed_minutes": float("inf")})
def test_whatever_was_extracted_is_read_without_an_error(extracted: dict[str, Any]) -> None:
    """R-107: the provider's words are data; the plan that comes out of them fits what a workout can hold."""
    said = read(extracted)
    assert said.completion in ("completed", "partial", "missed", "rest", "unknown")
    for minutes in (said.completed_minutes, *(plan.duration for plan in (said.plan, said.next_plan) if plan)):
        assert minutes is None or 1 <= minutes <= 1440
