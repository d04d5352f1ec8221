"""Bodies and answers about the dashboard, the streak, week and month, scores and life markers."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from ivy_engine.domain.scores import HIGHEST, LONGEST_MARKER, LOWEST
from ivy_engine.web.schemas.base import SHOWN_NOT_BLANK, Amount, Answer, Body, Day, Instant, QueryInteger, shown
from ivy_engine.web.schemas.lists import PageMeta, Paging
from ivy_engine.web.schemas.vocabulary import (
    Category,
    Count,
    Direction,
    GivenCategory,
    Goal,
    MarkerId,
    MemberId,
    Percent,
    QueryDay,
    ScoreId,
    Significance,
    Tier,
    Track,
    WorkoutStatus,
)


def _number(value: Any) -> Any:
    """JSON's true and "7" are no numbers, though pydantic would read them as such."""
    if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
        raise ValueError(f"write a whole number from {LOWEST} to {HIGHEST}")
    return value


_SCALE = WithJsonSchema({"type": "integer", "minimum": LOWEST, "maximum": HIGHEST, "examples": [7]})
Scale = Annotated[int, Field(ge=LOWEST, le=HIGHEST), BeforeValidator(_number), _SCALE]
Scored = Annotated[int, _SCALE]


class NewScore(Body):
    """How the member feels, each from 1 to 10: at least one of the three, or a note."""

    # Said in a keyword that generators of clients leave alone: they make a class of each part of an anyOf
    model_config = shown(**{
        "not": {"properties": {
            **{name: {"type": "null"} for name in ("energyScore", "moodScore", "healthConfidence")},
            "notes": {"not": {"type": "string", **SHOWN_NOT_BLANK}},
        }},
    })  # fmt: skip

    energy_score: Scale | None = None
    mood_score: Scale | None = None
    health_confidence: Scale | None = None
    notes: str | None = Field(None, max_length=2000, examples=["Slept well"])


class ScoreQuery(Body):
    start_date: QueryDay | None = None
    end_date: QueryDay | None = None
    limit: QueryInteger = Field(50, ge=1, le=365, examples=[50])


class NewLifeMarker(Body):
    marker: str = Field(
        json_schema_extra={**SHOWN_NOT_BLANK, "maxLength": LONGEST_MARKER}, examples=["Took the stairs without a break"]
    )
    category: GivenCategory
    significance: Significance | None = None


class LifeMarkerQuery(Paging):
    category: GivenCategory | None = None
    significance: Significance | None = None
    start_date: QueryDay | None = None
    end_date: QueryDay | None = None


class Score(Answer):
    id: ScoreId
    user_id: MemberId
    energy_score: Scored | None
    mood_score: Scored | None
    health_confidence: Scored | None
    week_number: int = Field(ge=1, description="Full weeks since onboarding, plus one.", examples=[1])
    notes: str | None = Field(examples=["Slept well"])
    created_at: Instant


class Trend(Answer):
    change: int = Field(examples=[2])
    direction: Direction


class Trends(Answer):
    energy: Trend
    mood: Trend
    health_confidence: Trend


class ScoreHistory(Answer):
    scores: tuple[Score, ...] = Field(description="Newest first.")
    trends: Trends


class LifeMarker(Answer):
    """Something that has changed in the member's life."""

    id: MarkerId
    user_id: MemberId
    marker: str = Field(examples=["Took the stairs without a break"])
    category: Category
    significance: Significance
    created_at: Instant


class CategoryCount(Answer):
    category: Category
    count: Count


class Breakdown(Answer):
    by_category: tuple[CategoryCount, ...]


class LifeMarkerMeta(PageMeta):
    breakdown: Breakdown


class Period(Answer):
    start: Instant
    end: Instant


class Doing(Answer):
    planned: Count
    completed: Count
    rate: Percent


class Given(Answer):
    total: Amount
    count: Count


class Reading(Answer):
    energy: Scored | None
    mood: Scored | None
    health_confidence: Scored | None


class Weekly(Answer):
    week: Period
    workouts: Doing
    donations: Given
    transformation: Reading | None


class StreakLength(Answer):
    current: Count
    longest: Count


class MarkerCount(Answer):
    count: Count


class Monthly(Answer):
    month: Period
    workouts: Doing
    donations: Given
    streak: StreakLength
    life_markers: MarkerCount


class Who(Answer):
    id: MemberId
    name: str = Field(examples=["Ana Li"])
    track: Track
    goal: Goal
    tier: Tier
    days_since_joined: Count


class StreakNumbers(Answer):
    current: Count
    longest: Count
    last_workout: Day | None


class StatusCount(Answer):
    status: WorkoutStatus
    count: Count


class WorkoutNumbers(Answer):
    total: Count
    this_week: Count
    this_month: Count
    completion_rate: Percent
    by_status: tuple[StatusCount, ...]


class DonationNumbers(Answer):
    lifetime_total: Amount
    current_month: Amount
    count: Count


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
    current_streak: Count
    current_streak_start: Day | None
    longest_streak: Count
    longest_streak_start: Day | None
    longest_streak_end: Day | None
    last_workout_date: Day | None
    bonuses: BonusFlags
