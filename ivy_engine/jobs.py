"""The timetable: everything that happens by itself, and how virtual time moves from one due event to the next.

A job is a query for rows that are due and an action that does them. Rows are the truth: on the wall clock a tick looks every
second whether something is due and a commit wakes the workers at once; under a virtual clock `advance` asks the same question.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from ivy_engine.actions import (
    check_ins,
    clockwork,
    day_close,
    operations,
    pauses,
    pulse,
    receipts,
    reminders,
    rhythms,
    summaries,
    wallets,
)
from ivy_engine.actions.calls import dialling, events, planning
from ivy_engine.actions.inbound import events as inbound
from ivy_engine.actions.messages import delivery, sending, writing
from ivy_engine.domain.errors import Conflict, NotFound, Unavailable
from ivy_engine.engine import Ivy

MINUTE = timedelta(minutes=1)
GIVE_UP_AFTER = 100_000


@dataclass(frozen=True)
class Job:
    """`every` is the grid of the timetable a due time is rounded up to; None is "when it is due"."""

    name: str
    queue: str
    every: timedelta | None
    due: Callable[[Ivy], datetime | None]
    run: Callable[[Ivy, Sequence[str]], int]
    by_hand: Callable[[Ivy], int] | None = None


TIMETABLE = (
    Job("plan_calls", "call-schedule", 15 * MINUTE, planning.next_plan_due, planning.plan_due, planning.plan_everybody),
    Job(dialling.JOB, "call-schedule", None, dialling.next_dial, dialling.dial_due),
    Job("check_stuck_calls", "call-schedule", 5 * MINUTE, events.next_stuck, lambda ivy, ids: events.check_stuck(ivy)),
    Job("send_reminders", "messages", MINUTE, reminders.next_due, lambda ivy, ids: reminders.send_due(ivy)),
    Job("completion_checks", "messages", 15 * MINUTE, reminders.next_check, reminders.ask_due),
    Job("day_close", "call-schedule", 15 * MINUTE, day_close.next_due, day_close.close_due),
    Job("resume_members", "call-schedule", None, pauses.next_resume, pauses.resume_due),
    Job("weekly_summaries", "messages", None, rhythms.next_due(rhythms.SUMMARY), summaries.sum_up_due),
    Job("pulse", "messages", None, rhythms.next_due(rhythms.PULSE), pulse.ask_due),
    Job("inactivity", "messages", None, rhythms.next_due(rhythms.CHECK_IN), check_ins.check_in_due),
    Job("roll_wallets", "donations", 15 * MINUTE, wallets.next_roll, wallets.roll_due),
    Job("monthly_receipts", "donations", None, rhythms.next_due(rhythms.RECEIPT), receipts.mail_due),
    Job(writing.JOB, "messages", None, sending.next_due, sending.send_due),
    Job("outbox_retry", "messages", MINUTE, delivery.next_check, delivery.check_due),
    Job(inbound.JOB, "messages", None, inbound.next_due, inbound.handle_due),
)
# Not ours but the world's: webhooks of simulated providers arrive when they are due
WORLD = Job(
    "webhooks", "world", None, lambda ivy: ivy.simulator.next_due(), lambda ivy, ids: ivy.simulator.deliver_due(ivy.clock.now())
)
_ALL = {job.name: job for job in (*TIMETABLE, WORLD)}


def named(name: str) -> Job:
    """A job of the timetable; NotFound names those there are."""
    found = next((job for job in TIMETABLE if job.name == name), None)
    if found is None:
        known = ", ".join(job.name for job in TIMETABLE)
        raise NotFound(f"There is no job {name}. There are: {known}.")
    return found


def start(ivy: Ivy) -> None:
    """Take over what a former process left, and start the workers. The caller holds the folder."""
    clockwork.take_over(ivy)
    runs = operations.Runs(ivy)

    def look() -> None:
        tick(ivy)
        runs.save()

    ivy.workers.start(lambda name, ids: _do(ivy, runs, name, partial(_ALL[name].run, ivy, ids)), look)


def prepare(ivy: Ivy) -> None:
    """As `start`, without threads: work is done by `advance`, `run` and `settle` only."""
    clockwork.take_over(ivy)

    def run_now(name: str, ids: Sequence[str]) -> None:
        with operations.recording(ivy) as runs:
            _do(ivy, runs, name, partial(_ALL[name].run, ivy, ids))

    ivy.workers.bind(run_now, lambda: tick(ivy))


def _do(ivy: Ivy, runs: operations.Runs, name: str, work: Callable[[], int]) -> int:
    """Do a job's work. Somebody else may have been faster: then nothing is due any more, and this is no run."""
    due = _ALL[name].due(ivy)
    return runs.keep(name, work, found=due is not None and due <= ivy.clock.now())


def tick(ivy: Ivy) -> None:
    """Wake the workers for every job with something due. While the clock is virtual nothing runs by itself (CONTRACT 3)."""
    if ivy.clock.virtual:
        return
    now = ivy.clock.now()
    for job in _ALL.values():
        due = job.due(ivy)
        if due is not None and _on_grid(job, due) <= now:
            ivy.workers.wake(job.name)


def _on_grid(job: Job, instant: datetime) -> datetime:
    """The first instant of the job's timetable that is not before `instant`."""
    if job.every is None:
        return instant
    midnight = datetime(instant.year, instant.month, instant.day, tzinfo=UTC)
    steps = -((midnight - instant) // job.every)
    return midnight + steps * job.every


def run(ivy: Ivy, name: str) -> int:
    """Run one job now, whatever its timetable says, and all that it causes and that is due now; rows it changed."""
    job = named(name)
    with _alone(ivy), operations.recording(ivy) as runs:
        ivy.simulator.deliver_due(ivy.clock.now())
        work = partial(job.by_hand, ivy) if job.by_hand else partial(job.run, ivy, ())
        changed = _do(ivy, runs, name, work)
        _settle(ivy)
        return changed


def overview(ivy: Ivy) -> list[operations.QueueState]:
    """The queues of RULEBOOK 6 with their figures, and each job's last and next run."""
    with ivy.db.read():
        return operations.overview(ivy, [_turn(ivy, job) for job in TIMETABLE])


def _turn(ivy: Ivy, job: Job) -> operations.Turn:
    """What is late is done at once by the wall clock, and by `advance` at the next instant of the timetable."""
    now, due = ivy.clock.now(), job.due(ivy)
    turn = None if due is None else _on_grid(job, due)
    late = _on_grid(job, now) if ivy.clock.virtual else now
    return operations.Turn(job.name, job.queue, job.every, due, turn, next_run=max(turn, late) if turn else None)


def set_clock(ivy: Ivy, instant: datetime | None) -> None:
    """Set the virtual clock, or go back to the wall clock. Runs nothing."""
    with _alone(ivy):
        clockwork.set_clock(ivy, instant)


def await_quiet(ivy: Ivy, seconds: float) -> None:
    """Wait until what was woken by commits until now is done, for at most so many seconds."""
    ivy.workers.await_idle(seconds)


@contextmanager
def settled(ivy: Ivy) -> Iterator[None]:
    """Whatever is caused inside and is due now is done when this ends."""
    with ivy.workers.alone():
        yield
        _settle(ivy)


def _settle(ivy: Ivy) -> None:
    for _ in range(GIVE_UP_AFTER):
        if not (ivy.workers.run_woken() or ivy.simulator.deliver_due(ivy.clock.now())):
            return
    raise RuntimeError("work causes work without end")


@contextmanager
def _alone(ivy: Ivy) -> Iterator[None]:
    """One at a time: 409 while another request moves the clock or runs jobs."""
    if not ivy.workers.moving.acquire(blocking=False):
        raise Conflict("The clock is being moved or a job is being run by another request.")
    try:
        with ivy.workers.alone():
            yield
    finally:
        ivy.workers.moving.release()


def advance(ivy: Ivy, to: datetime, watch: Callable[[datetime], None] = lambda now: None) -> dict[str, int]:
    """Move the virtual clock to `to`, from due event to due event, and do what is due on the way, in order.

    The end is the same as if every job had run at every instant of the timetable. Returns the rows changed by each job.
    """
    with _alone(ivy), operations.recording(ivy) as runs:
        if not ivy.clock.virtual:
            clockwork.set_clock(ivy, ivy.clock.now())
        ran: Counter[str] = Counter()
        while (found := _earliest(ivy, to)) is not None:
            if ivy.workers.stopping:
                raise Unavailable(f"The engine is stopping; the clock stands at {ivy.clock.now():%Y-%m-%d %H:%M:%S} UTC.")
            due, job = found
            if due > ivy.clock.now():
                ivy.clock.set(due)
                watch(due)
            ran[job.name] += runs.keep(job.name, partial(job.run, ivy, ()), found=True)
            ivy.workers.forget_woken()
        clockwork.set_clock(ivy, max(to, ivy.clock.now()))
        return {name: count for name, count in sorted(ran.items()) if count and name != WORLD.name}


def _earliest(ivy: Ivy, to: datetime) -> tuple[datetime, Job] | None:
    """The next due event at or before `to`: by time, then by the job's name."""
    now = ivy.clock.now()
    waiting = []
    for job in _ALL.values():
        due = job.due(ivy)
        if due is not None:
            at = _on_grid(job, max(due, now))
            if at <= to:
                waiting.append((at, job.name))
    if not waiting:
        return None
    at, name = min(waiting)
    return at, _ALL[name]
