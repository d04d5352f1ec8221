"""SIGKILL at random moments of a day: the day ends the same, nobody is rung twice, nothing acknowledged is lost."""

import random
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from tests.conftest import rows
from tests.driver import Person
from tests.process import Engine

pytestmark = pytest.mark.slow

KILLS = 20  # at least; those that came after the work was done do not count
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


def kill_during(engine: Engine, chance: random.Random, to: str, clerk: Person) -> tuple[bool, set[str]]:
    """Advance in the background, kill at a random moment, start again on the same data.

    Whether the kill came in the middle of the work, and the workouts that were acknowledged until then.
    """
    working = Clerk(clerk)
    answered: list[int] = []
    moving = Thread(target=_advance_or_die, args=(engine.url, to, answered))
    moving.start()
    moving.join(timeout=chance.uniform(0.005, 0.12))
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


def live(folder: Path, killed: bool, seed: int) -> Day:
    chance = random.Random(seed)
    day = Day([], 0, set())
    with Engine(folder) as engine:
        people = settle_in(engine)
        for hour in HOURS:
            while killed and engine.driver.get("/simulator/clock")["now"] < hour:
                in_the_middle, acknowledged = kill_during(engine, chance, hour, people[0])
                day.kills += in_the_middle
                day.acknowledged |= acknowledged
                _reconnect(engine, people)
            if engine.driver.get("/simulator/clock")["now"] < hour:
                engine.driver.advance(hour)
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
    calm = live(tmp_path / "calm", killed=False, seed=1)
    assert len(calm.state[0]) >= MEMBERS * 2
    assert calm.state[3], "a day without a donation shows nothing"
    rough = live(tmp_path / "rough", killed=True, seed=20261124)
    assert rough.kills >= KILLS
    for wanted, found in zip(calm.state, rough.state, strict=True):
        assert found == wanted
    world, database = tmp_path / "rough" / "simulated.db", tmp_path / "rough" / "ivy.db"
    assert set(rows(world, "SELECT times FROM given WHERE kind = 'call'")) == {(1,)}
    assert set(rows(world, "SELECT COUNT(*) FROM given GROUP BY id")) == {(1,)}, "a call or a message was given twice"
    kept = {row[0] for row in rows(database, "SELECT id FROM workout WHERE activity = 'Acknowledged'")}
    assert len(rough.acknowledged) > KILLS
    assert rough.acknowledged <= kept
    assert rows(database, "PRAGMA integrity_check") == [("ok",)]
