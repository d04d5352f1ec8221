"""What the voice agent is told about a member when it dials: strings only, nothing personal beyond the list (R-105)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

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
        "is_first_call": _flag(facts.first_call),
        "user_status": facts.status,
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"
