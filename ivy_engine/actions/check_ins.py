"""Asking how somebody is who has gone quiet, or is ill (J-12: R-18, R-12)."""

from collections.abc import Sequence
from datetime import date, datetime

from ivy_engine.actions import rhythms
from ivy_engine.actions.contacts import last_contact
from ivy_engine.actions.messages import writing
from ivy_engine.domain import check_ins, zones
from ivy_engine.domain.pauses import SICK, withheld
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store import streaks as day_rows
from ivy_engine.store.members import Member


def check_in_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """Every day at 11:00 local; how many were asked (J-12)."""
    return rhythms.take_turns(ivy, rhythms.CHECK_IN, ids, _check_in, "the check-in on member")


def _check_in(ivy: Ivy, member: Member, now: datetime) -> int:
    today = zones.local_date(now, member_rows.clock_zone(member))
    if member.status == SICK:
        return _ask(ivy, member, "sick_checkin", today) if _ill_for_long(member, today) else 0
    if withheld(member.status, member.keep_structure) or not _gone_quiet(member, today, now):
        return 0
    return _ask(ivy, member, "inactive_checkin", today)


def _ill_for_long(member: Member, today: date) -> bool:
    """Three dates after it began, and then every three (R-12)."""
    asked = _last_asked(member, "sick_checkin")
    since = max((day for day in (asked, member.away_since) if day is not None), default=None)
    return check_ins.may_come_again(check_ins.WHEN_SICK, since, today)


def _gone_quiet(member: Member, today: date, now: datetime) -> bool:
    """R-18. Days away are no silence: they count from the last of them."""
    if not check_ins.gone_quiet(last_contact(member), now):
        return False
    if not check_ins.may_come_again(check_ins.WHEN_QUIET, _last_asked(member, "inactive_checkin"), today):
        return False
    return not day_rows.away_between(member.id, today - check_ins.QUIET_AFTER, today)


def _last_asked(member: Member, template: str) -> date | None:
    at = message_rows.last_sent(member.id, template)
    return zones.local_date(at, member_rows.clock_zone(member)) if at else None


def _ask(ivy: Ivy, member: Member, template: str, today: date) -> int:
    about = writing.About(once_key=f"{template}:{member.id}:{today}")
    return int(writing.queue(ivy, member, template, {"name": member.first_name}, about) is not None)
