"""SIGKILL at random moments of a day: the day ends the same, nobody is rung twice, nothing acknowledged is lost."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from ivy_engine.actions import giving
from ivy_engine.engine import Ivy, open_ivy
from ivy_engine.settings import Settings
from tests.conftest import rows
from tests.driver import Person
from tests.process import Engine

pytestmark = pytest.mark.slow

KILLS = 20  # at least; those that came after the work was done do not count
PATIENCE = 3
MEMBERS = 6
MORNING = "2026-05-03T23:30:00Z"
HOURS = [f"2026-05-04T{hour:02d}:59:00.000Z" for hour in (5, 6, 7, 11, 16, 17, 18, 19, 20, 21)]
STATE = (
    "SELECT m.email, c.call_type, c.local_date, c.scheduled_at, c.status, c.outcome, c.started_at, c.ended_at, "
    "c.effects_applied_at FROM call c JOIN member m ON m.id = c.member_id ORDER BY 1, 2, 3",
    "SELECT m.email, w.activity, w.planned_date, w.planned_time, w.status, w.credited_date, w.logged_via "
    "FROM workout w JOIN member m ON m.id = w.member_id WHERE w.activity <> 'Acknowledged' ORDER BY 1, 2, 3, 4",
    "SELECT m.email, x.template, x.channel, x.status, COUNT(*) FROM message x JOIN member m ON m.id = x.member_id "
    "WHERE x.direction = 'OUTBOUND' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
    "SELECT m.email, d.donation_type, d.amount, d.local_day, d.day_total FROM donation d JOIN account a ON a.number = d.account "
    "JOIN member m ON m.id = a.member_id ORDER BY 1, 2, 3, 4, 5",
    "SELECT provider, kind, status, COUNT(*) FROM inbound_event GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
)


def settle_in(engine: Engine) -> list[Person]:
    driver = engine.driver
    driver.clock(MORNING)
    people = []
    for number in range(MEMBERS):
        person = driver.member(email=f"m{number}@example.com", phone=f"+44770090010{number}")
        times = {"morningCallTime": f"07:{number:02d}", "eveningCallTime": f"20:{number:02d}", "callFrequency": 7}
        person.patch("/api/users/me", times)
        person.post("/api/users/me/onboard")
        people.append(person)
    return people


def complete_plans(person: Person) -> None:
    """Idempotent, so that it may be said again when nobody knows whether it was heard."""
    for workout in person.get("/api/workouts", status="PLANNED", endDate="2026-05-05"):
        if workout["activity"] == "Walk":
            person.complete(workout)


class Clerk:
    """Plans workouts all the time and remembers which ones the engine has acknowledged."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._stop = Event()
        self.acknowledged: set[str] = set()
        self._thread = Thread(target=self._plan)
        self._thread.start()

    def _plan(self) -> None:
        body = {"plannedDate": "2026-06-20", "activity": "Acknowledged"}
        while not self._stop.is_set():
            try:
                answer = self._person.call("POST", "/api/workouts", body)
            except (httpx.HTTPError, RuntimeError):  # the engine was killed under it: nothing was acknowledged
                return
            assert answer.status_code == 201
            self.acknowledged.add(answer.json()["data"]["id"])

    def end(self) -> set[str]:
        self._stop.set()
        self._thread.join()
        return self.acknowledged


def kill_during(engine: Engine, after: float, to: str, clerk: Person) -> tuple[bool, set[str]]:
    """Advance in the background, kill after so many seconds, start again on the same data.

    Whether the kill came in the middle of the work, and the workouts that were acknowledged until then.
    """
    working = Clerk(clerk)
    answered: list[int] = []
    moving = Thread(target=_advance_or_die, args=(engine.url, to, answered))
    moving.start()
    moving.join(timeout=after)
    in_the_middle = not answered
    engine.kill()
    moving.join()
    acknowledged = working.end()
    engine.start()
    return in_the_middle, acknowledged


def _advance_or_die(url: str, to: str, answered: list[int]) -> None:
    with httpx.Client(base_url=url, timeout=60) as client:
        try:
            answered.append(client.post("/simulator/advance", json={"to": to}).status_code)
        except httpx.HTTPError:
            return  # killed on the way


@dataclass
class Day:
    """How a day ended, how often it was killed in the middle of something, and what had been acknowledged."""

    state: list[Any]
    kills: int
    acknowledged: set[str]
    took: dict[str, float] = field(default_factory=dict)  # seconds for each hour to which the clock was advanced


def live(folder: Path, calm: Day | None, seed: int) -> Day:
    """A day; with `calm`, the same day as it went without kills, killed at random moments of what took its time there."""
    chance = random.Random(seed)
    day = Day([], 0, set())
    with Engine(folder) as engine:
        people = settle_in(engine)
        for hour in HOURS:
            tries = 0
            while calm and engine.driver.get("/simulator/clock")["now"] < hour:
                tries += 1
                after = chance.uniform(0.1, 0.3) * calm.took[hour]  # a part of the work, so that there are several kills
                if tries > PATIENCE:  # the first request of a new process is slow: now it shall get on
                    after += chance.uniform(0.03, 0.1) + calm.took[hour] / 2
                in_the_middle, acknowledged = kill_during(engine, after, hour, people[0])
                day.kills += in_the_middle
                assert day.kills < 50 * KILLS, "the day does not get on between kills"
                day.acknowledged |= acknowledged
                _reconnect(engine, people)
            if engine.driver.get("/simulator/clock")["now"] < hour:
                began = time.monotonic()
                engine.driver.advance(hour)
                day.took[hour] = time.monotonic() - began
            if hour.startswith("2026-05-04T17"):
                for person in people[::2]:
                    complete_plans(person)
        engine.driver.advance("2026-05-04T22:30:00Z")
        assert engine.stop() == 0
    day.state = [rows(folder / "ivy.db", sql) for sql in STATE]
    return day


def _reconnect(engine: Engine, people: list[Person]) -> None:
    for person in people:
        person.driver = engine.driver


def test_a_day_with_kills_ends_like_a_day_without(tmp_path: Path) -> None:
    calm = live(tmp_path / "calm", None, seed=1)
    assert len(calm.state[0]) >= MEMBERS * 2
    assert calm.state[3], "a day without a donation shows nothing"
    rough = live(tmp_path / "rough", calm, seed=20261124)
    assert rough.kills >= KILLS, rough.kills
    for wanted, found in zip(calm.state, rough.state, strict=True):
        assert found == wanted
    world, database = tmp_path / "rough" / "simulated.db", tmp_path / "rough" / "ivy.db"
    assert set(rows(world, "SELECT times FROM given WHERE kind = 'call'")) == {(1,)}
    assert set(rows(world, "SELECT COUNT(*) FROM given GROUP BY id")) == {(1,)}, "a call or a message was given twice"
    kept = {row[0] for row in rows(database, "SELECT id FROM workout WHERE activity = 'Acknowledged'")}
    assert len(rough.acknowledged) > KILLS
    assert rough.acknowledged <= kept
    assert rows(database, "PRAGMA integrity_check") == [("ok",)]


# Many hands at the same moment, and a kill among them

HANDS = 20
ROUNDS = 8


def at_once(person: Person, requests: list[tuple[str, str, Any]], key: str | None = None) -> list[int]:
    """Send all of them from as many threads; the statuses of those that were answered before the kill."""

    def send(request: tuple[str, str, Any]) -> int:
        headers = {"Authorization": f"Bearer {person.token}", **({"Idempotency-Key": key} if key else {})}
        try:
            with httpx.Client(base_url=person.driver.client.base_url, timeout=60) as client:
                method, path, body = request
                return client.request(method, path, json=body, headers=headers).status_code
        except httpx.HTTPError:
            return 0  # killed under it

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(send, requests))


def killed_amid(engine: Engine, chance: random.Random, work: Callable[[], list[int]]) -> list[int]:
    """Do the work, kill the engine at a random moment of it, start it again."""
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        wait([working], timeout=chance.uniform(0.02, 0.15))
        engine.kill()
        answers = working.result()
    engine.start()
    return answers


def test_parallel_completions_across_a_kill(tmp_path: Path) -> None:
    """S-21 with SIGKILL: caps to the penny, one donation for each workout, one bonus, whatever was answered before."""
    chance, interrupted = random.Random(20261125), 0
    with Engine(tmp_path / "data") as engine:
        for number in range(ROUNDS):
            engine.driver.clock("2026-05-04T08:00:00Z")
            person = engine.driver.member(email=f"m{number}@example.com")
            for day in range(4, 10):
                engine.driver.clock(f"2026-05-{day:02d}T08:00:00Z")
                person.complete(person.plan(f"2026-05-{day:02d}"))
            engine.driver.clock("2026-05-10T08:00:00Z")
            planned = [person.plan("2026-05-10") for _ in range(HANDS)]
            work = [("POST", f"/api/workouts/{row['id']}/complete", {"status": "COMPLETED"}) for row in planned]
            answers = killed_amid(engine, chance, lambda sender=person, all_of_it=work: at_once(sender, all_of_it))
            assert set(answers) <= {0, 200}
            interrupted += 0 in answers
            _reconnect(engine, [person])
            acknowledged = [row for row, answer in zip(planned, answers, strict=True) if answer == 200]
            for row in acknowledged:
                assert person.get(f"/api/workouts/{row['id']}")["status"] == "COMPLETED", "acknowledged and lost"
            assert set(at_once(person, work)) == {200}
            given = person.get("/api/donations", startDate="2026-05-10", limit=100)
            completions = [row for row in given if row["donationType"] == "COMPLETION"]
            assert sum(row["amount"] for row in completions) == person.wallet()["today"]["totalDonated"] - 3 == 3
            assert len({row["workoutId"] for row in completions}) == len(completions) == 3
            assert [row["streakDays"] for row in given if row["donationType"] == "STREAK_7_DAY"] == [7]
            assert person.streak()["currentStreak"] == 7
        assert engine.stop() == 0
    assert interrupted >= ROUNDS // 4, "kills that come after the work show nothing"
    assert rows(tmp_path / "data" / "ivy.db", "PRAGMA integrity_check") == [("ok",)]
    with open_data(tmp_path / "data") as ivy:
        assert giving.verify_ledger(ivy).bad is None


def test_one_idempotency_key_across_a_kill(tmp_path: Path) -> None:
    """CONTRACT 2: claim, effect and answer are all there or not at all; twenty twins have one effect."""
    chance, interrupted = random.Random(20261126), 0
    with Engine(tmp_path / "data") as engine:
        engine.driver.clock("2026-05-04T08:00:00Z")
        person = engine.driver.member()
        for number in range(ROUNDS):
            work = [("POST", "/api/workouts", {"plannedDate": "2026-05-04", "activity": f"Run {number}"})] * HANDS
            key = f"round-{number}"
            answers = killed_amid(engine, chance, lambda all_of_it=work, its=key: at_once(person, all_of_it, its))
            interrupted += 0 in answers
            _reconnect(engine, [person])
            assert set(at_once(person, work, key)) == {201}
            made = [row for row in person.get("/api/workouts", limit=100) if row["activity"] == f"Run {number}"]
            assert len(made) == 1
        engine.driver.clock("2026-05-05T08:00:00Z")
        assert set(at_once(person, work, key)) == {201}  # a day later the key is new, and counts once again
        assert len([row for row in person.get("/api/workouts", limit=100) if row["activity"] == f"Run {number}"]) == 2
    assert interrupted >= ROUNDS // 4


@contextmanager
def open_data(folder: Path) -> Iterator[Ivy]:
    ivy = open_ivy(Settings(data_dir=folder))
    try:
        yield ivy
    finally:
        ivy.close()
