"""What each job did last, and what the queues hold. The rows of calls, messages, events and wallets are the truth."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from ivy_engine.domain.operations import (
    CALL,
    CALLS,
    DONATIONS,
    EVENT,
    MESSAGE,
    MESSAGES,
    FailedRow,
    Figures,
    Sight,
)
from ivy_engine.store.calls import Call
from ivy_engine.store.db import db, from_ms, to_ms
from ivy_engine.store.messages import Message


class JobRun(NamedTuple):
    """`error` is the kind of exception that ended it. `seconds` are the machine's, also while the clock stands still."""

    name: str
    started_at: datetime
    finished_at: datetime
    changed: int
    error: str | None
    seconds: float


def save(runs: Iterable[JobRun]) -> None:
    """Keep the last run of each job."""
    for run in runs:
        db.changed(
            "INSERT OR REPLACE INTO job_run VALUES (?, ?, ?, ?, ?, ?)",
            run.name, to_ms(run.started_at), to_ms(run.finished_at), run.changed, run.error, run.seconds,
        )  # fmt: skip


def last_runs() -> dict[str, JobRun]:
    rows = db.rows("SELECT name, started_at, finished_at, changed, error, seconds FROM job_run")
    return {row[0]: JobRun(row[0], from_ms(row[1]), from_ms(row[2]), *row[3:]) for row in rows}


def _figures(waiting: Sequence[str], running: Sequence[str], failed: Sequence[str], finished: Sequence[str]) -> str:
    """Counts of rows that four lists of sources give; the last two end at what is kept in sight."""
    whole = [_rows_of(sources) for sources in (waiting, running)]
    in_sight = [f"{_rows_of(sources)} LIMIT ?" for sources in (failed, finished)]
    return "SELECT " + ", ".join(f"(SELECT COUNT(*) FROM ({rows}))" for rows in (*whole, *in_sight))  # noqa: S608 - fixed texts


def _rows_of(sources: Sequence[str]) -> str:
    return " UNION ALL ".join(f"SELECT 1 FROM {source}" for source in sources) or "SELECT 1 WHERE 0"  # noqa: S608 - fixed texts


_FIGURES = {
    CALLS: _figures(
        waiting=["call WHERE status = 'SCHEDULED'"],
        running=["call WHERE status = 'IN_PROGRESS'"],
        failed=["call WHERE status = 'FAILED'"],
        finished=["call WHERE status IN ('COMPLETED', 'NO_ANSWER', 'CANCELLED')"],
    ),
    MESSAGES: _figures(
        waiting=[
            "message WHERE status = 'QUEUED' AND due_at IS NOT NULL AND claimed_by IS NULL",
            "inbound_event WHERE status = 'RECEIVED' AND due_at IS NOT NULL",
        ],
        running=["message WHERE status = 'QUEUED' AND due_at IS NOT NULL AND claimed_by IS NOT NULL"],
        failed=["message WHERE status = 'FAILED'", "inbound_event WHERE status = 'FAILED'"],
        finished=[
            "message WHERE direction = 'OUTBOUND' AND status IN ('SENT', 'DELIVERED', 'READ')",
            "inbound_event WHERE status = 'HANDLED'",
        ],
    ),
    # a wallet waits for the next month as soon as it has entered one, and one that could not enter is due again
    DONATIONS: _figures(waiting=["wallet WHERE roll_due_at IS NOT NULL"], running=[], failed=[], finished=[]),
}


def figures(queue: str, sight: Sight) -> Figures:
    found = db.row(_FIGURES[queue], sight.failed, sight.finished)
    return Figures(*found) if found else Figures(0, 0, 0, 0)


def _newest(kind: str, reason: str, at: str, table: str) -> str:
    return (
        f"SELECT * FROM (SELECT id, '{kind}' AS kind, COALESCE({reason}, 'unknown') AS reason, {at} AS at "  # noqa: S608 - fixed texts
        f"FROM {table} WHERE status = 'FAILED' ORDER BY {at} DESC, id DESC LIMIT ?)"
    )


_FAILED = {
    # by itself SQLite would rather sort all that ever failed
    CALLS: [_newest(CALL, "outcome || COALESCE(': ' || last_error, '')", "scheduled_at", "call INDEXED BY call_failed")],
    MESSAGES: [
        _newest(MESSAGE, "failed_reason", "created_at", "message"),
        _newest(EVENT, "error", "received_at", "inbound_event"),
    ],
    DONATIONS: [],
}


def failed_page(
    queue: str, sight: Sight, after: tuple[datetime, str] | None, offset: int, limit: int
) -> tuple[list[FailedRow], int]:
    """The failed rows that are kept in sight, newest first, and how many there are in all.

    `after` is the time and the id of the last one seen before. One row more than `limit` tells that there are more.
    """
    sources = _FAILED[queue]
    if not sources:
        return [], 0
    kept = f"({' UNION ALL '.join(sources)} ORDER BY at DESC, id DESC LIMIT ?)"
    limits = (sight.failed,) * (len(sources) + 1)
    narrowed = "WHERE at <= ? AND (at < ? OR id < ?)" if after else ""
    place = (to_ms(after[0]), to_ms(after[0]), after[1]) if after else ()
    rows = db.rows(
        f"SELECT id, kind, reason, at FROM {kept} {narrowed} ORDER BY at DESC, id DESC LIMIT ? OFFSET ?",  # noqa: S608 - our own texts
        *limits, *place, limit + 1, offset,
    )  # fmt: skip
    total = db.row(f"SELECT COUNT(*) FROM {kept}", *limits)  # noqa: S608 - our own texts
    found = [FailedRow(id=row[0], kind=row[1], reason=row[2], at=from_ms(row[3])) for row in rows]
    return found, total[0] if total else 0


def is_followed(call_id: str) -> bool:
    """Whether the call is made again by another one, which may be over."""
    return bool(Call.select(Call.id).where((Call.retry_of_id == call_id) & (Call.status != "CANCELLED")).exists())


def is_said_otherwise(message: Message) -> bool:
    """Whether the message's words have left, or will leave, on another channel: as its fallback, or before it became one."""
    twin = (Message.fallback_of_id == message.id) | (Message.id == (message.fallback_of_id or ""))
    return bool(Message.select(Message.id).where(twin & (Message.status != "FAILED")).exists())
