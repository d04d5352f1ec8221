"""Milestones worth telling, each once (R-47)."""

from dataclasses import dataclass

STREAKS = (7, 14, 21, 30, 60, 90)
WORKOUTS = {1: "first_workout", 10: "workouts_10", 50: "workouts_50"}
DONATED = {50: "donated_50", 100: "donated_100"}  # major units of the engine's currency
FIRST_WEEKLY_GOAL = "first_weekly_goal"


@dataclass(frozen=True)
class Reached:
    """Where a member stands: streak, workouts that count, and whole major units given."""

    streak: int
    workouts: int
    donated: int


def streak_passed(before: int, after: int) -> int | None:
    """The highest streak level that was passed on the way, if any."""
    return max((level for level in STREAKS if before < level <= after), default=None)


def passed(before: Reached, after: Reached) -> list[str]:
    """Names of the milestones passed on the way; streaks have a message of their own."""
    workouts = [name for level, name in WORKOUTS.items() if before.workouts < level <= after.workouts]
    donated = [name for level, name in DONATED.items() if before.donated < level <= after.donated]
    return workouts + donated
