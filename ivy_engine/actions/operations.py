"""What operators look after: the queues, what their jobs did last and do next, rows that failed, a second try, an end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ivy_engine.actions import audit
from ivy_engine.actions.calls import dialling, halts
from ivy_engine.actions.inbound import events as inbound
from ivy_engine.actions.messages import writing
from ivy_engine.domain import messages as message_rules
from ivy_engine.domain.audit import Actor
from ivy_engine.domain.calls import states
from ivy_engine.domain.calls.halts import Halt
from ivy_engine.domain.errors import Conflict, NotFound
from ivy_engine.domain.operations import CALL, CALLS, EVENT, MESSAGE, MESSAGES, QUEUES, FailedRow
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import halts as halt_rows
from ivy_engine.store import inbound as inbound_rows
from ivy_engine.store import job_runs
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store.calls import Call
from ivy_engine.store.inbound import InboundEvent
from ivy_engine.store.job_runs import JobRun
from ivy_engine.store.messages import Message

CANCELLED = "cancelled"


class Runs:
    """What jobs did and nobody has written down yet. Only the last run of each counts, so that thousands are one write."""

    def __init__(self, ivy: Ivy) -> None:
        self._ivy = ivy
        self._last: dict[str, JobRun] = {}

    def keep(self, name: str, work: Callable[[], int], found: bool) -> int:
        """Do the work, and keep what came of it. `found` is whether anything was due: what found nothing is no run."""
        clock = self._ivy.clock
        started, began = clock.now(), clock.monotonic()
        changed, error = 0, None
        try:
            changed = work()
            return changed
        except Exception as failure:
            error = type(failure).__name__
            raise
        finally:
            if found or changed or error:
                seconds = round(clock.monotonic() - began, 3)
                self._last[name] = JobRun(name, started, clock.now(), changed, error, seconds)

    def save(self) -> None:
        """Write it down, if there is anything. Others may go on keeping runs meanwhile."""
        done = [self._last.pop(name) for name in list(self._last)]
        if done:
            with self._ivy.db.write():
                job_runs.save(done)


@contextmanager
def recording(ivy: Ivy) -> Iterator[Runs]:
    """Runs that are written down at the end, however it comes."""
    runs = Runs(ivy)
    try:
        yield runs
    finally:
        runs.save()


@dataclass(frozen=True)
class Turn:
    """A job of the timetable as it stands now: since or until when its oldest row is due, whose turn comes at `turn`."""

    name: str
    queue: str
    every: timedelta | None
    due: datetime | None
    turn: datetime | None
    next_run: datetime | None


@dataclass(frozen=True)
class JobState:
    """`every` and `lag` are seconds; a lag is how long the oldest due row has waited beyond its turn."""

    name: str
    every: int | None
    last_run: JobRun | None
    next_run: datetime | None
    lag: int
    oldest_due: datetime | None


@dataclass(frozen=True)
class QueueState:
    queue: str
    waiting: int
    running: int
    failed: int
    kept: int
    lag: int
    oldest_due: datetime | None
    paused: Halt | None
    jobs: tuple[JobState, ...]


def overview(ivy: Ivy, turns: Sequence[Turn]) -> list[QueueState]:
    """Each queue with its figures and its jobs, in the order of RULEBOOK 6. Inside a read, the one that gave the turns."""
    now = ivy.clock.now()
    last = job_runs.last_runs()
    halt = halt_rows.current()
    found = []
    for queue, sight in QUEUES.items():
        states_of = tuple(_state(turn, last.get(turn.name), now) for turn in turns if turn.queue == queue)
        found.append(
            QueueState(
                queue=queue,
                **vars(job_runs.figures(queue, sight)),
                lag=max((job.lag for job in states_of), default=0),
                oldest_due=min((job.oldest_due for job in states_of if job.oldest_due), default=None),
                paused=halt if queue == CALLS and halt.why else None,
                jobs=states_of,
            )
        )
    return found


def _state(turn: Turn, last: JobRun | None, now: datetime) -> JobState:
    late = now - turn.turn if turn.turn is not None else timedelta(0)
    return JobState(
        name=turn.name,
        every=int(turn.every.total_seconds()) if turn.every else None,
        last_run=last,
        next_run=turn.next_run,
        lag=max(0, int(late.total_seconds())),
        oldest_due=turn.due if turn.due is not None and turn.due <= now else None,
    )


def failed(ivy: Ivy, queue: str, *, after: tuple[datetime, str] | None, page: int, limit: int) -> tuple[list[FailedRow], int]:
    """One page of the failed rows that are kept in sight, newest first, and one row more if there are more; their number.

    NotFound for a queue that there is not.
    """
    _known(queue)
    with ivy.db.read():
        return job_runs.failed_page(queue, QUEUES[queue], after, 0 if after else (page - 1) * limit, limit)


def _known(queue: str) -> None:
    if queue not in QUEUES:
        raise NotFound(f"There is no queue {queue}. There are: {', '.join(QUEUES)}.")


@dataclass(frozen=True)
class Changed:
    """What has become of a row that an operator took in hand."""

    id: str
    kind: str
    status: str
    due_at: datetime | None


def retry(ivy: Ivy, actor: Actor, row_id: str, queue: str | None = None) -> Changed:
    """Let a failed row have another try, now.

    NotFound for an unknown row, or one of another queue; Conflict for what has not failed, or must not happen twice.
    """
    return _change(ivy, actor, "job_retried", _RETRY, row_id, queue)


def cancel(ivy: Ivy, actor: Actor, row_id: str, queue: str | None = None) -> Changed:
    """End a row that waits. NotFound as `retry`; Conflict for what is over or under way."""
    return _change(ivy, actor, "job_cancelled", _CANCEL, row_id, queue)


def _outbound(message_id: str) -> Message | None:
    row = message_rows.by_id(message_id)
    return row if row is not None and row.direction == "OUTBOUND" else None


@dataclass(frozen=True)
class Resumed:
    """A queue that goes on, and how many rows had waited for it."""

    queue: str
    freed: int


def resume(ivy: Ivy, actor: Actor, queue: str = CALLS) -> Resumed:
    """Let paused calls go on at once (D-14). NotFound for an unknown queue; Conflict when nothing is paused."""
    _known(queue)
    if queue != CALLS:
        raise Conflict("Only calls are ever paused.")
    with ivy.db.write():
        freed = halts.resume(ivy, actor)
        ivy.later(dialling.JOB)
    return Resumed(queue, freed)


Ways = Mapping[str, Callable[[Ivy, Any, datetime], None]]
_FIND: Mapping[str, tuple[tuple[str, Callable[[str], Any]], ...]] = {
    CALLS: ((CALL, call_rows.by_id),),
    MESSAGES: ((MESSAGE, _outbound), (EVENT, inbound_rows.by_id)),
}


def _change(ivy: Ivy, actor: Actor, what: str, ways: Ways, row_id: str, queue: str | None) -> Changed:
    with ivy.db.write():
        kind, row = _found(row_id, queue)
        ways[kind](ivy, row, ivy.clock.now())
        audit.record(ivy, actor, what, getattr(row, "member_id", None), f"{kind} {row_id}")
        return Changed(row_id, kind, row.status, row.due_at)


def _found(row_id: str, queue: str | None) -> tuple[str, Any]:
    if queue is not None:
        _known(queue)
    for name in QUEUES if queue is None else (queue,):
        for kind, find in _FIND.get(name, ()):
            row = find(row_id)
            if row is not None:
                return kind, row
    raise NotFound("There is no such call, message or event here.")


def _retry_call(ivy: Ivy, call: Call, now: datetime) -> None:
    """A new try at what never reached the provider. The next tick, or `advance`, dials it."""
    if call.status != states.FAILED:
        raise Conflict("Only a call that has failed can be tried again.")
    if call.retell_call_id:
        raise Conflict("The provider had taken this call: nobody is rung twice for one.")
    if now - call.scheduled_at > states.LATE_TOLERANCE:
        raise Conflict("It is too late for this call.")
    if job_runs.is_followed(call.id):
        raise Conflict("Another call follows this one already.")
    call.status, call.due_at, call.held, call.updated_at = states.SCHEDULED, now, None, now
    call.outcome, call.last_error = None, None
    # an attempt whose end is unknown: the provider is asked before it is dialled again (DESIGN 3.2)
    call.dial_tries = 1 if call.context_snapshot else 0
    call_rows.save(call)


def _cancel_call(ivy: Ivy, call: Call, now: datetime) -> None:
    if call.status != states.SCHEDULED:
        raise Conflict("Only a call that has not been dialled can be cancelled.")
    call_rows.cancel_unwanted(call, now)


def _retry_message(ivy: Ivy, row: Message, now: datetime) -> None:
    """At once, or when the member's quiet hours end (R-116)."""
    if row.status != "FAILED":
        raise Conflict("Only a message that has failed can be tried again.")
    if row.sent_at or row.whatsapp_id or row.twilio_sid or row.mail_id:
        raise Conflict("The provider had taken this message: it is not sent twice.")
    if row.body is None:
        raise Conflict("The words of this message are no longer kept.")
    if job_runs.is_said_otherwise(row):
        raise Conflict("The same words go out on another channel.")
    row.status, row.due_at, row.tries, row.claimed_by, row.failed_reason = "QUEUED", now, 0, None, None
    member = member_rows.existing(row.member_id)
    if row.channel != "EMAIL" and not row.is_reply:
        quiet = message_rules.quiet_hours(ivy.settings.rules.quiet_hours)
        row.due_at = message_rules.welcome_at(now, member_rows.clock_zone(member), quiet)
    message_rows.save(row)
    if row.due_at <= now:
        ivy.later(writing.JOB, row.id)


def _cancel_message(ivy: Ivy, row: Message, now: datetime) -> None:
    if row.status != "QUEUED" or row.claimed_by is not None:
        raise Conflict("Only a message that waits can be cancelled.")
    row.status, row.failed_reason, row.due_at = "FAILED", CANCELLED, None
    if row.channel == "EMAIL":
        row.params, row.body = None, None  # a sign-in link does not stay in our rows
    message_rows.save(row)


def _retry_event(ivy: Ivy, row: InboundEvent, now: datetime) -> None:
    if row.status != "FAILED":
        raise Conflict("Only an event that has failed can be tried again.")
    row.status, row.due_at, row.tries, row.error = "RECEIVED", now, 0, None
    inbound_rows.save(row)
    ivy.later(inbound.JOB, row.id)


def _cancel_event(ivy: Ivy, row: InboundEvent, now: datetime) -> None:
    if row.status != "RECEIVED":
        raise Conflict("Only an event that waits can be cancelled.")
    row.status, row.due_at, row.error = "FAILED", None, CANCELLED
    inbound_rows.save(row)


_RETRY: Ways = {CALL: _retry_call, MESSAGE: _retry_message, EVENT: _retry_event}
_CANCEL: Ways = {CALL: _cancel_call, MESSAGE: _cancel_message, EVENT: _cancel_event}
