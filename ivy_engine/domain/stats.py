"""Numbers about a member's own doing, in the member's weeks and months (R-75 to R-79)."""

from dataclasses import dataclass
from datetime import date, datetime

from ivy_engine.domain.money import Money
from ivy_engine.domain.scores import Reading


def percent(part: int, whole: int) -> int:
    """round-half-up(100 x part / whole), 0 of nothing (R-76, R-77)."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def days_since(joined: datetime | None, now: datetime) -> int:
    """Whole 24 h periods since onboarding, 0 before it (R-78)."""
    return max(0, (now - joined).days) if joined else 0


def week_number(joined: datetime | None, now: datetime) -> int:
    """Full weeks since onboarding plus one; 1 when not onboarded (R-70)."""
    return days_since(joined, now) // 7 + 1


def weekly_goal_met(completions: int, goal: int) -> bool:
    """`completions` are those credited in the week (R-79)."""
    return completions >= goal


@dataclass(frozen=True)
class Period:
    """From the first instant of a local week or month to the moment of asking."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Doing:
    """Of the workouts planned in a period: how many, how many count, and their share in percent (R-76)."""

    planned: int
    completed: int
    rate: int


def doing(planned: int, completed: int) -> Doing:
    return Doing(planned, completed, percent(completed, planned))


@dataclass(frozen=True)
class Given:
    total: Money
    count: int


@dataclass(frozen=True)
class Weekly:
    week: Period
    workouts: Doing
    donations: Given
    transformation: Reading | None


@dataclass(frozen=True)
class StreakLength:
    current: int
    longest: int


@dataclass(frozen=True)
class Count:
    count: int


@dataclass(frozen=True)
class Monthly:
    month: Period
    workouts: Doing
    donations: Given
    streak: StreakLength
    life_markers: Count


@dataclass(frozen=True)
class Who:
    id: str
    name: str
    track: str
    goal: str
    tier: str
    days_since_joined: int


@dataclass(frozen=True)
class StreakNumbers:
    current: int
    longest: int
    last_workout: date | None


@dataclass(frozen=True)
class StatusCount:
    status: str
    count: int


@dataclass(frozen=True)
class WorkoutNumbers:
    total: int
    this_week: int
    this_month: int
    completion_rate: int
    by_status: tuple[StatusCount, ...]


@dataclass(frozen=True)
class DonationNumbers:
    lifetime_total: Money
    current_month: Money
    count: int


@dataclass(frozen=True)
class ImpactNumbers:
    monthly_limit: Money
    daily_cap: Money
    remaining: Money


@dataclass(frozen=True)
class Overview:
    user: Who
    streak: StreakNumbers
    workouts: WorkoutNumbers
    donations: DonationNumbers
    impact: ImpactNumbers


@dataclass(frozen=True)
class BonusFlags:
    seven_day_claimed: bool
    thirty_day_claimed: bool
    ninety_day_claimed: bool


@dataclass(frozen=True)
class StreakDetails:
    current_streak: int
    current_streak_start: date | None
    longest_streak: int
    longest_streak_start: date | None
    longest_streak_end: date | None
    last_workout_date: date | None
    bonuses: BonusFlags
