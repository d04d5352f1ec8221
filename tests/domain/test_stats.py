"""Numbers about a member's own doing and feeling (R-70 to R-79)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ivy_engine.domain import scores, stats
from ivy_engine.domain.errors import Invalid, TierRequired
from ivy_engine.domain.scores import Reading, Trend

STEADY = hypothesis_settings(derandomize=True, deadline=None, max_examples=200)
JOINED = datetime(2026, 5, 4, 8, tzinfo=UTC)
scale = st.none() | st.integers(1, 10)
readings = st.lists(st.builds(Reading, scale, scale, scale), max_size=8)


@pytest.mark.parametrize(
    ("part", "whole", "rate"), [(0, 0, 0), (0, 3, 0), (2, 3, 67), (1, 3, 33), (1, 8, 13), (1, 200, 1), (1, 201, 0), (3, 3, 100)]
)
def test_rates_round_half_up(part: int, whole: int, rate: int) -> None:
    """R-76, R-77."""
    assert stats.percent(part, whole) == rate
    assert stats.doing(whole, part) == stats.Doing(whole, part, rate)


@pytest.mark.parametrize(
    ("passed", "days", "week"),
    [
        (timedelta(0), 0, 1),
        (timedelta(hours=23, minutes=59), 0, 1),
        (timedelta(days=6, hours=23), 6, 1),
        (timedelta(days=7), 7, 2),
        (timedelta(days=364), 364, 53),
        (timedelta(hours=-1), 0, 1),  # the clock went back
    ],
)
def test_days_and_weeks_since_onboarding_are_whole(passed: timedelta, days: int, week: int) -> None:
    """R-70, R-78."""
    assert stats.days_since(JOINED, JOINED + passed) == days
    assert stats.week_number(JOINED, JOINED + passed) == week


def test_who_is_not_onboarded_is_in_the_first_week() -> None:
    """R-70, R-78."""
    assert stats.week_number(None, JOINED) == 1
    assert stats.days_since(None, JOINED) == 0


def test_the_goal_of_a_week_is_met_when_it_is_reached() -> None:
    """R-79."""
    assert [stats.weekly_goal_met(done, 3) for done in (2, 3, 4)] == [False, True, True]


def test_trends_compare_the_newest_and_the_oldest_value_that_was_given() -> None:
    """R-71: the first row or the last may lack the metric."""
    found = scores.trends([Reading(mood=3), Reading(7, 9, 4), Reading(9, 1, None), Reading(4, 6), Reading(None, None)])
    assert found.energy == Trend(3, "improving")
    assert found.mood == Trend(3, "declining")
    assert found.health_confidence == Trend(0, "stable")


@pytest.mark.parametrize("few", [[], [Reading()], [Reading(5, 5, 5)], [Reading(5, 5, 5), Reading(5, 5, 5)]])
def test_too_little_to_compare_is_stable(few: list[Reading]) -> None:
    """R-71."""
    still = Trend(0, "stable")
    assert scores.trends(few) == scores.Trends(still, still, still)


@given(readings)
@STEADY
def test_a_trend_told_backwards_is_its_opposite(newest_first: list[Reading]) -> None:
    """R-71."""
    opposite = {"improving": "declining", "declining": "improving", "stable": "stable"}
    forth, back = scores.trends(newest_first).energy, scores.trends(newest_first[::-1]).energy
    assert (back.change, back.direction) == (forth.change, opposite[forth.direction])
    assert (forth.change == 0) == (forth.direction == "stable")


@pytest.mark.parametrize("reading", [Reading(0), Reading(mood=11), Reading(5, 5, -1)])
def test_values_outside_the_scale_are_refused(reading: Reading) -> None:
    """R-70."""
    with pytest.raises(Invalid, match="from 1 to 10"):
        scores.check_score(reading, "a note")


def test_every_value_that_is_wrong_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        scores.check_score(Reading(0, 5, 11), None)
    assert [problem.path for problem in refused.value.problems] == ["body.energyScore", "body.healthConfidence"]


def test_a_score_says_something() -> None:
    """R-70: at least one number, or a note."""
    for reading, note in ((Reading(1), None), (Reading(mood=10), None), (Reading(health_confidence=5), None), (Reading(), "x")):
        scores.check_score(reading, note)
    with pytest.raises(Invalid, match="at least one"):
        scores.check_score(Reading(), scores.noted(" \n"))


@pytest.mark.parametrize("text", ["a", " a ", "a" * 1000, " " * 50 + "é" * 1000 + "\n"])
def test_a_marker_has_up_to_a_thousand_characters(text: str) -> None:
    """R-74, RULEBOOK 7.2 #31."""
    assert scores.marker_text(text) == text.strip()


@pytest.mark.parametrize("text", ["", "  \n", "a" * 1001])
def test_no_marker_and_too_much_of_it_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"body\.marker"):
        scores.marker_text(text)


def test_older_names_of_categories_are_known() -> None:
    """R-74."""
    older = ("energy", "capability", "confidence")
    assert [scores.CATEGORIES[name] for name in older] == ["physical", "physical", "mental"]
    assert {scores.CATEGORIES[name] for name in scores.CATEGORIES} == {"physical", "mental", "social", "professional"}


@pytest.mark.parametrize(
    ("reading", "least", "allowed"),
    [
        (Reading(), "FREE", {"FREE", "PRO", "ELITE", "CONCIERGE", "B2B"}),
        (Reading(5), "PRO", {"PRO", "ELITE", "CONCIERGE", "B2B"}),
        (Reading(mood=5), "PRO", {"PRO", "ELITE", "CONCIERGE", "B2B"}),
        (Reading(5, 5, 5), "ELITE", {"ELITE", "CONCIERGE", "B2B"}),
        (Reading(health_confidence=5), "ELITE", {"ELITE", "CONCIERGE", "B2B"}),
    ],
)
def test_what_each_tier_may_record_where_tiers_are_enforced(reading: Reading, least: str, allowed: set[str]) -> None:
    """C-2, RULEBOOK 2.3: B2B ranks with ELITE."""
    required = scores.score_tier(reading)
    assert required == least
    for tier in scores.TIER_RANK:
        if tier in allowed:
            scores.check_tier(tier, required)
        else:
            with pytest.raises(TierRequired) as refused:
                scores.check_tier(tier, required)
            assert (refused.value.code, refused.value.required_tier) == ("TIER_REQUIRED", least)
