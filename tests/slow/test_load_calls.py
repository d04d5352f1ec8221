"""Everybody is due at once, on the wall clock: all are rung at the pace and within the lines; meanwhile the app answers (J-2).

IVY_LOAD_MEMBERS members are due in IVY_LOAD_SPREAD minutes; if IVY_LOAD_REPORT names a file, the figures are added to it.
"""

import math
import os
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from statistics import median
from threading import Event
from typing import Any

import httpx
import pytest

from tests.conftest import rows
from tests.driver import Driver, Person
from tests.process import Engine

pytestmark = pytest.mark.slow

MEMBERS = int(os.environ.get("IVY_LOAD_MEMBERS", "90"))
SPREAD = int(os.environ.get("IVY_LOAD_SPREAD", "1"))
REPORT = os.environ.get("IVY_LOAD_REPORT")
PACE, LINES = 60, 100  # calls begun in a minute, calls under way
MINUTE, CALL = 60_000, 70_000  # milliseconds; a simulated call rings for 10 s and talks for 60
LATEST = 30 * MINUTE
BEHIND = 30_000  # how far the last call may be behind what pace and lines allow
TO_SIGN_UP = timedelta(milliseconds=70)  # for each member, from the first request to the planned call
EARLIER = timedelta(hours=2)  # the clock at which they sign up: a first call is planned at least an hour ahead
CLIENTS, PAUSE, BUSY = 8, 0.25, 20  # threads, seconds between two requests of one, requests per second at least
SLOWEST = 2.0
LOOK_EVERY = 1.0
NOT_OVER = """
SELECT COUNT(*) FROM call WHERE call_type = 'ONBOARDING' AND (due_at IS NOT NULL OR status = 'COMPLETED' AND NOT analyzed)
"""


@dataclass(frozen=True)
class Call:
    """Milliseconds since the epoch."""

    id: str
    status: str
    scheduled_at: int
    dialled_at: int
    ended_at: int


@dataclass(frozen=True)
class Answer:
    request: str
    status: int
    seconds: float


@dataclass(frozen=True)
class Rush:
    """How it went: our calls in the order of their dialling, the provider's, what the clients saw, what the engine logged."""

    calls: list[Call]
    given: list[Any]
    answers: list[Answer]
    broken: list[BaseException]  # what made a client give up
    visited: float  # seconds during which there were requests
    log: str

    @property
    def due(self) -> list[int]:
        return sorted(call.scheduled_at for call in self.calls)

    @property
    def dialled(self) -> list[int]:
        return [call.dialled_at for call in self.calls]


def due_minutes() -> list[datetime]:
    """When each member is due: spread evenly over whole minutes, from the first one before which all can have signed up."""
    ready = datetime.now(UTC) + MEMBERS * TO_SIGN_UP
    first = ready.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return [first + timedelta(minutes=number * SPREAD // MEMBERS) for number in range(MEMBERS)]


def signed_up(driver: Driver, due: Sequence[datetime]) -> list[Person]:
    """Members whose first calls the planner has planned for these minutes of the wall clock."""
    driver.clock((datetime.now(UTC) - EARLIER).isoformat())
    people = []
    for number, at in enumerate(due):
        person = driver.member(zone="Etc/UTC", phone=f"+4477009{number:05d}")
        person.patch("/api/users/me", {"morningCallTime": f"{at:%H:%M}"})
        person.post("/api/users/me/onboard")
        people.append(person)
    driver.post("/simulator/clock", {"virtual": False})
    assert datetime.now(UTC) < due[0], "signing up took too long: the first calls are late before anything began"
    return people


def visit(person: Person) -> Iterator[None]:
    """What somebody does in the app; stops after each request."""
    yield person.get("/api/users/me")
    yield person.get("/api/workouts")
    workout = person.plan(f"{datetime.now(UTC):%Y-%m-%d}")
    yield
    yield person.complete(workout)
    yield person.get("/api/stats")
    yield person.get("/api/calls")


def visits(url: str, people: Sequence[Person], answers: list[Answer], over: Event) -> None:
    """One client: opens the app as one member after the other, and notes each answer. The first that is no success ends it."""

    def note(response: httpx.Response) -> None:
        response.read()
        sent = response.request
        answers.append(Answer(f"{sent.method} {sent.url.path}", response.status_code, response.elapsed.total_seconds()))

    with httpx.Client(base_url=url, timeout=60, event_hooks={"response": [note]}) as client:
        for person in cycle(people):
            for _ in visit(replace(person, driver=Driver(client))):
                if over.wait(PAUSE):
                    return


def await_the_last_end(database: Path, by: float) -> None:
    """Look every LOOK_EVERY seconds whether every call is over. The wall clock is what is tested: it can only be waited for."""
    while (left := rows(database, NOT_OVER)[0][0]) > 0:
        assert time.time() < by, f"{left} calls are not over"
        time.sleep(LOOK_EVERY)


def possible(due: Sequence[int], *bounds: tuple[int, int]) -> list[int]:
    """When calls that are due at these times can begin at the earliest; (60, 60_000) is 60 in any 60 s."""
    begun: list[int] = []
    for number, at in enumerate(due):
        begun.append(max([at, *(begun[number - many] + span for many, span in bounds if number >= many)]))
    return begun


@pytest.fixture(scope="module")
def rush(tmp_path_factory: pytest.TempPathFactory) -> Rush:
    """The real program with everybody due and the clients at work, from signing up until the last call is over."""
    folder = tmp_path_factory.mktemp("load") / "data"
    pace_and_lines = {"IVY_JOBS__DIAL_PER_MINUTE": str(PACE), "IVY_JOBS__CONCURRENT_CALLS": str(LINES)}
    answers: list[Answer] = []
    with Engine(folder, **pace_and_lines) as engine:
        due = due_minutes()
        people = signed_up(engine.driver, due)
        last = possible([int(at.timestamp() * 1000) for at in due], (PACE, MINUTE), (LINES, CALL))[-1]
        over, began = Event(), time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            clients = [pool.submit(visits, engine.url, people[one::CLIENTS], answers, over) for one in range(CLIENTS)]
            try:
                await_the_last_end(folder / "ivy.db", by=(last + CALL + 2 * BEHIND) / 1000)
            finally:
                over.set()
        visited = time.monotonic() - began
        assert engine.stop() == 0
    ours = rows(
        folder / "ivy.db",
        "SELECT id, status, scheduled_at, dialled_at, ended_at FROM call WHERE dialled_at IS NOT NULL ORDER BY dialled_at, id",
    )
    given = rows(folder / "simulated.db", "SELECT id, times FROM given WHERE kind = 'call'")
    broken = [error for client in clients if (error := client.exception())]
    return Rush([Call(*row) for row in ours], given, answers, broken, visited, engine.log)


def test_the_figures_are_stated(rush: Rush, capsys: pytest.CaptureFixture[str]) -> None:
    """First, so that they are stated whatever fails after it."""
    text = figures(rush)
    with capsys.disabled():
        print(text)
    if REPORT:
        with Path(REPORT).open("a", encoding="utf-8") as report:
            report.write(text)


def figures(rush: Rush) -> str:
    due, dialled = rush.due, rush.dialled
    seconds = [answer.seconds for answer in rush.answers]
    lag = [call.dialled_at - call.scheduled_at for call in rush.calls]
    beyond_pace = _behind(dialled, possible(due, (PACE, MINUTE)))
    beyond_both = _behind(dialled, possible(due, (PACE, MINUTE), (LINES, CALL)))
    dialling, all_of_it = dialled[-1] - due[0], max(call.ended_at for call in rush.calls) - due[0]
    return f"""
{len(due)} members due in {SPREAD} min, {PACE} calls a minute, {LINES} lines
from the first due time     {dialling / 1000:.1f} s to the last dialling, {all_of_it / 1000:.1f} s to the last end
lag                         {_shown(lag, 1000, "s")}
beyond the pace             {_shown(beyond_pace, 1000, "s")}
beyond pace and lines       {_shown(beyond_both, 1000, "s")}
requests                    {len(seconds)}, {len(seconds) / rush.visited:.1f} per second
latency                     {_shown(seconds, 0.001, "ms")}
"""


def _behind(dialled: Sequence[int], earliest: Sequence[int]) -> list[int]:
    return [at - could for at, could in zip(dialled, earliest, strict=True)]


def _shown(values: Sequence[float], unit: float, name: str) -> str:
    ordered = sorted(value / unit for value in values)
    p99 = ordered[math.ceil(0.99 * len(ordered)) - 1]
    return f"median {median(ordered):.2f}, p99 {p99:.2f}, max {ordered[-1]:.2f} {name}"


def test_everybody_is_rung_once(rush: Rush) -> None:
    assert len(rush.calls) == MEMBERS
    assert {call.status for call in rush.calls} == {"COMPLETED"}
    assert sorted(rush.given) == sorted((call.id, 1) for call in rush.calls)


def test_never_faster_than_the_pace_and_never_more_than_the_lines(rush: Rush) -> None:
    dialled = rush.dialled
    assert max(bisect_right(dialled, at + MINUTE - 1) - number for number, at in enumerate(dialled)) <= PACE
    assert max(sum(call.dialled_at <= at < call.ended_at for call in rush.calls) for at in dialled) <= LINES


def test_nobody_waits_for_more_than_pace_and_lines(rush: Rush) -> None:
    lag = [call.dialled_at - call.scheduled_at for call in rush.calls]
    assert 0 <= min(lag) <= max(lag) <= LATEST
    assert max(_behind(rush.dialled, possible(rush.due, (PACE, MINUTE), (LINES, CALL)))) <= BEHIND


def test_the_app_answers_everybody_meanwhile(rush: Rush) -> None:
    assert [answer for answer in rush.answers if answer.status >= 400] == []
    assert rush.broken == []
    assert max(answer.seconds for answer in rush.answers) < SLOWEST
    assert len(rush.answers) / rush.visited >= BUSY, "an app that is hardly asked shows nothing"
    assert '"level": "ERROR"' not in rush.log
