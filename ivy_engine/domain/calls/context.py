"""What the voice agent is told about a member when it dials: strings only, nothing personal beyond the list (R-105)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from statistics import fmean

from ivy_engine.domain import zones
from ivy_engine.domain.calls.planning import SUNDAY
from ivy_engine.domain.members import WEEKDAYS
from ivy_engine.domain.money import Money

TIER_NAMES = {"FREE": "Free", "PRO": "Pro", "ELITE": "Elite", "CONCIERGE": "Concierge", "B2B": "Business"}
PURPOSES = {
    "ONBOARDING": "Say hello, explain how Ivy works, find out why they started and plan the first workout",
    "MORNING_PLANNING": "Agree what they will do today and when",
    "EVENING_REVIEW": "Ask how it went, log it, and look ahead to tomorrow",
    "RESCUE": "Offer the smallest action that still counts, or accept a rest day",
    "WEEKLY_PLANNING": "Look back on the week and plan the next one",
    "MONTHLY_CHECKIN": "Look back on the month, ask the three monthly questions and plan the week",
    "FOLLOW_UP": "Check in and see what would help",
    "QUARTERLY_REVIEW": "Look back on the quarter together",
}
GREETINGS = {
    "ONBOARDING": "Hi {name}, this is Ivy. Is now a good time for a few minutes?",
    "MORNING_PLANNING": "Good morning {name}, it's Ivy. What's the plan for today?",
    "EVENING_REVIEW": "Hi {name}, it's Ivy. How did today go?",
}


QUARTERS = frozenset({12, 24, 36, 48})
UNKNOWN = "not recorded"


@dataclass(frozen=True)
class Measured:
    """One transformation score and the local date it was given on."""

    day: date
    energy: int | None
    mood: int | None
    confidence: int | None


@dataclass(frozen=True)
class Season:
    """A company's programme period."""

    number: int
    weeks: int
    last_week: bool


@dataclass(frozen=True)
class Facts:
    """What the engine knows at dialling time; None is unknown and takes the default."""

    first_name: str
    tier: str
    track: str
    goal: str
    status: str
    weekly_goal: int
    today: date
    current_streak: int
    longest_streak: int
    previous_streak: int
    workouts_this_week: int
    workouts_this_month: int
    total_workouts: int
    days_since_workout: int
    weeks_in_program: int
    quota: int
    missed_call_recovery: bool
    first_call: bool
    donation: Money
    monthly_wallet: Money
    total_donated: Money
    weekly_donation: Money
    morning_window: str
    evening_window: str
    calendar_connected: bool
    communication_preference: str
    todays_plan: tuple[str, ...] = ()
    workout_time: str | None = None
    company_name: str | None = None
    charity_name: str | None = None
    charity_impact: str | None = None
    minimum: str | None = None
    gift_frame: str | None = None
    why_started: str | None = None
    obstacles: tuple[str, ...] = ()
    what_works: str | None = None
    preferred_days: tuple[str, ...] | None = None
    scores: tuple[Measured, ...] = ()  # newest first
    life_markers: tuple[str, ...] = ()  # newest first
    weeks_goal_hit: int = 0
    days_since_contact: int = 0
    season: Season | None = None


def variables(call_type: str, facts: Facts) -> Mapping[str, str]:
    """The dynamic variables of one call. Every value is text, so that no placeholder is ever spoken."""
    name = facts.first_name or "there"
    return {
        "user_name": name,
        "company_name": facts.company_name or "",
        "subscription_tier": TIER_NAMES.get(facts.tier, "Free"),
        "track": facts.track or "fitness",
        "goal": facts.goal or "staying consistent",
        "weekly_goal": str(facts.weekly_goal),
        "charity_name": facts.charity_name or "charity",
        "charity_impact": facts.charity_impact or "making a difference",
        "donation_amount": facts.donation.spoken,
        "monthly_wallet": str(int(facts.monthly_wallet.major)),
        "minimum_action": facts.minimum or "a 10-minute walk",
        "gift_frame": facts.gift_frame or "yourself",
        "why_started": facts.why_started or facts.goal or "staying consistent",
        "obstacles": ", ".join(facts.obstacles) or "not shared yet",
        "what_works": facts.what_works or "not shared yet",
        "comm_preference": facts.communication_preference,
        "morning_window": facts.morning_window,
        "evening_window": facts.evening_window,
        "preferred_days": ", ".join(facts.preferred_days or ()) or "any day",
        "calls_per_week": str(facts.quota),
        "calendar_connected": _flag(facts.calendar_connected),
        "missed_call_recovery": _flag(facts.missed_call_recovery),
        "current_streak": str(facts.current_streak),
        "longest_streak": str(facts.longest_streak),
        "previous_streak": str(facts.previous_streak),
        "workouts_this_week": str(facts.workouts_this_week),
        "workouts_this_month": str(facts.workouts_this_month),
        "total_workouts": str(facts.total_workouts),
        "total_donated": facts.total_donated.spoken,
        "running_total": facts.total_donated.spoken,
        "weekly_donation": facts.weekly_donation.spoken,
        "weeks_in_program": str(facts.weeks_in_program),
        "call_type": call_type.lower(),
        "call_purpose": PURPOSES[call_type],
        "greeting": GREETINGS.get(call_type, "Hi {name}, it's Ivy.").format(name=name),
        "todays_plan": ", ".join(facts.todays_plan) or "no plan yet",
        "workout_time": facts.workout_time or "not set",
        "day_of_week": WEEKDAYS[facts.today.weekday()].capitalize(),
        "days_since_workout": str(facts.days_since_workout),
        "days_since_last_interaction": str(facts.days_since_contact),
        "is_first_call": _flag(facts.first_call),
        "is_first_week_of_month": _flag(facts.today.weekday() == SUNDAY and facts.today.day <= 7),
        "is_quarterly_milestone": _flag(facts.weeks_in_program in QUARTERS),
        "weeks_goal_hit": str(facts.weeks_goal_hit),
        "baseline_workouts": "0",
        "calendar_conflicts": "none",
        "escalation_rules": "none",
        "recent_life_markers": "; ".join(facts.life_markers[:3]) or "none yet",
        "user_status": facts.status,
        **_measured(facts),
        **_of_season(facts.season),
    }


def _measured(facts: Facts) -> Mapping[str, str]:
    """First, latest, last week's and mean values, each among those that were given."""
    energy, mood, confidence = ([value for value in values if value is not None] for values in _columns(facts.scores))
    monday = facts.today - zones.DAY * facts.today.weekday()
    last_week = [one.energy for one in facts.scores if one.energy is not None and monday - zones.DAY * 7 <= one.day < monday]
    return {
        "start_energy": _first(energy[::-1]),
        "start_mood": _first(mood[::-1]),
        "start_confidence": _first(confidence[::-1]),
        "current_energy": _first(energy),
        "current_mood": _first(mood),
        "current_confidence": _first(confidence),
        "end_energy": _first(energy),
        "end_confidence": _first(confidence),
        "last_week_energy": _first(last_week),
        "avg_energy": f"{fmean(energy):.1f}" if energy else UNKNOWN,
        "avg_mood": f"{fmean(mood):.1f}" if mood else UNKNOWN,
        "recent_mood": ", ".join(str(value) for value in mood[:3]) or UNKNOWN,
    }


def _columns(scores: tuple[Measured, ...]) -> tuple[list[int | None], list[int | None], list[int | None]]:
    return [one.energy for one in scores], [one.mood for one in scores], [one.confidence for one in scores]


def _first(values: list[int]) -> str:
    return str(values[0]) if values else UNKNOWN


def _of_season(season: Season | None) -> Mapping[str, str]:
    return {
        "season_number": str(season.number if season else 0),
        "total_season_weeks": str(season.weeks if season else 0),
        "is_last_week_of_season": _flag(season is not None and season.last_week),
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"
