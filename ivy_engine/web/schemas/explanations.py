"""Answers that explain the streak."""

from pydantic import Field

from ivy_engine.web.schemas.base import Answer, Day, PlainDay
from ivy_engine.web.schemas.vocabulary import Count, DayReason, DayState, Excuse, WorkoutId, WorkoutStatus


class WorkoutSeen(Answer):
    id: WorkoutId
    activity: str = Field(examples=["Morning run"])
    status: WorkoutStatus
    planned_date: Day
    credited_date: PlainDay | None


class Evidence(Answer):
    """The facts that a date's state was derived from."""

    workouts: tuple[WorkoutSeen, ...]
    rest_declared: bool
    excused: Excuse | None
    closed: bool


class ExplainedDay(Answer):
    date: Day
    state: DayState
    because: DayReason
    rule: str = Field(examples=["R-31"])
    sentence: str = Field(examples=["Monday, 4 May counts: you did Morning run."])
    evidence: Evidence


class Explanation(Answer):
    current_streak: Count
    longest_streak: Count
    badges: tuple[str, ...] = Field(examples=[["Impact Champion"]])
    sentence: str = Field(examples=["You have done something on 3 days in a row."])
    days: tuple[ExplainedDay, ...] = Field(description="Newest first.")
