"""Transformation scores and life markers (R-70, R-74), and what the summaries count (R-76)."""

from datetime import date, datetime
from typing import Any, NamedTuple

from peewee import SQL, IntegerField, TextField, fn

from ivy_engine.store.db import Encrypted, Instant, Table, db, to_ms


class Score(Table):
    id = TextField(primary_key=True)
    member_id = TextField()
    energy = IntegerField(null=True)
    mood = IntegerField(null=True)
    health_confidence = IntegerField(null=True)
    week_number = IntegerField()
    notes = Encrypted(null=True)
    created_at = Instant()


class LifeMarker(Table):
    id = TextField(primary_key=True)
    member_id = TextField()
    marker = Encrypted()
    category = TextField()
    significance = TextField()
    created_at = Instant()


def add_score(score: Score) -> None:
    score.save(force_insert=True)


def add_marker(marker: LifeMarker) -> None:
    marker.save(force_insert=True)


def scores(member_id: str, since: datetime | None, until: datetime | None, limit: int) -> list[Score]:
    """Newest first, from `since` up to, not including, `until`."""
    query = Score.select().where(*_within(Score, member_id, since, until))
    return list(query.order_by(Score.created_at.desc(), Score.id.desc()).limit(limit))


def latest_with_numbers(member_id: str, since: datetime, until: datetime) -> Score | None:
    """The newest score from `since` up to, not including, `until` that is more than a note."""
    measured = Score.energy.is_null(False) | Score.mood.is_null(False) | Score.health_confidence.is_null(False)
    query = Score.select().where(*_within(Score, member_id, since, until), measured)
    found: Score | None = query.order_by(Score.created_at.desc(), Score.id.desc()).first()
    return found


def latest_energy(member_id: str, since: datetime, until: datetime) -> int | None:
    """The newest energy that was told from `since` up to, not including, `until`."""
    told = Score.select(Score.energy).where(*_within(Score, member_id, since, until), Score.energy.is_null(False))
    found: Score | None = told.order_by(Score.created_at.desc(), Score.id.desc()).first()
    return found.energy if found else None


class MarkerFilter(NamedTuple):
    """Which life markers, from `since` up to, not including, `until`; None where it does not matter."""

    category: str | None
    significance: str | None
    since: datetime | None
    until: datetime | None


def markers(
    member_id: str, wanted: MarkerFilter, after: tuple[datetime, str] | None, offset: int, limit: int
) -> tuple[list[LifeMarker], list[tuple[str, int]]]:
    """Newest first, and (category, count) of all that are wanted, largest count first.

    `after` is the time and the id of the last one seen before. One row more than `limit` tells that there are more.
    """
    chosen = _within(LifeMarker, member_id, wanted.since, wanted.until)
    if wanted.category:
        chosen.append(LifeMarker.category == wanted.category)
    if wanted.significance:
        chosen.append(LifeMarker.significance == wanted.significance)
    counts: Any = LifeMarker.select(LifeMarker.category, fn.COUNT(LifeMarker.id)).where(*chosen).group_by(LifeMarker.category)
    rows = LifeMarker.select().where(*chosen).order_by(LifeMarker.created_at.desc(), LifeMarker.id.desc())
    if after:
        at, last_id = after
        rows = rows.where(LifeMarker.created_at <= at, (LifeMarker.created_at < at) | (LifeMarker.id < last_id))
    return list(rows.offset(offset).limit(limit + 1)), list(counts.order_by(SQL("2 DESC, 1")).tuples())


def _within(table: Any, member_id: str, since: datetime | None, until: datetime | None) -> list[Any]:
    chosen = [table.member_id == member_id]
    if since:
        chosen.append(table.created_at >= since)
    if until:
        chosen.append(table.created_at < until)
    return chosen


def markers_between(member_id: str, since: datetime, until: datetime) -> int:
    """How many were made from `since` up to, not including, `until`."""
    found = db.row(
        "SELECT COUNT(*) FROM life_marker WHERE member_id = ? AND created_at >= ? AND created_at < ?",
        member_id,
        to_ms(since),
        to_ms(until),
    )
    return found[0] if found else 0


def planned_and_done(member_id: str, start: date, end: date) -> tuple[int, int]:
    """Of the workouts planned from `start` up to, not including, `end`: how many there are, and how many count."""
    found = db.row(
        "SELECT COUNT(*), COALESCE(SUM(status IN ('COMPLETED', 'PARTIAL')), 0) FROM workout "
        "WHERE member_id = ? AND planned_date >= ? AND planned_date < ?",
        member_id,
        start.isoformat(),
        end.isoformat(),
    )
    return (found[0], found[1]) if found else (0, 0)
