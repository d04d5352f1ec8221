"""The week in one message, on its last morning (J-9)."""

from collections.abc import Sequence
from datetime import date, datetime

from ivy_engine.actions import rhythms
from ivy_engine.actions.messages import writing
from ivy_engine.domain import zones
from ivy_engine.domain.money import Money
from ivy_engine.domain.pauses import withheld
from ivy_engine.domain.rhythms import week_name
from ivy_engine.engine import Ivy
from ivy_engine.store import giving as ledger
from ivy_engine.store import members as member_rows
from ivy_engine.store import stats as stat_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member


def sum_up_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """On Sunday at 09:00 local; how many were written (J-9)."""
    return rhythms.take_turns(ivy, rhythms.SUMMARY, ids, _sum_up, "the weekly summary of member")


def _sum_up(ivy: Ivy, member: Member, now: datetime) -> int:
    if withheld(member.status, member.keep_structure):
        return 0
    sunday = zones.local_date(now, member_rows.clock_zone(member))
    about = writing.About(once_key=f"weekly_summary:{member.id}:{week_name(sunday)}")
    return int(writing.queue(ivy, member, "weekly_summary", _week_of(ivy, member, sunday), about) is not None)


def _week_of(ivy: Ivy, member: Member, sunday: date) -> dict[str, str]:
    """What was done, given and told since Monday (R-75, R-79)."""
    monday, next_monday = zones.week_of(sunday)
    given = ledger.sums_between(ledger.account_of(member.id), monday, next_monday).total
    begins, ends = (zones.day_start(day, member.timezone) for day in (monday, next_monday))
    energy = stat_rows.latest_energy(member.id, begins, ends)
    return {
        "done": str(workout_rows.completed_between(member.id, monday, next_monday)),
        "goal": str(member.weekly_goal),
        "amount": Money(given, ivy.settings.giving.currency).text if given else "",
        "energy": str(energy) if energy is not None else "",
    }
