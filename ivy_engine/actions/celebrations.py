"""What a completion is told about: its confirmation, the streak's levels, and milestones, each once (R-47)."""

from collections.abc import Sequence
from dataclasses import dataclass

from ivy_engine.actions.messages import writing
from ivy_engine.domain import milestones, zones
from ivy_engine.domain.giving import Donation
from ivy_engine.domain.milestones import Reached
from ivy_engine.domain.money import Money
from ivy_engine.domain.stats import weekly_goal_met
from ivy_engine.engine import Ivy
from ivy_engine.store import giving as ledger
from ivy_engine.store import milestones as milestone_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member


@dataclass(frozen=True)
class Completed:
    """A completion, what it gave, and where the member stood before."""

    workout_id: str
    before: Reached
    streak: int
    donation: Donation | None
    bonuses: Sequence[Donation]
    reply_by: str | None


def standing(ivy: Ivy, member: Member, streak: int) -> Reached:
    """Where the member stands now. Inside a read or a write."""
    given = Money(ledger.lifetime_sums(ledger.account_of(member.id)).total, ivy.settings.giving.currency)
    return Reached(streak, workout_rows.count_done(member.id), int(given.major))


def celebrate(ivy: Ivy, member: Member, done: Completed) -> None:
    """Write the messages of a completion. Inside a write."""
    monday, next_monday = zones.week_of(zones.local_date(ivy.clock.now(), member.timezone))
    week_count = workout_rows.completed_between(member.id, monday, next_monday)
    _confirm(ivy, member, done, week_count, _milestones(ivy, member, done, week_count))
    tell_streak(ivy, member, done.before.streak, done.streak, done.bonuses)


def _milestones(ivy: Ivy, member: Member, done: Completed, week_count: int) -> list[str]:
    """Names of the milestones that this completion has reached for the first time."""
    names = milestones.passed(done.before, standing(ivy, member, done.streak))
    if weekly_goal_met(week_count, member.weekly_goal):
        names.append(milestones.FIRST_WEEKLY_GOAL)
    now = ivy.clock.now()
    return [name for name in names if milestone_rows.reach(member.id, name, now)]


def _confirm(ivy: Ivy, member: Member, done: Completed, week_count: int, reached: Sequence[str]) -> None:
    """One message, with what was reached told in it: nobody wants three at once."""
    donation = done.donation
    given = next((level for level, name in milestones.DONATED.items() if name in reached), None)
    params = {
        "amount": donation.amount.text if donation else "",
        "charity": donation.charity.name if donation else "",
        "week_count": str(week_count),
        "weekly_goal": str(member.weekly_goal),
        "milestones": " ".join(reached),
        "given": Money.of(given, ivy.settings.giving.currency).text if given else "",
    }
    about = writing.About(workout_id=done.workout_id, reply_by=done.reply_by)
    writing.queue(ivy, member, "completion_confirmation", params, about)


def tell_streak(ivy: Ivy, member: Member, before: int, streak: int, bonuses: Sequence[Donation]) -> None:
    """Once for each level that was passed; a bonus that is earned again is told again. Inside a write."""
    bonus = bonuses[-1] if bonuses else None
    level = (bonus.streak_days if bonus else None) or milestones.streak_passed(before, streak)
    if level is None:
        return
    params = {
        "count": str(streak),
        "amount": bonus.amount.text if bonus else "",
        "charity": bonus.charity.name if bonus else "",
    }
    again = f":{bonus.id}" if bonus and ivy.settings.giving.bonus_reearn == "per_run" else ""
    key = f"streak_update:{member.id}:{level}{again}"
    writing.queue(ivy, member, "streak_update", params, writing.About(once_key=key))
