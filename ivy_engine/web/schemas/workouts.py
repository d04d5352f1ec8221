"""Bodies and answers about workouts."""

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from ivy_engine.web.schemas.base import (
    NOT_BLANK,
    SHOWN_NOT_BLANK,
    Answer,
    Body,
    Day,
    Instant,
    PlainDay,
    WholeNumber,
    WrittenInstant,
    shown,
)
from ivy_engine.web.schemas.giving import Donation
from ivy_engine.web.schemas.lists import PagingByDay
from ivy_engine.web.schemas.members import TimeOfDay
from ivy_engine.web.schemas.vocabulary import (
    CallId,
    ClockTime,
    Count,
    FirstName,
    LastName,
    MemberId,
    PlannedDay,
    QueryDay,
    SkippedReason,
    WorkoutId,
    WorkoutStatus,
)

Activity = Annotated[str, Field(max_length=500, json_schema_extra=SHOWN_NOT_BLANK, examples=["Morning run"]), NOT_BLANK]
Minutes = Annotated[int | None, WholeNumber(1, 1440)]


class NewWorkout(Body):
    planned_date: PlannedDay
    activity: Activity
    planned_time: TimeOfDay = None
    duration: Minutes = None
    is_minimum: StrictBool = Field(default_factory=bool, description="false when it is not said.")


class WorkoutChange(Body):
    """What is not named stays. A status is set under the rules of completing."""

    model_config = shown({"activity": "Evening walk", "plannedTime": "18:30", "duration": 25})

    planned_date: PlannedDay | None = None
    planned_time: TimeOfDay = None
    activity: Activity | None = None
    duration: Minutes = None
    status: WorkoutStatus | None = None
    skipped_reason: str | None = Field(None, max_length=500)


class WorkoutCompletion(Body):
    model_config = shown({"status": "COMPLETED", "actualDuration": 35, "notes": "It rained, I ran."})

    status: Literal["COMPLETED", "PARTIAL", "SKIPPED"]
    skipped_reason: str | None = Field(None, max_length=500, description="For SKIPPED; `rest_day` declares a rest day.")
    completed_at: WrittenInstant | None = Field(None, description="At most seven days ago; the time of the request by default.")
    actual_duration: Minutes = None
    notes: str | None = Field(None, max_length=2000)


class WorkoutQuery(PagingByDay):
    status: WorkoutStatus | None = None
    start_date: QueryDay | None = None
    end_date: QueryDay | None = None


class Owner(Answer):
    id: MemberId
    first_name: FirstName
    last_name: LastName


class Workout(Answer):
    id: WorkoutId
    user_id: MemberId
    planned_date: Day
    planned_time: ClockTime | None
    activity: str = Field(examples=["Morning run"])
    duration: int | None = Field(description="Planned minutes.", examples=[30])
    status: WorkoutStatus
    completed_at: Instant | None
    skipped_reason: str | None = Field(examples=["rest_day"])
    is_minimum: bool
    planning_call_id: CallId | None
    review_call_id: CallId | None
    logged_via: str | None = Field(description="The door that it was logged through.", examples=["api"])
    credited_date: PlainDay | None = Field(description="The local date that it counts for in the streak.")
    actual_duration: int | None = Field(description="Minutes.", examples=[35])
    notes: str | None = Field(examples=["It rained, I ran."])
    created_at: Instant
    updated_at: Instant
    user: Owner


class StreakNow(Answer):
    current: Count
    longest: Count


class CompletedWorkout(Workout):
    """The workout, and what logging it has changed."""

    streak: StreakNow
    donation: Donation | None
    donation_skipped_reason: SkippedReason | None = Field(description="Why nothing was given.")
    bonuses: tuple[Donation, ...] = Field(description="What the streak has earned with this workout.")


# A field that an answer may leave out: it is not sent unless it was set
UNSAID: Any = Field(default_factory=dict)


class ChangedWorkout(Workout):
    """With a new status it also says what completing says."""

    streak: StreakNow = UNSAID
    donation: Donation | None = UNSAID
    donation_skipped_reason: SkippedReason | None = UNSAID
    bonuses: tuple[Donation, ...] = UNSAID


class WorkoutDeleted(Answer):
    message: str = Field(examples=["The workout is deleted."])
