"""Huey in this process: consumer threads, a tick every second, woken at once when something is committed.

The queue only carries wake-ups, a job's name and the ids of rows; what is to be done stands in the database.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from huey import SqliteHuey
from huey.consumer import Consumer, Scheduler, Worker
from huey.storage import SqliteStorage

log = logging.getLogger(__name__)
POLL_SECONDS = 1.0
Run = Callable[[str, list[str]], object]
Tick = Callable[[], object]


class _Storage(SqliteStorage):
    def _create_connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._create_connection()
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection


class _Huey(SqliteHuey):
    storage_class = _Storage


class _Worker(Worker):
    """Takes wake-ups while the gate is open; sleeps on a condition instead of polling."""

    workers: "Workers"

    def loop(self, now: Any = None) -> None:
        seen = self.workers.wakes
        if not self.workers.run_one():
            self.workers.wait(seen, POLL_SECONDS)


class _Scheduler(Scheduler):
    """Huey's schedule is not used: due times stand in our tables. Each second it asks whether something is due."""

    workers: "Workers"

    def loop(self, now: Any = None) -> None:
        self.workers.tick()
        self.stop_flag.wait(self.interval)


class _Consumer(Consumer):
    """Without signal handlers (the command line has them), with workers that know the gate."""

    def __init__(self, workers: "Workers", threads: int) -> None:
        self.worker_class = type("_BoundWorker", (_Worker,), {"workers": workers})
        self.scheduler_class = type("_BoundScheduler", (_Scheduler,), {"workers": workers})
        super().__init__(workers.huey, workers=threads, periodic=False, check_worker_health=False)

    def _set_signal_handlers(self) -> None:
        """The command line stops us."""


def _open_queue(path: Path) -> _Huey:
    """The queue only carries wake-ups: one that cannot be read is set aside and made anew."""
    try:
        return _Huey("ivy", filename=str(path), results=False)
    except sqlite3.DatabaseError as error:
        log.warning("the queue %s could not be read (%s) and is set aside", path, error)
        path.replace(path.with_suffix(".broken"))
        for beside in (path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            beside.unlink(missing_ok=True)
        return _Huey("ivy", filename=str(path), results=False)


class Workers:
    def __init__(self, path: Path, threads: int) -> None:
        self.huey = _open_queue(path)
        self._threads = threads
        self._consumer: _Consumer | None = None
        self._run: Run = lambda name, ids: None
        self._tick: Tick = lambda: None
        self._condition = threading.Condition()
        self._alone: int | None = None
        self._busy = 0
        self.stopping = False  # set by a signal: whoever works for long ends soon
        self._ended = False
        self._queued: int = self.huey.pending_count()  # what a former process left included
        self.wakes = 0  # how often somebody was woken: a wake-up between looking and sleeping is not lost
        self._waiting: set[str] = set()
        self._woken: list[tuple[str, list[str]]] = []
        self.moving = threading.Lock()  # held while somebody moves the clock or runs jobs
        self._task = self.huey.task(name="wake")(self._execute)

    def start(self, run: Run, tick: Tick) -> None:
        """Start the threads: `run` does what a wake-up names, `tick` is called about once a second."""
        self.bind(run, tick)
        self._consumer = _Consumer(self, self._threads)
        self._consumer.start()

    def bind(self, run: Run, tick: Tick) -> None:
        """Without threads: wake-ups wait until `run_one` is called."""
        self._run, self._tick = run, tick

    @property
    def running(self) -> bool:
        return self._consumer is not None and all(thread.is_alive() for _, thread in self._consumer.worker_threads)

    def wake(self, name: str, ids: list[str] | None = None) -> None:
        """Have a job run soon. A job that already waits, for all its rows, is not queued twice.

        Whoever works alone does what it causes itself: its wake-ups are kept for `run_woken`.
        """
        with self._condition:
            if self._alone == threading.get_ident():
                self._woken.append((name, ids or []))
                return
            if not ids and name in self._waiting:
                return
            if not ids:
                self._waiting.add(name)
            self._queued += 1
        try:
            self._task(name, ids or [])
        except BaseException:
            self._not_queued(name, ids)
            raise
        with self._condition:
            self.wakes += 1
            self._condition.notify_all()

    def _not_queued(self, name: str, ids: list[str] | None) -> None:
        """A wake-up that could not be written must not keep the next one out."""
        with self._condition:
            self._queued -= 1
            if not ids:
                self._waiting.discard(name)

    def run_one(self) -> bool:
        """Take one wake-up and do it, if there is one and nobody else works alone."""
        with self._condition:
            if self._alone not in (None, threading.get_ident()):
                return False
            self._busy += 1
        task = None
        try:
            task = self.huey.dequeue()
            if task is not None:
                self.huey.execute(task)
            return task is not None
        finally:
            with self._condition:
                self._busy -= 1
                self._queued = max(0, self._queued - (task is not None))
                self._condition.notify_all()

    def _execute(self, name: str, ids: list[str]) -> None:
        with self._condition:
            if not ids:
                self._waiting.discard(name)
        try:
            self._run(name, ids)
        except Exception:  # a worker outlives any job; the rows are still due and the sweep finds them
            log.exception("job %s failed", name)

    def await_idle(self, seconds: float) -> None:
        """Sleep until nothing that was woken waits or runs. Not while somebody works alone, or without threads."""
        with self._condition:
            if self._consumer is not None and self._alone is None:
                self._condition.wait_for(lambda: self._queued <= 0 and not self._busy, seconds)

    def run_woken(self) -> bool:
        """Do what this thread has caused while it works alone, and what waited in the queue; whether there was anything."""
        woken, self._woken = self._woken, []
        for name, ids in woken:
            self._execute(name, ids)
        return self.run_one() or bool(woken)

    def forget_woken(self) -> None:
        """Whoever looks for due rows itself needs no wake-ups."""
        self._woken.clear()

    def wait(self, seen: int, seconds: float) -> None:
        """Sleep until somebody wakes us; not at all if that happened since `wakes` was `seen`."""
        with self._condition:
            self._condition.wait_for(lambda: self.wakes != seen or self._ended, seconds)

    def tick(self) -> None:
        if self._alone is not None:
            return
        try:
            self._tick()
        except Exception:  # the next tick asks again
            log.exception("looking for due work failed")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until every worker has finished what it does, and let none begin until this ends."""
        me = threading.get_ident()
        with self._condition:
            self._condition.wait_for(lambda: self._alone is None)
            self._alone = me
            self._condition.wait_for(lambda: self._busy == 0)
        try:
            yield
        finally:
            with self._condition:
                self._alone = None
                self.wakes += 1  # what was queued meanwhile is looked at now
                self._condition.notify_all()

    def stop(self, seconds: float) -> None:
        """Let the threads finish, for at most so many seconds."""
        if self._consumer is not None:
            self._consumer.shutdown_timeout = seconds
            self._consumer.stop_flag.set()
            with self._condition:
                self._ended = True
                self._condition.notify_all()
            self._consumer.stop(graceful=True)
            self._consumer = None

    def close(self) -> None:
        self.huey.storage.close()
