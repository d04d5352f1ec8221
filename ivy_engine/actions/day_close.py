"""Closing the day: every local date is finalised once, when the next one is three hours old (J-6, R-35, R-37)."""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from ivy_engine.actions import streaks as streaks_of
from ivy_engine.domain import streaks, zones
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store import streaks as day_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member
from ivy_engine.store.streaks import ClosedDay

log = logging.getLogger(__name__)
CLOSE_AGAIN = timedelta(minutes=15)


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
    with ivy.db.read():
        return member_rows.next_close_due()


def close_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """Finalise the dates that have passed in each member's zone (J-6); how many rows were changed."""
    with ivy.db.read():
        due = member_rows.close_due(ivy.clock.now())
    return sum(_close_one(ivy, member_id) for member_id in due if not ids or member_id in ids)


def _close_one(ivy: Ivy, member_id: str) -> int:
    """One transaction per member: one whose dates cannot be closed must not hold up the others."""
    now = ivy.clock.now()
    try:
        with ivy.db.write():
            member = member_rows.by_id(member_id)
            if member is None or member.close_due_at is None or member.close_due_at > now:
                return 0
            return _close(ivy, member, now)
    except Exception:
        log.exception("the dates of member %s could not be closed", member_id)
        with ivy.db.write():
            member_rows.close_again(member_id, now + CLOSE_AGAIN)
        return 0


def _close(ivy: Ivy, member: Member, now: datetime) -> int:
    """Every date that is over and not closed yet: open workouts are MISSED, the kind is kept (R-35, R-37)."""
    done = _closed_through(member)
    last = streaks.last_to_close(now, member.timezone)
    missed = [row for row in workout_rows.left_open(member.id, done, last) if not row.entered_late]
    for row in missed:
        row.status, row.remind_at, row.updated_at = "MISSED", None, now
        workout_rows.save(row)
    calendar = streaks.Calendar(day_rows.days(member, ivy.settings.rules.rest_days_per_7), zones.local_date(now, member.timezone))
    over = [done + zones.DAY * number for number in range(1, (last - done).days + 1)]
    day_rows.close(member.id, (ClosedDay(day, calendar.kind(day).value, calendar.off_day(day)) for day in over), now)
    member.closed_through = max(done, last)
    member.close_due_at = streaks.close_instant(member.closed_through + zones.DAY, member.timezone)
    member_rows.save(member)
    streaks_of.changed(ivy, member, now)
    return len(missed) + len(over)


def _closed_through(member: Member) -> date:
    closed: date | None = member.closed_through
    return closed or streaks.first_to_close(member.created_at, member.timezone) - zones.DAY
