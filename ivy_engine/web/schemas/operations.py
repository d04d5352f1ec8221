"""Answers about queues and jobs."""

from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, Field, WithJsonSchema

from ivy_engine.log import masked
from ivy_engine.web.schemas.base import Answer, Instant
from ivy_engine.web.schemas.vocabulary import CALL_ID

Kind = Literal["call", "message", "event"]
RowId = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid", "examples": [CALL_ID]})]
Number = Annotated[int, Field(ge=0, examples=[3])]
Reason = Annotated[  # some providers repeat a number in their refusals
    str, BeforeValidator(masked), Field(examples=["error: the provider did not answer"])
]
Lag = Annotated[int, Field(ge=0, description="Seconds that the oldest due row has waited beyond its turn.", examples=[0])]
OldestDue = Annotated[Instant | None, Field(description="Since when the oldest due row is due; null if none is.")]


class LastRun(Answer):
    """The last time that something was due."""

    started_at: Instant
    finished_at: Instant
    changed: int = Field(ge=0, description="Rows that were changed.", examples=[3])
    error: str | None = Field(description="The kind of mistake that ended it.", examples=["OperationalError"])
    seconds: float = Field(ge=0, description="How long it took.", examples=[0.012])


class Job(Answer):
    name: str = Field(examples=["plan_calls"])
    every: int | None = Field(
        description="Seconds between the instants of its timetable; null: when something is due.", examples=[900]
    )
    last_run: LastRun | None
    next_run: Instant | None = Field(description="When it runs next, as things stand; null if nothing lies ahead.")
    lag: Lag
    oldest_due: OldestDue


class Pause(Answer):
    """No call is dialled; from `until` on one call tries when it was our account, or all go on when lines were missing."""

    why: Literal["account", "lines"] = Field(description="What the voice provider refuses: our account, or more calls at once.")
    since: Instant = Field(validation_alias=AliasChoices("since", "at"))
    until: Instant


class JobQueue(Answer):
    """One of the three queues. Failed and finished rows are counted as far as they are kept in sight."""

    queue: Literal["call-schedule", "messages", "donations"]
    waiting: Number
    running: Number
    failed: Number = Field(description="Of the last 500; of donations, 200.")
    kept: Number = Field(description="Finished, of the last 100; of donations, 50.")
    lag: Lag
    oldest_due: OldestDue
    paused: Pause | None = Field(description="Only calls are ever paused.")
    jobs: tuple[Job, ...]


class FailedJob(Answer):
    id: RowId
    kind: Kind
    reason: Reason
    at: Instant = Field(description="When it was to happen: a call's time, a message's writing, an event's arrival.")


class ResumedQueue(Answer):
    queue: Literal["call-schedule"]
    freed: Number = Field(description="Calls that had waited.")


class ChangedJob(Answer):
    id: RowId
    kind: Kind
    status: str = Field(description="Of a call, a message or an event.", examples=["SCHEDULED"])
    due_at: Instant | None
