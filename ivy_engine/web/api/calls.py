"""`/api/calls`: look at calls, have one made, move, cancel."""

from typing import Any

from ivy_engine.actions.calls import booking
from ivy_engine.web import cursors
from ivy_engine.web.endpoint import Asked, Page

CANCELLED = {"message": "The call is cancelled."}
ENDING = {"message": "The call is being ended."}


def initiate(asked: Asked) -> Any:
    """Have a call made now.

    To oneself, or as an operator to somebody. 409 when the member may not be called, 503 when the voice provider fails. When all
    lines are taken it waits for its turn, and `retellCallId` is null.
    """
    body = asked.body
    return booking.begin_call(asked.ivy, asked.actor, str(body.user_id) if body.user_id else None, body.call_type)


def initiated(asked: Asked, call_id: str) -> Any:
    return booking.ring(asked.ivy, call_id)


def begun(asked: Asked, call_id: str) -> Any:
    return booking.initiated(asked.ivy, call_id)


def schedule(asked: Asked) -> Any:
    """Have a call made later.

    At a time of one's own choosing; quiet hours and windows do not count for it.
    """
    body = asked.body
    return booking.schedule(
        asked.ivy, asked.actor, str(body.user_id) if body.user_id else None, body.call_type, body.scheduled_at
    )


def reschedule(asked: Asked) -> Any:
    """Move a call.

    One that still waits; the planner does not move it back.
    """
    return booking.reschedule(asked.ivy, asked.actor, asked.params["id"], asked.body.scheduled_at)


def cancel(asked: Asked) -> Any:
    """Cancel a call.

    One that waits is cancelled; one that rings or talks is ended by the provider (R-103).
    """
    return booking.begin_cancel(asked.ivy, asked.actor, asked.params["id"])


def cancelled(asked: Asked, call_id: str) -> Any:
    return ENDING if booking.end_cancel(asked.ivy, call_id) else CANCELLED


def outcome(asked: Asked) -> Any:
    """Correct a call's outcome.

    By an operator, when it is over.
    """
    return booking.set_outcome(asked.ivy, asked.actor, asked.params["id"], asked.body.outcome)


def one(asked: Asked) -> Any:
    """One call.

    With the decisions about it: why it was made, or why not.
    """
    return booking.one(asked.ivy, asked.actor, asked.params["id"])


def listed(asked: Asked) -> Any:
    """The own calls.

    The latest first.
    """
    query = asked.query
    found, total = booking.listed(
        asked.ivy,
        asked.who.id,
        booking.Wanted(query.call_type, query.status, query.start_date, query.end_date),
        after=cursors.after(query.cursor, cursors.instant, cursors.text),
        page=query.page,
        limit=query.limit,
    )
    return Page.cut(found, total, query, lambda row: (row.scheduled_at.isoformat(), row.id))


def upcoming(asked: Asked) -> Any:
    """Everybody's calls to come.

    For operators, the next first; the look is written down.
    """
    query = asked.query
    after = cursors.after(query.cursor, cursors.instant, cursors.text)
    found, total = booking.upcoming(asked.ivy, asked.actor, after=after, page=query.page, limit=query.limit)
    return Page.cut(found, total, query, lambda row: (row.scheduled_at.isoformat(), row.id))
