"""Answers that explain the streak."""

from datetime import date

from ivy_engine.web.schemas.base import Answer, Day


class WorkoutSeen(Answer):
    id: str
    activity: str
    status: str
    planned_date: Day
    credited_date: date | None


class Evidence(Answer):
    workouts: tuple[WorkoutSeen, ...]
    rest_declared: bool
    excused: str | None
    closed: bool


class ExplainedDay(Answer):
    date: Day
    state: str
    because: str
    rule: str
    sentence: str
    evidence: Evidence


class Explanation(Answer):
    current_streak: int
    longest_streak: int
    badges: tuple[str, ...]
    sentence: str
    days: tuple[ExplainedDay, ...]
