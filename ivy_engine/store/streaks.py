"""What is known of a member's dates beside the workouts: rest, excuses, how a date was closed."""

from datetime import date, datetime

from peewee import BooleanField, CompositeKey, TextField

from ivy_engine.domain.streaks import Days
from ivy_engine.store import workouts
from ivy_engine.store.db import Day, Instant, Table, db, to_ms
from ivy_engine.store.members import Member


class DayRecord(Table):
    member_id = TextField()
    day = Day()
    rest_declared = BooleanField(default=False)
    excused = TextField(null=True)  # why: status, safety, zone, outage
    kind = TextField(null=True)  # as closed
    off_day = BooleanField(null=True)  # as closed: the weekday was not among the preferred days
    closed_at = Instant(null=True)
    created_at = Instant()

    class Meta:
        primary_key = CompositeKey("member_id", "day")


def days(member: Member, rest_per_7: int) -> Days:
    """All that the member's streak depends on, in three queries."""
    records = db.rows("SELECT day, rest_declared, excused, off_day FROM day_record WHERE member_id = ?", member.id)
    dated = [(date.fromisoformat(day), rest, excused, off) for day, rest, excused, off in records]
    return Days(
        active=workouts.active_days(member.id),
        broken=workouts.broken_days(member.id),
        rest=frozenset(day for day, rest, _, _ in dated if rest),
        excused=frozenset(day for day, _, excused, _ in dated if excused),
        closed={day: bool(off) for day, _, _, off in dated if off is not None},
        preferred=tuple(member.preferred_days) if member.preferred_days else None,
        rest_per_7=rest_per_7,
    )


def declare_rest(member_id: str, day: date, now: datetime) -> None:
    db.changed(
        "INSERT INTO day_record (member_id, day, rest_declared, created_at) VALUES (?, ?, 1, ?) "
        "ON CONFLICT (member_id, day) DO UPDATE SET rest_declared = 1",
        member_id,
        day.isoformat(),
        to_ms(now),
    )


def rest_declared(member_id: str, day: date) -> bool:
    found = db.row("SELECT rest_declared FROM day_record WHERE member_id = ? AND day = ?", member_id, day.isoformat())
    return bool(found and found[0])
