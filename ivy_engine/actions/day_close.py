"""Closing the day: every local date is finalised once, when the next one is three hours old (J-6, R-35, R-37)."""

from collections.abc import Sequence
from datetime import date, datetime

from ivy_engine.actions import one_by_one
from ivy_engine.actions import streaks as streaks_of
from ivy_engine.domain import streaks, zones
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store import streaks as day_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member
from ivy_engine.store.streaks import ClosedDay


def begin(member: Member, now: datetime) -> None:
    """When the first dates of a new member are closed."""
    first = streaks.first_to_close(now, member.timezone)
    member.closed_through = first - zones.DAY
    member.close_due_at = streaks.close_instant(streaks.last_to_close(now, member.timezone) + zones.DAY, member.timezone)


def follow_zone(member: Member, old_zone: str, now: datetime) -> None:
    """A change of zone excuses the dates it leaps over, and moves the next closing (R-16). Inside a write."""
    day_rows.withdraw_excuses(member.id, "zone", zones.local_date(now, member.timezone))  # they are lived after all
    for day in streaks.skipped_dates(now, old_zone, member.timezone):
        day_rows.excuse(member.id, day, "zone", now)
    if member.close_due_at is not None:
        member.close_due_at = streaks.close_instant(_closed_through(member) + zones.DAY, member.timezone)
        member_rows.save(member)


def next_due(ivy: Ivy) -> datetime | None:
    return one_by_one.next_due(ivy, member_rows.CLOSE)


def close_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """Finalise the dates that have passed in each member's zone (J-6); how many rows were changed."""
    due = one_by_one.whose_time_has_come(ivy, member_rows.CLOSE, ids)
    return one_by_one.each(ivy, member_rows.CLOSE, due, _close_one, "the closing of dates")


def _close_one(ivy: Ivy, member_id: str, now: datetime) -> int:
    member = member_rows.by_id(member_id)
    if member is None or member.close_due_at is None or member.close_due_at > now:
        return 0
    return _close(ivy, member, now)


def _close(ivy: Ivy, member: Member, now: datetime) -> int:
    """Every date that is over and not closed yet: open workouts are MISSED, the kind is kept (R-35, R-37)."""
    done = _closed_through(member)
    last = streaks.last_to_close(now, member.timezone)
    missed = [row for row in workout_rows.left_open(member.id, done, last) if not row.entered_late]
    for row in missed:
        row.status, row.updated_at = "MISSED", now
        row.remind_at = row.check_due_at = None
        workout_rows.save(row)
    calendar = streaks.Calendar(day_rows.days(member, ivy.settings.rules.rest_days_per_7), zones.local_date(now, member.timezone))
    over = [done + zones.DAY * number for number in range(1, (last - done).days + 1)]
    day_rows.close(member.id, (ClosedDay(day, calendar.kind(day).value, calendar.off_day(day)) for day in over), now)
    for day in over:
        call_rows.judge_rescues(member.id, day, calendar.kind(day) is streaks.Kind.ACTIVE, now)
    member.closed_through = max(done, last)
    member.close_due_at = streaks.close_instant(member.closed_through + zones.DAY, member.timezone)
    member_rows.save(member)
    streaks_of.changed(ivy, member, now)
    return len(missed) + len(over)


def _closed_through(member: Member) -> date:
    closed: date | None = member.closed_through
    return closed or streaks.first_to_close(member.created_at, member.timezone) - zones.DAY
