"""Scores and life markers: recorded and read back (R-70 to R-74)."""

from datetime import datetime

from ivy_engine.domain import filters, scores, stats
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store import stats as stat_rows
from ivy_engine.store.members import Member


def record_score(ivy: Ivy, member_id: str, reading: scores.Reading, notes: str | None) -> scores.Score:
    """A new transformation score (R-70).

    422 without a number or a note and outside 1 to 10; 403 TIER_REQUIRED where tiers are enforced (C-2).
    """
    note = scores.noted(notes)
    scores.check_score(reading, note)
    with ivy.db.write():
        member = member_rows.existing(member_id)
        if ivy.settings.rules.enforce_tier_gates:
            scores.check_tier(member.subscription_tier, scores.score_tier(reading))
        return keep_score(ivy, member, reading, note)


def keep_score(ivy: Ivy, member: Member, reading: scores.Reading, note: str | None = None) -> scores.Score:
    """Write a score down, whichever door it came through. Inside a write."""
    now = ivy.clock.now()
    row = stat_rows.Score(
        id=ivy.clock.new_id(), member_id=member.id, energy=reading.energy, mood=reading.mood,
        health_confidence=reading.health_confidence, week_number=stats.week_number(member.onboarded_at, now), notes=note,
        created_at=now,
    )  # fmt: skip
    stat_rows.add_score(row)
    return _score(row)


def score_history(ivy: Ivy, member_id: str, start: str | None, end: str | None, limit: int) -> scores.History:
    """The newest `limit` scores of a span (`filters.span`), newest first, with their trends (R-71)."""
    with ivy.db.read():
        member = member_rows.existing(member_id)
        rows = stat_rows.scores(member_id, *filters.span(start, end, member.timezone), limit)
    readings = [scores.Reading(row.energy, row.mood, row.health_confidence) for row in rows]
    return scores.History(tuple(_score(row) for row in rows), scores.trends(readings))


def latest_score(ivy: Ivy, member_id: str) -> scores.Score | None:
    """The newest score, a note alone included; None before any."""
    with ivy.db.read():
        rows = stat_rows.scores(member_id, None, None, 1)
    return _score(rows[0]) if rows else None


def record_marker(
    ivy: Ivy, member_id: str, marker: str, category: scores.GivenCategory, significance: scores.Significance
) -> scores.LifeMarker:
    """A new life marker (R-74). 422 unless the text has 1 to 1000 characters; 403 TIER_REQUIRED where tiers are enforced."""
    text = scores.marker_text(marker)
    with ivy.db.write():
        member = member_rows.existing(member_id)
        if ivy.settings.rules.enforce_tier_gates:
            scores.check_tier(member.subscription_tier, scores.MARKER_TIER)
        return keep_marker(ivy, member, text, category, significance)


def keep_marker(
    ivy: Ivy, member: Member, text: str, category: scores.GivenCategory, significance: scores.Significance = "small"
) -> scores.LifeMarker:
    """Write a life marker down, whichever door it came through. Inside a write."""
    row = stat_rows.LifeMarker(
        id=ivy.clock.new_id(), member_id=member.id, marker=text, category=scores.CATEGORIES[category],
        significance=significance, created_at=ivy.clock.now(),
    )  # fmt: skip
    stat_rows.add_marker(row)
    return _marker(row)


def markers(
    ivy: Ivy,
    member_id: str,
    *,
    category: scores.GivenCategory | None,
    significance: scores.Significance | None,
    start: str | None,
    end: str | None,
    after: tuple[datetime, str] | None,
    page: int,
    limit: int,
) -> scores.MarkerPage:
    """The life markers that fit, newest first, and how many of each category fit in all (R-74).

    A page of them, or those after the time and id of one; and one more than `limit` if there are more.
    """
    offset = 0 if after else (page - 1) * limit
    with ivy.db.read():
        member = member_rows.existing(member_id)
        since, until = filters.span(start, end, member.timezone)
        wanted = stat_rows.MarkerFilter(scores.CATEGORIES[category] if category else None, significance, since, until)
        rows, counts = stat_rows.markers(member_id, wanted, after, offset, limit)
    return scores.MarkerPage(
        markers=tuple(_marker(row) for row in rows),
        by_category=tuple(scores.CategoryCount(name, count) for name, count in counts),
    )


def _score(row: stat_rows.Score) -> scores.Score:
    return scores.Score(
        id=row.id,
        user_id=row.member_id,
        energy_score=row.energy,
        mood_score=row.mood,
        health_confidence=row.health_confidence,
        week_number=row.week_number,
        notes=row.notes,
        created_at=row.created_at,
    )


def _marker(row: stat_rows.LifeMarker) -> scores.LifeMarker:
    return scores.LifeMarker(
        id=row.id,
        user_id=row.member_id,
        marker=row.marker,
        category=row.category,
        significance=row.significance,
        created_at=row.created_at,
    )
