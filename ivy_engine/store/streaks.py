"""What is known of a member's dates beside the workouts: rest, excuses, how a date was closed; and the longest run."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from peewee import BooleanField, CompositeKey, TextField

from ivy_engine.domain import zones
from ivy_engine.domain.pauses import withheld
from ivy_engine.domain.streaks import Days, Run
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


class DayNotes(NamedTuple):
    """What stands in the record of one date."""

    rest_declared: bool
    excused: str | None
    off_day: bool | None


class ClosedDay(NamedTuple):
    """How a date is closed: its kind, and whether its weekday was outside the preferred ones."""

    day: date
    kind: str
    off_day: bool


_LONGEST = "SELECT longest_start, longest_end, longest FROM streak_record WHERE member_id = ? AND longest > 0"
_NOTES = "SELECT day, rest_declared, excused, off_day FROM day_record WHERE member_id = ?"


def days(member: Member, rest_per_7: int) -> Days:
    """All that the member's streak depends on, in four queries."""
    noted = {date.fromisoformat(row[0]): DayNotes(*row[1:]) for row in db.rows(_NOTES, member.id)}
    longest = db.row(_LONGEST, member.id)
    broken = workouts.broken_days(member.id)
    return Days(
        active=workouts.active_days(member.id),
        broken=frozenset(broken),
        missed=frozenset(day for day, missed in broken.items() if missed),
        rest=frozenset(day for day, notes in noted.items() if notes.rest_declared),
        excused={day: notes.excused for day, notes in noted.items() if notes.excused},
        closed={day: bool(notes.off_day) for day, notes in noted.items() if notes.off_day is not None},
        preferred=tuple(member.preferred_days) if member.preferred_days else None,
        rest_per_7=rest_per_7,
        zone=member.timezone,
        record=Run(date.fromisoformat(longest[0]), date.fromisoformat(longest[1]), longest[2]) if longest else None,
        away=_away(member),
        held_since=zones.local_date(member.hold_since, member.timezone) if member.hold_since else None,
    )


def _away(member: Member) -> tuple[date, date | None] | None:
    if member.away_since is None or not withheld(member.status, member.keep_structure):
        return None
    return member.away_since, member.resume_date


def open_record(member_id: str, now: datetime) -> None:
    """The all-zero record of a new member (R-7)."""
    db.changed("INSERT INTO streak_record (member_id, longest, updated_at) VALUES (?, 0, ?)", member_id, to_ms(now))


def save_record(member_id: str, longest: Run | None, now: datetime) -> None:
    """Remember the longest run, None for no run at all (R-40)."""
    db.changed(
        "UPDATE streak_record SET longest = ?, longest_start = ?, longest_end = ?, updated_at = ? WHERE member_id = ?",
        longest.length if longest else 0,
        longest.start.isoformat() if longest else None,
        longest.end.isoformat() if longest else None,
        to_ms(now),
        member_id,
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


def excuse_of(member_id: str, day: date) -> str | None:
    """Why a date is excused by its record, if it is."""
    found = db.row("SELECT excused FROM day_record WHERE member_id = ? AND day = ?", member_id, day.isoformat())
    return found[0] if found else None


def away_between(member_id: str, first: date, last: date) -> bool:
    """Whether some date from `first` to `last`, both included, was excused because the member was away or needed rest from us."""
    found = db.row(
        "SELECT 1 FROM day_record WHERE member_id = ? AND day BETWEEN ? AND ? AND excused IN ('status', 'safety') LIMIT 1",
        member_id,
        first.isoformat(),
        last.isoformat(),
    )
    return found is not None


def excuse(member_id: str, day: date, why: str, now: datetime) -> None:
    """Excuse a date; a reason that stands there already stays."""
    db.changed(
        "INSERT INTO day_record (member_id, day, rest_declared, excused, created_at) VALUES (?, ?, 0, ?, ?) "
        "ON CONFLICT (member_id, day) DO UPDATE SET excused = COALESCE(excused, ?)",
        member_id,
        day.isoformat(),
        why,
        to_ms(now),
        why,
    )


def withdraw_excuses(member_id: str, why: str, since: date) -> None:
    """A reason no longer holds for dates from `since` on."""
    db.changed(
        "UPDATE day_record SET excused = NULL WHERE member_id = ? AND day >= ? AND excused = ?", member_id, since.isoformat(), why
    )


def close(member_id: str, closed: Iterable[ClosedDay], now: datetime) -> None:
    """Finalise dates (J-6); one that is closed already stays as it was (R-35)."""
    for day in closed:
        db.changed(
            "INSERT INTO day_record (member_id, day, rest_declared, kind, off_day, closed_at, created_at) "
            "VALUES (?, ?, 0, ?, ?, ?, ?) ON CONFLICT (member_id, day) DO UPDATE "
            "SET kind = excluded.kind, off_day = excluded.off_day, closed_at = excluded.closed_at WHERE closed_at IS NULL",
            member_id,
            day.day.isoformat(),
            day.kind,
            day.off_day,
            to_ms(now),
            to_ms(now),
        )
