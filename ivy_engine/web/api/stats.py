"""`/api/stats`: the dashboard, the streak, week and month, scores and life markers."""

from typing import Any

from ivy_engine.actions import scores, stats, streaks
from ivy_engine.domain.scores import Reading
from ivy_engine.web import cursors
from ivy_engine.web.endpoint import Asked, Page


def overview(asked: Asked) -> Any:
    """The dashboard in one answer."""
    return stats.overview(asked.ivy, asked.who.id)


def streak(asked: Asked) -> Any:
    """The streak.

    Derived from what was done, never counted up and down (R-30 to R-46).
    """
    return streaks.details(asked.ivy, asked.who.id)


def weekly(asked: Asked) -> Any:
    """The week so far.

    Monday to now, in the member's zone (R-75).
    """
    return stats.weekly(asked.ivy, asked.who.id)


def monthly(asked: Asked) -> Any:
    """The month so far.

    In the member's zone (R-75).
    """
    return stats.monthly(asked.ivy, asked.who.id)


def record_score(asked: Asked) -> Any:
    """Record how you feel."""
    body = asked.body
    reading = Reading(body.energy_score, body.mood_score, body.health_confidence)
    return scores.record_score(asked.ivy, asked.who.id, reading, body.notes)


def score_history(asked: Asked) -> Any:
    """How you have felt.

    Scores, newest first, and their trends (R-71).
    """
    query = asked.query
    return scores.score_history(asked.ivy, asked.who.id, query.start_date, query.end_date, query.limit)


def latest_score(asked: Asked) -> Any:
    """How you felt last.

    null when nothing was recorded yet.
    """
    return scores.latest_score(asked.ivy, asked.who.id)


def record_marker(asked: Asked) -> Any:
    """Record a change in your life.

    Categories of other systems are taken for ours (R-74).
    """
    body = asked.body
    return scores.record_marker(asked.ivy, asked.who.id, body.marker, body.category, body.significance or "small")


def markers(asked: Asked) -> Any:
    """What has changed in your life.

    Newest first; `meta.breakdown` counts the whole list by category.
    """
    query = asked.query
    found = scores.markers(
        asked.ivy,
        asked.who.id,
        category=query.category,
        significance=query.significance,
        start=query.start_date,
        end=query.end_date,
        after=cursors.after(query.cursor, cursors.instant, cursors.text),
        page=query.page,
        limit=query.limit,
    )
    more = {"breakdown": {"by_category": found.by_category}}
    return Page.cut(found.markers, found.total, query, lambda row: (row.created_at.isoformat(), row.id), more)
