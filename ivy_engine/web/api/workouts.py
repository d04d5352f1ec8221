"""`/api/workouts`: plan, read, change, complete."""

from typing import Any

from ivy_engine.actions import workouts
from ivy_engine.web import cursors
from ivy_engine.web.endpoint import Asked, Page


def plan(asked: Asked) -> Any:
    """Plan a workout.

    The date is read in the member's zone (R-23).
    """
    return workouts.plan(asked.ivy, asked.who.id, **asked.body.model_dump())


def listed(asked: Asked) -> Any:
    """The planned and the done.

    Latest planned date first.
    """
    query = asked.query
    found, total = workouts.listed(
        asked.ivy,
        asked.who.id,
        status=query.status,
        start=query.start_date,
        end=query.end_date,
        after=cursors.after(query.cursor, cursors.day, cursors.text),
        page=query.page,
        limit=query.limit,
    )
    return Page.cut(found, total, query, lambda row: (row.planned_date.isoformat(), row.id))


def one(asked: Asked) -> Any:
    """One workout."""
    return workouts.one(asked.ivy, asked.who.id, asked.params["id"])


def change(asked: Asked) -> Any:
    """Change a workout.

    A new status is set under the rules of completing it, and answers as that does (R-24).
    """
    changed = workouts.change(asked.ivy, asked.who.id, asked.params["id"], asked.body.changes())
    return flat(changed) if isinstance(changed, workouts.Completion) else changed


def complete(asked: Asked) -> Any:
    """Log a workout.

    Done, done in part, or skipped. Counts once: a second time changes nothing and answers the same donation (R-24, R-31,
    R-50).
    """
    body = asked.body
    how = workouts.How(
        completed_at=body.completed_at,
        skipped_reason=body.skipped_reason,
        actual_duration=body.actual_duration,
        notes=body.notes,
    )
    return flat(workouts.complete(asked.ivy, asked.who.id, asked.params["id"], body.status, how))


def delete(asked: Asked) -> Any:
    """Delete a workout.

    What it has given stays given (R-58).
    """
    workouts.delete(asked.ivy, asked.who.id, asked.params["id"])
    return {"message": "The workout is deleted."}


def flat(completion: workouts.Completion) -> Any:
    """The workout's fields at the top level, streak and donation beside them (C-32)."""
    beside = {name: value for name, value in vars(completion).items() if name != "workout"}
    return {**vars(completion.workout), **beside}
