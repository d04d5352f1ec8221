"""Pausing, being sick, travelling, and coming back (R-12 to R-14, J-13); rest days (R-34 b)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ivy_engine.actions import one_by_one, reminders, rhythms, streaks
from ivy_engine.actions.calls import planning
from ivy_engine.actions.messages import writing
from ivy_engine.domain import pauses, zones
from ivy_engine.domain.errors import invalid
from ivy_engine.domain.streaks import counted_rest
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store import streaks as day_rows
from ivy_engine.store.members import Member


@dataclass(frozen=True)
class Pause:
    """What a member says about being away; `resume_date` is the last date away."""

    reason: str
    resume_date: date | None = None
    keep_structure: bool = False
    travel_zone: str | None = None


@dataclass(frozen=True)
class Status:
    id: str
    status: str
    pause_reason: str | None
    resume_date: date | None


@dataclass(frozen=True)
class RestDay:
    """`counts` is false when other rest days leave no room for it to excuse anything (R-34 b, D-15)."""

    date: date
    counts: bool


def pause(ivy: Ivy, member_id: str, wanted: Pause) -> Status:
    """Withhold calls and nudges, keep the streak (R-14). Said again, it replaces what was said before.

    422 for a last date away that is past.
    """
    now = ivy.clock.now()
    with ivy.db.write():
        member = member_rows.existing(member_id)
        today = zones.local_date(now, member.timezone)
        was_on = member_rows.clock_zone(member)
        pauses.check_resume_date(wanted.resume_date, today)
        if pauses.withheld(member.status, member.keep_structure):
            _remember_away(member, today, now)
        status = pauses.REASONS[wanted.reason]
        keeps = wanted.keep_structure and status == pauses.TRAVELING
        member.status, member.pause_reason, member.keep_structure = status, wanted.reason, keeps
        member.resume_date, member.away_since = wanted.resume_date, today
        member.travel_timezone = wanted.travel_zone if status == pauses.TRAVELING else None
        _set_resume_due(member)
        member.updated_at = now
        member_rows.save(member)
        _follow_clock(member, was_on, now)
        _withhold(ivy, member, now)
        streaks.changed(ivy, member, now)
        return _status(member)


def _withhold(ivy: Ivy, member: Member, now: datetime) -> None:
    """What was planned under the old status is planned anew, or not at all (R-14, R-97)."""
    if pauses.withheld(member.status, member.keep_structure):
        call_rows.cancel_scheduled(member.id, now)
        message_rows.cancel_automatic(member.id, "away")
    else:
        planning.replan(ivy, member, now)


def _follow_clock(member: Member, was_on: str, now: datetime) -> None:
    """A journey takes along what is due on the member's clock, and so does its end (R-12)."""
    if member_rows.clock_zone(member) != was_on:
        reminders.follow_zone(member, now)
        rhythms.follow_zone(member, now)


def resume(ivy: Ivy, member_id: str) -> Status:
    """Come back now; calls are planned again. Who is not away stays as they are."""
    now = ivy.clock.now()
    with ivy.db.write():
        member = member_rows.existing(member_id)
        if member.status != pauses.ACTIVE:
            _end(ivy, member, zones.local_date(now, member.timezone), now)
        return _status(member)


def offer(ivy: Ivy, member: Member, status: str, until: date | None, cause: str) -> None:
    """Ask in writing whether the member is away, as was heard in a call: nothing is changed before a yes. Inside a write."""
    reason = next(name for name, means in pauses.REASONS.items() if means == status)
    asks_about = f"{reason} {until}" if until else reason
    about = writing.About(once_key=f"status_offer:{cause}", asks_about=asks_about)
    writing.queue(ivy, member, "status_offer", {"status": pauses.WORDS[reason]}, about)


def follow_zone(member: Member) -> None:
    """A change of zone moves the morning of coming back."""
    _set_resume_due(member)
    member_rows.save(member)


def next_resume(ivy: Ivy) -> datetime | None:
    return one_by_one.next_due(ivy, member_rows.RESUME)


def resume_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """End what ends this morning: calls are planned, a message says welcome back (J-13, R-13); how many came back."""
    due = one_by_one.whose_time_has_come(ivy, member_rows.RESUME, ids)
    return one_by_one.each(ivy, member_rows.RESUME, due, _come_back, "the return")


def _come_back(ivy: Ivy, member_id: str, now: datetime) -> int:
    member = member_rows.by_id(member_id)
    if member is None or member.resume_due_at is None or member.resume_due_at > now:
        return 0
    last_away = member.resume_date
    _end(ivy, member, last_away or zones.local_date(now, member.timezone), now)
    key = f"restart:{member.id}:{last_away}"
    writing.queue(ivy, member, "restart", {"name": member.first_name}, writing.About(once_key=key))
    return 1


def _end(ivy: Ivy, member: Member, last_away: date, now: datetime) -> None:
    if pauses.withheld(member.status, member.keep_structure):
        _remember_away(member, last_away, now)
    was_on = member_rows.clock_zone(member)
    member.status, member.pause_reason, member.keep_structure = pauses.ACTIVE, None, False
    member.resume_date = member.away_since = member.travel_timezone = member.resume_due_at = None
    member.updated_at = now
    member_rows.save(member)
    _follow_clock(member, was_on, now)
    streaks.changed(ivy, member, now)
    planning.replan(ivy, member, now)


def _remember_away(member: Member, last_away: date, now: datetime) -> None:
    """The dates that the status has covered stay excused (R-34 a)."""
    day = member.away_since
    while day is not None and day <= last_away:
        day_rows.excuse(member.id, day, "status", now)
        day += zones.DAY


def _set_resume_due(member: Member) -> None:
    last_away = member.resume_date
    member.resume_due_at = pauses.resume_instant(last_away, member.timezone) if last_away else None


def _status(member: Member) -> Status:
    return Status(member.id, member.status, member.pause_reason, member.resume_date)


def rest_on(ivy: Ivy, member_id: str, day: date) -> RestDay:
    """Declare a rest day: open workouts are skipped for rest, the day's calls are not made (R-34 b, R-36, R-92).

    422 for a date that is past. A second time changes nothing.
    """
    now = ivy.clock.now()
    with ivy.db.write():
        member = member_rows.existing(member_id)
        today = min(zones.local_date(now, zone) for zone in (member.timezone, member_rows.clock_zone(member)))
        if not 0 <= (day - today).days <= pauses.LONGEST_DAYS:
            raise invalid("date", "this must be today or a later date, at most a year ahead")
        streaks.declare_rest(ivy, member, day)
        streaks.changed(ivy, member, now)
        per_7 = ivy.settings.rules.rest_days_per_7
        counted = counted_rest(day_rows.days(member, per_7).rest, per_7)
        return RestDay(day, day in counted)
