"""A word a quarter of an hour before the bedtime that a member has set: a time of their choosing, so no quiet hours (R-116)."""

from collections.abc import Sequence
from datetime import datetime

from ivy_engine.actions import one_by_one
from ivy_engine.actions import rhythms as turns
from ivy_engine.actions.messages import writing
from ivy_engine.domain import preferences, rhythms, zones
from ivy_engine.domain.pauses import withheld
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows


def nudge_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """Write `bedtime_nudge` to whoever goes to bed soon, once for each night; how many were written."""
    due = one_by_one.whose_time_has_come(ivy, member_rows.BEDTIME, ids)
    return one_by_one.each(ivy, member_rows.BEDTIME, due, _nudge, "the nudge before bedtime")


def _nudge(ivy: Ivy, member_id: str, now: datetime) -> int:
    member = member_rows.by_id(member_id)
    if member is None or member.bedtime_due_at is None or member.bedtime_due_at > now:
        return 0
    turns.follow_bedtime(member, now)
    bedtime = preferences.read(member.preferences).bedtime
    if bedtime is None or withheld(member.status, member.keep_structure):
        return 0
    zone = member_rows.clock_zone(member)
    to_bed = rhythms.next_bedtime(bedtime, now, zone)
    if to_bed - now > rhythms.BEDTIME_LEAD:  # the one that was meant has passed
        return 0
    key = f"bedtime_nudge:{member.id}:{zones.local_date(to_bed, zone)}"
    about = writing.About(once_key=key, at_chosen_time=True, expires_at=to_bed)
    return int(writing.queue(ivy, member, "bedtime_nudge", {"time": bedtime}, about) is not None)
