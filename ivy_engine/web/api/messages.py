"""`/api/messages`: what was written, and having something written."""

from typing import Any

from ivy_engine.actions.messages import requests
from ivy_engine.web import cursors
from ivy_engine.web.endpoint import Asked, Page


def listed(asked: Asked) -> Any:
    """The own messages.

    In both directions, the newest first. What a mail says is not shown.
    """
    query = asked.query
    found, total = requests.listed(
        asked.ivy,
        asked.who.id,
        query.channel,
        after=cursors.after(query.cursor, cursors.instant, cursors.text),
        page=query.page,
        limit=query.limit,
    )
    return Page.cut(found, total, query, lambda row: (row.created_at.isoformat(), row.id))


def send(asked: Asked) -> Any:
    """Have a message sent.

    To oneself, of a few templates; as an operator to anybody, of any but those that only help or confirm. All parameters of the
    template are needed, as text. It leaves outside quiet hours and within the day's ceiling. 409 when it would not be sent:
    without consent, on hold, switched off, away; a nudge comes once a day and not on rest days (R-113, R-116, R-117, R-120).
    """
    body = asked.body
    wanted = requests.Wanted(
        channel=body.channel,
        template=body.template_id,
        params=body.template_params,
        message_type=body.message_type,
        user_id=str(body.user_id) if body.user_id else None,
    )
    return requests.send(asked.ivy, asked.actor, wanted)
