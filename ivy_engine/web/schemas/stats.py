"""Answers about streak and dashboard."""

from ivy_engine.web.schemas.base import Amount, Answer, Day


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
