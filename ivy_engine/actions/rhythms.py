"""When it is each member's turn: for the week's summary, the month's receipt, the pulse, the check-in, bedtime.

The due times stand in the member's row; they are set at sign-up and move with the zone, a journey and the bedtime.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivy_engine.actions import one_by_one
from ivy_engine.domain import preferences, rhythms
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store.due import DueColumn
from ivy_engine.store.members import Member

NOT_LOOKED_AT = 0  # the POSIX time of a due column that a migration has added: only find out when the turn comes


@dataclass(frozen=True)
class Turn:
    """Something that comes again, the column that says when, and the zone that it follows."""

    rhythm: rhythms.Rhythm
    when: DueColumn
    zone_of: Callable[[Member], str]


SUMMARY = Turn(rhythms.SUMMARY, member_rows.SUMMARY, member_rows.clock_zone)
RECEIPT = Turn(rhythms.RECEIPT, member_rows.RECEIPT, lambda member: member.timezone)  # as the ledger's months do
PULSE = Turn(rhythms.PULSE, member_rows.PULSE, member_rows.clock_zone)
CHECK_IN = Turn(rhythms.CHECK_IN, member_rows.CHECKIN, member_rows.clock_zone)
TURNS = (SUMMARY, RECEIPT, PULSE, CHECK_IN)


def begin(member: Member, now: datetime) -> None:
    """The first turns of a new member. Saves nothing."""
    for turn in TURNS:
        turn.when.set(member, rhythms.next_time(turn.rhythm, now, turn.zone_of(member)))
    member.bedtime_due_at = _next_wind_down(member, now)


def follow_zone(member: Member, now: datetime) -> None:
    """A new zone, or a journey to one, moves what is still to come. Inside a write."""
    for turn in TURNS:
        due = turn.when.of(member)
        if due is not None and due > now:
            turn.when.set(member, rhythms.next_time(turn.rhythm, now, turn.zone_of(member)))
    follow_bedtime(member, now)


def follow_bedtime(member: Member, now: datetime) -> None:
    """The bedtime was chosen, changed or taken back. Inside a write."""
    member.bedtime_due_at = _next_wind_down(member, now)
    member_rows.save(member)


def _next_wind_down(member: Member, now: datetime) -> datetime | None:
    bedtime = preferences.read(member.preferences).bedtime
    return rhythms.next_wind_down(bedtime, now, member_rows.clock_zone(member)) if bedtime and member.is_active else None


def end(member: Member) -> None:
    """No turn comes any more. Saves nothing."""
    for turn in TURNS:
        turn.when.set(member, None)
    member.bedtime_due_at = None


def next_due(turn: Turn) -> Callable[[Ivy], datetime | None]:
    """For the timetable: when it is somebody's turn next."""
    return lambda ivy: one_by_one.next_due(ivy, turn.when)


def take_turns(ivy: Ivy, turn: Turn, ids: Sequence[str], effect: Callable[[Ivy, Member, datetime], int], what: str) -> int:
    """Have the effect on each member whose turn it is, and say when the next one comes; the sum of what it answers.

    A turn that was missed is left out unless it is still the same local date.
    """

    def work(ivy: Ivy, member_id: str, now: datetime) -> int:
        member = member_rows.by_id(member_id)
        due = turn.when.of(member) if member else None
        if member is None or due is None or due > now:
            return 0
        zone = turn.zone_of(member)
        turn.when.set(member, rhythms.next_time(turn.rhythm, now, zone))
        member_rows.save(member)
        comes = due.timestamp() != NOT_LOOKED_AT and rhythms.has_come_today(turn.rhythm, now, zone)
        return effect(ivy, member, now) if comes else 0

    return one_by_one.each(ivy, turn.when, one_by_one.whose_time_has_come(ivy, turn.when, ids), work, what)
