"""Bodies and answers about workouts."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field

from ivy_engine.web.schemas.base import Answer, Body, Day, Instant, Whole
from ivy_engine.web.schemas.giving import Donation
from ivy_engine.web.schemas.lists import Paging

AnyStatus = Literal["PLANNED", "COMPLETED", "PARTIAL", "SKIPPED", "MISSED"]


class NewWorkout(Body):
    planned_date: str = Field(min_length=1, max_length=40)
    activity: str = Field(min_length=1, max_length=500)
    planned_time: str | None = None
    duration: Whole = Field(None, ge=1, le=1440)
    is_minimum: bool = False


class WorkoutChange(Body):
    planned_date: str | None = Field(None, max_length=40)
    planned_time: str | None = None
    activity: str | None = Field(None, min_length=1, max_length=500)
    duration: Whole = Field(None, ge=1, le=1440)
    status: AnyStatus | None = None
    skipped_reason: str | None = Field(None, max_length=500)


class WorkoutCompletion(Body):
    status: Literal["COMPLETED", "PARTIAL", "SKIPPED"]
    skipped_reason: str | None = Field(None, max_length=500)
    completed_at: AwareDatetime | None = None
    actual_duration: Whole = Field(None, ge=1, le=1440)
    notes: str | None = Field(None, max_length=2000)


class WorkoutQuery(Paging):
    status: AnyStatus | None = None
    start_date: str | None = Field(None, max_length=40)
    end_date: str | None = Field(None, max_length=40)


class Owner(Answer):
    id: str
    first_name: str
    last_name: str


class Workout(Answer):
    id: str
    user_id: str
    planned_date: Day
    planned_time: str | None
    activity: str
    duration: int | None
    status: str
    completed_at: Instant | None
    skipped_reason: str | None
    is_minimum: bool
    planning_call_id: str | None
    review_call_id: str | None
    logged_via: str | None
    credited_date: date | None
    actual_duration: int | None
    notes: str | None
    created_at: Instant
    updated_at: Instant
    user: Owner


class StreakNow(Answer):
    current: int
    longest: int


class CompletedWorkout(Workout):
    streak: StreakNow
    donation: Donation | None
    donation_skipped_reason: str | None
    bonuses: tuple[Donation, ...]
