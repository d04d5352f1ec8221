"""`/api/admin`: what operators look after."""

from typing import Any

from ivy_engine import jobs as timetable
from ivy_engine.actions import operations
from ivy_engine.web import cursors
from ivy_engine.web.endpoint import Asked, Page


def jobs(asked: Asked) -> Any:
    """What happens by itself.

    The three queues: rows that wait, run, have failed or are finished, and each job's last and next run.
    """
    return timetable.overview(asked.ivy)


def failed_jobs(asked: Asked) -> Any:
    """What has failed.

    The newest rows of one queue, by ids and without a word of anybody's.
    """
    query = asked.query
    after = cursors.after(query.cursor, cursors.instant, cursors.text)
    found, total = operations.failed(asked.ivy, asked.params["queue"], after=after, page=query.page, limit=query.limit)
    return Page.cut(found, total, query, lambda row: (row.at.isoformat(), row.id))


def resume_queue(asked: Asked) -> Any:
    """Let paused calls go on.

    Calls pause by themselves when the voice provider refuses the gym's account or has no line free. Written to the audit log.
    """
    return operations.resume(asked.ivy, asked.actor, asked.params["queue"])


def retry_job(asked: Asked) -> Any:
    """Try again what has failed.

    A call while it is at most half an hour late; a message or a call only if no provider has taken it. Written to the audit log.
    """
    return operations.retry(asked.ivy, asked.actor, asked.params["id"], asked.params["queue"])


def cancel_job(asked: Asked) -> Any:
    """End what waits.

    A call that was not dialled, a message that was not sent, an event that was not handled. Written to the audit log.
    """
    return operations.cancel(asked.ivy, asked.actor, asked.params["id"], asked.params["queue"])
