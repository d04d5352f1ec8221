"""The weekly question for energy, which the one for mood follows (J-11, R-73)."""

from collections.abc import Sequence
from datetime import datetime

from ivy_engine.actions import rhythms
from ivy_engine.actions.calls.planning import rhythm_of
from ivy_engine.actions.messages import writing
from ivy_engine.domain import members, zones
from ivy_engine.domain.calls import planning
from ivy_engine.domain.pauses import withheld
from ivy_engine.domain.rhythms import week_name
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store.members import Member


def ask_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """On Friday at 18:00 local, unless Sunday's call asks; how many were asked (J-11)."""
    return rhythms.take_turns(ivy, rhythms.PULSE, ids, _ask, "the pulse of member")


def _ask(ivy: Ivy, member: Member, now: datetime) -> int:
    if withheld(member.status, member.keep_structure) or _asked_by_call(ivy, member, now):
        return 0
    friday = zones.local_date(now, member_rows.clock_zone(member))
    about = writing.About(once_key=f"pulse_energy:{member.id}:{week_name(friday)}")
    return int(writing.queue(ivy, member, "pulse_energy", {}, about) is not None)


def _asked_by_call(ivy: Ivy, member: Member, now: datetime) -> bool:
    """Whether a weekly or monthly call will be planned for the week's Sunday (R-94)."""
    if not members.callable_now(member_rows.standing(member), now):
        return False
    rhythm = rhythm_of(ivy, member)
    _, next_monday = zones.week_of(zones.local_date(now, rhythm.zone))
    types = {slot.call_type for slot in planning.slots(rhythm, next_monday - zones.DAY)}
    return bool(types & {planning.WEEKLY, planning.MONTHLY})
