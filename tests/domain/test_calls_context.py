"""What the voice agent is told (R-105): every variable of the list, always as text, from what is known or by default."""

from dataclasses import replace
from datetime import date

import pytest

from ivy_engine.domain.calls.booking import TYPES
from ivy_engine.domain.calls.context import Facts, Measured, Season, variables
from ivy_engine.domain.money import Money

NAMES = [
    "user_name", "company_name", "subscription_tier", "track", "goal", "weekly_goal", "charity_name", "charity_impact",
    "donation_amount", "monthly_wallet", "minimum_action", "gift_frame", "why_started", "obstacles", "what_works",
    "comm_preference", "morning_window", "evening_window", "preferred_days", "calls_per_week", "calendar_connected",
    "calendar_conflicts", "missed_call_recovery", "escalation_rules", "current_streak", "longest_streak",
    "previous_streak", "workouts_this_week", "workouts_this_month", "total_workouts", "total_donated", "running_total",
    "weekly_donation", "weeks_in_program", "weeks_goal_hit", "baseline_workouts", "start_energy", "start_mood",
    "start_confidence", "current_energy", "current_mood", "current_confidence", "end_energy", "end_confidence",
    "last_week_energy", "avg_energy", "avg_mood", "recent_mood", "recent_life_markers", "call_type", "call_purpose",
    "greeting", "todays_plan", "workout_time", "day_of_week", "days_since_workout", "days_since_last_interaction",
    "is_first_call", "is_first_week_of_month", "is_quarterly_milestone", "is_last_week_of_season", "season_number",
    "total_season_weeks", "user_status",
]  # fmt: skip
POUND = Money(100, "GBP")
NEW = Facts(
    first_name="Ana", tier="FREE", track="fitness", goal="Run 5K", status="active", weekly_goal=3, today=date(2026, 5, 4),
    current_streak=0, longest_streak=0, previous_streak=0, workouts_this_week=0, workouts_this_month=0, total_workouts=0,
    days_since_workout=0, weeks_in_program=0, quota=2, missed_call_recovery=False, first_call=True, donation=POUND,
    monthly_wallet=Money(2000, "GBP"), total_donated=Money(0, "GBP"), weekly_donation=Money(0, "GBP"), morning_window="not set",
    evening_window="not set", calendar_connected=False, communication_preference="calls",
)  # fmt: skip


@pytest.mark.parametrize("call_type", TYPES)
def test_every_variable_is_there_and_is_text(call_type: str) -> None:
    told = variables(call_type, NEW)
    assert set(told) == set(NAMES)
    assert all(isinstance(value, str) for value in told.values())


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("start_energy", "not recorded"), ("current_mood", "not recorded"), ("avg_energy", "not recorded"),
        ("recent_mood", "not recorded"), ("last_week_energy", "not recorded"), ("recent_life_markers", "none yet"),
        ("calendar_conflicts", "none"), ("escalation_rules", "none"), ("season_number", "0"), ("weeks_goal_hit", "0"),
        ("is_last_week_of_season", "false"), ("is_quarterly_milestone", "false"), ("minimum_action", "a 10-minute walk"),
        ("obstacles", "not shared yet"), ("todays_plan", "no plan yet"), ("company_name", ""),
    ],
)  # fmt: skip
def test_what_is_unknown_takes_its_default(name: str, default: str) -> None:
    assert variables("MORNING_PLANNING", NEW)[name] == default


def test_scores_are_told_from_the_first_to_the_latest() -> None:
    """Newest first; a metric that was left out is looked for further back."""
    scores = (
        Measured(date(2026, 5, 4), None, 8, None),
        Measured(date(2026, 5, 1), 7, 6, 5),
        Measured(date(2026, 4, 28), 6, None, None),
        Measured(date(2026, 4, 20), 4, 5, 3),
    )
    told = variables("WEEKLY_PLANNING", replace(NEW, scores=scores))
    assert (told["start_energy"], told["current_energy"], told["end_energy"]) == ("4", "7", "7")
    assert (told["start_mood"], told["current_mood"], told["recent_mood"]) == ("5", "8", "8, 6, 5")
    assert (told["start_confidence"], told["current_confidence"], told["end_confidence"]) == ("3", "5", "5")
    assert told["last_week_energy"] == "7", "the latest between Monday and Sunday of the week before"
    assert (told["avg_energy"], told["avg_mood"]) == ("5.7", "6.3")


@pytest.mark.parametrize(
    ("today", "first"), [(date(2026, 5, 3), "true"), (date(2026, 5, 10), "false"), (date(2026, 5, 4), "false")]
)
def test_the_first_sunday(today: date, first: str) -> None:
    assert variables("MONTHLY_CHECKIN", replace(NEW, today=today))["is_first_week_of_month"] == first


@pytest.mark.parametrize(("weeks", "milestone"), [(11, "false"), (12, "true"), (24, "true"), (36, "true"), (48, "true")])
def test_quarters(weeks: int, milestone: str) -> None:
    assert variables("QUARTERLY_REVIEW", replace(NEW, weeks_in_program=weeks))["is_quarterly_milestone"] == milestone


def test_a_season_and_life_markers() -> None:
    told = variables("FOLLOW_UP", replace(NEW, season=Season(2, 8, True), life_markers=("Stairs", "Slept", "Ran", "Old")))
    assert (told["season_number"], told["total_season_weeks"], told["is_last_week_of_season"]) == ("2", "8", "true")
    assert told["recent_life_markers"] == "Stairs; Slept; Ran"
