"""Bodies and answers about the dashboard, the streak, week and month, scores and life markers."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ivy_engine.domain.scores import HIGHEST, LOWEST, GivenCategory, Significance
from ivy_engine.web.schemas.base import Amount, Answer, Body, Day, Instant
from ivy_engine.web.schemas.lists import Paging


def _number(value: Any) -> Any:
    """JSON's true and "7" are no numbers, though pydantic would read them as such."""
    if isinstance(value, bool | str):
        raise ValueError(f"write a whole number from {LOWEST} to {HIGHEST}")
    return value


Scale = Annotated[int, Field(ge=LOWEST, le=HIGHEST), BeforeValidator(_number)]


class NewScore(Body):
    energy_score: Scale | None = None
    mood_score: Scale | None = None
    health_confidence: Scale | None = None
    notes: str | None = Field(None, max_length=2000)


class ScoreQuery(Body):
    start_date: str | None = None
    end_date: str | None = None
    limit: int = Field(50, ge=1, le=365)


class NewLifeMarker(Body):
    marker: str
    category: GivenCategory
    significance: Significance | None = None


class LifeMarkerQuery(Paging):
    category: GivenCategory | None = None
    significance: Significance | None = None
    start_date: str | None = None
    end_date: str | None = None


class Score(Answer):
    id: str
    user_id: str
    energy_score: int | None
    mood_score: int | None
    health_confidence: int | None
    week_number: int
    notes: str | None
    created_at: Instant


class Trend(Answer):
    change: int
    direction: str


class Trends(Answer):
    energy: Trend
    mood: Trend
    health_confidence: Trend


class ScoreHistory(Answer):
    scores: tuple[Score, ...]
    trends: Trends


class LifeMarker(Answer):
    id: str
    user_id: str
    marker: str
    category: str
    significance: str
    created_at: Instant


class Period(Answer):
    start: Instant
    end: Instant


class Doing(Answer):
    planned: int
    completed: int
    rate: int


class Given(Answer):
    total: Amount
    count: int


class Reading(Answer):
    energy: int | None
    mood: int | None
    health_confidence: int | None


class Weekly(Answer):
    week: Period
    workouts: Doing
    donations: Given
    transformation: Reading | None


class StreakLength(Answer):
    current: int
    longest: int


class Count(Answer):
    count: int


class Monthly(Answer):
    month: Period
    workouts: Doing
    donations: Given
    streak: StreakLength
    life_markers: Count


class Who(Answer):
    id: str
    name: str
    track: str
    goal: str
    tier: str
    days_since_joined: int


class StreakNumbers(Answer):
    current: int
    longest: int
    last_workout: Day | None


class StatusCount(Answer):
    status: str
    count: int


class WorkoutNumbers(Answer):
    total: int
    this_week: int
    this_month: int
    completion_rate: int
    by_status: tuple[StatusCount, ...]


class DonationNumbers(Answer):
    lifetime_total: Amount
    current_month: Amount
    count: int


class ImpactNumbers(Answer):
    monthly_limit: Amount
    daily_cap: Amount
    remaining: Amount


class Overview(Answer):
    user: Who
    streak: StreakNumbers
    workouts: WorkoutNumbers
    donations: DonationNumbers
    impact: ImpactNumbers


class BonusFlags(Answer):
    seven_day_claimed: bool
    thirty_day_claimed: bool
    ninety_day_claimed: bool


class StreakDetails(Answer):
    current_streak: int
    current_streak_start: Day | None
    longest_streak: int
    longest_streak_start: Day | None
    longest_streak_end: Day | None
    last_workout_date: Day | None
    bonuses: BonusFlags
