"""`/api/workouts`: plan, read, change, complete."""

from typing import Any

from ivy_engine.actions import workouts
from ivy_engine.web import cursors
from ivy_engine.web.endpoint import As, Asked, Page
from ivy_engine.web.schemas.workouts import CompletedWorkout


def plan(asked: Asked) -> Any:
    return workouts.plan(asked.ivy, asked.who.id, **asked.body.model_dump())


def listed(asked: Asked) -> Any:
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
    rows, next_key = cursors.cut(found, query.limit, lambda row: (row.planned_date.isoformat(), row.id))
    return Page(rows, total, query.page, query.limit, next_key)


def one(asked: Asked) -> Any:
    return workouts.one(asked.ivy, asked.who.id, asked.params["id"])


def change(asked: Asked) -> Any:
    changed = workouts.change(asked.ivy, asked.who.id, asked.params["id"], asked.body.changes())
    return flat(changed) if isinstance(changed, workouts.Completion) else changed


def complete(asked: Asked) -> Any:
    body = asked.body
    how = workouts.How(
        completed_at=body.completed_at,
        skipped_reason=body.skipped_reason,
        actual_duration=body.actual_duration,
        notes=body.notes,
    )
    return flat(workouts.complete(asked.ivy, asked.who.id, asked.params["id"], body.status, how))


def delete(asked: Asked) -> Any:
    workouts.delete(asked.ivy, asked.who.id, asked.params["id"])
    return {"message": "The workout is deleted."}


def flat(completion: workouts.Completion) -> As:
    """The workout's fields at the top level, streak and donation beside them (C-32)."""
    beside = {name: value for name, value in vars(completion).items() if name != "workout"}
    return As(CompletedWorkout, {**vars(completion.workout), **beside})
