"""SIGKILL at every step of dialling and of what a call leads to: the morning ends as it does without (R-98 to R-107)."""

import shutil
import signal
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from ivy_engine import fault_points
from ivy_engine.cli import main
from tests.conftest import rows
from tests.driver import Driver, Person
from tests.process import Engine

pytestmark = pytest.mark.slow

NIGHT = "2026-03-23T00:10:00Z"
REPORT = {"completion": "completed", "completed_minutes": 30, "next_plan_activity": "Swim", "next_plan_time": "18:00"}
ANSWERED = {"action": "answer", "seconds": 60, "analysis": REPORT}
# The call of 07:00 is missed, the retry of 07:16 is answered; then the messages of both are sent, delivered and read
STEPS = (
    ("2026-03-23T07:01:00Z", {"action": "no_answer"}),
    ("2026-03-23T07:17:00Z", ANSWERED),
    ("2026-03-23T12:00:00Z", None),
)
ENDS = {
    "calls": "SELECT call_type, source, attempt, scheduled_at, dialled_at, started_at, ended_at, status, outcome, due_at, "
    "effects_applied_at, retry_of_id IS NULL FROM call ORDER BY scheduled_at, call_type",
    "workouts": "SELECT activity, planned_date, planned_time, status, credited_date, logged_via, actual_duration, "
    "planning_call_id IS NULL, review_call_id IS NULL FROM workout ORDER BY planned_date, activity",
    "donations": "SELECT donation_type, amount, local_day, day_total, month_total FROM donation ORDER BY 1, 2, 3",
    "messages": "SELECT template, channel, status, due_at, failed_reason, COUNT(*) FROM message "
    "GROUP BY 1, 2, 3, 4, 5 ORDER BY 1",
    "events": "SELECT provider, kind, status, COUNT(*) FROM inbound_event GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
}
GIVEN = "SELECT kind, template, recipient, COUNT(*), COUNT(DISTINCT id), SUM(times) FROM given GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
OF_THE_MORNING = "FROM call WHERE call_type = 'MORNING_PLANNING' AND local_date = '2026-03-23'"
SEVERAL_TIMES = ("dial.", "webhook.", "event.", "call.", "message.")
DEATHS = [(point, 1) for point in sorted(fault_points.POINTS)]
DEATHS += [(point, 2) for point in sorted(fault_points.POINTS) if point.startswith(SEVERAL_TIMES)]


@dataclass
class Night:
    """A data folder in which Ana's morning call is planned and the phone rings until we say what happens."""

    folder: Path
    ana: Person


@dataclass
class Morning:
    """How a morning ended: our rows, what the providers have been given, the streak, and how often the process died."""

    ours: dict[str, list[Any]]
    given: list[Any]
    streak: Any
    deaths: int


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    folder = tmp_path_factory.mktemp("night") / "data"
    with Engine(folder) as engine:
        driver = engine.driver
        driver.clock("2026-03-16T10:00:00Z")
        ana = driver.callable_member()
        driver.tier(ana, "ELITE")  # with missed-call recovery: a message after the first miss
        driver.advance("2026-03-17T10:00:00Z")
        driver.clock_for(ana, NIGHT)
        driver.manual_phone()
        driver.advance("2026-03-23T01:00:00Z")
        assert engine.stop() == 0
    return Night(folder, ana)


@pytest.fixture(scope="module")
def calm(night: Night, tmp_path_factory: pytest.TempPathFactory) -> Morning:
    """The morning as it goes when nothing dies."""
    return live(night, tmp_path_factory.mktemp("calm") / "data")


def armed(point: str, times: int) -> tuple[str, str]:
    """The real program, which dies when it reaches the point for so many times."""
    arming = f"from ivy_engine import fault_points; fault_points.arm({point!r}, {times})"
    return "-c", f"{arming}; from ivy_engine.cli import main; main()"


def live(night: Night, folder: Path, death: tuple[str, int] | None = None, **settings: str) -> Morning:
    shutil.copytree(night.folder, folder)
    deaths = 0
    with Engine(folder, *([armed(*death)] if death else []), **settings) as engine:
        for step in STEPS:
            try:
                take(engine.driver, *step)
            except httpx.TransportError:
                assert death, engine.log
                has_died(engine, death[0])
                deaths += 1
                engine.start()
                take(engine.driver, *step)
        streak = replace(night.ana, driver=engine.driver).streak()
        assert engine.stop() == 0
    ours = {name: rows(folder / "ivy.db", sql) for name, sql in ENDS.items()}
    return Morning(ours, rows(folder / "simulated.db", GIVEN), streak, deaths)


def take(driver: Driver, at: str, action: dict[str, Any] | None) -> None:
    """Let time pass, and do that with the phone if it rings. After a kill it may be taken again: the world has not forgotten."""
    driver.advance(at)
    for ringing in driver.get("/simulator/phone") if action else ():
        driver.post(f"/simulator/phone/{ringing['callId']}", action)


def has_died(engine: Engine, point: str) -> None:
    assert engine.process.wait(10) == -signal.SIGKILL, engine.log
    assert engine.log.endswith(f"fault point {point}: the process dies\n")
    engine.client.close()


def verify(folder: Path) -> None:
    """The ledger, and the files themselves."""
    verified = CliRunner().invoke(main, ["ledger", "verify"], env={"IVY_DATA_DIR": str(folder)})
    assert verified.exit_code == 0, verified.output
    for name in ("ivy.db", "simulated.db"):
        assert rows(folder / name, "PRAGMA integrity_check") == [("ok",)]


def test_a_calm_morning_has_everything_in_it(calm: Morning) -> None:
    dialled = [row for row in calm.ours["calls"] if row[0] == "MORNING_PLANNING" and row[4]]
    assert [(row[1], row[2], row[7], row[8]) for row in dialled] == [
        ("planner", 1, "NO_ANSWER", "no_answer"),
        ("retry", 2, "COMPLETED", "workout_logged"),
    ]
    assert [(row[0], row[3]) for row in calm.ours["workouts"]][-2:] == [("Workout", "COMPLETED"), ("Swim", "PLANNED")]
    assert len(calm.ours["donations"]) == 1
    assert calm.streak["currentStreak"] == 1
    states = {row[0]: (row[2], row[5]) for row in calm.ours["messages"]}
    assert states["second_miss_options"] == states["completion_confirmation"] == ("READ", 1)


@pytest.mark.parametrize(("point", "times"), DEATHS)
def test_a_morning_in_which_the_process_dies_ends_the_same(
    point: str, times: int, night: Night, calm: Morning, tmp_path: Path
) -> None:
    rough = live(night, tmp_path / "data", (point, times))
    assert rough.deaths == 1, f"{point} was not reached {times} times"
    for name, wanted in calm.ours.items():
        assert rough.ours[name] == wanted, name
    assert rough.streak == calm.streak
    assert rough.given == calm.given, "a call was dialled, or a message sent, not exactly once"
    assert set(rows(tmp_path / "data" / "simulated.db", "SELECT times FROM given WHERE kind = 'call'")) == {(1,)}
    verify(tmp_path / "data")


LATE = {"dial.asking": ("FAILED", "expired", 0), "dial.accepted": ("COMPLETED", "workout_logged", 1)}


@pytest.mark.parametrize("point", LATE)
def test_who_comes_back_too_late_asks_the_provider_and_rings_nobody(point: str, night: Night, tmp_path: Path) -> None:
    """R-98 after a kill: what the provider has taken goes on, what it has not is told of as missed."""
    shutil.copytree(night.folder, tmp_path / "data")
    with Engine(tmp_path / "data", armed(point, 1)) as engine:
        with pytest.raises(httpx.TransportError):
            engine.driver.advance("2026-03-23T07:01:00Z")
        has_died(engine, point)
        engine.start()
        engine.driver.clock("2026-03-23T07:45:00Z")
        take(engine.driver, "2026-03-23T07:46:00Z", ANSWERED)
        engine.driver.advance("2026-03-23T12:00:00Z")
    [ended] = rows(tmp_path / "data" / "ivy.db", f"SELECT status, outcome {OF_THE_MORNING} AND attempt = 1")
    rung = rows(tmp_path / "data" / "simulated.db", "SELECT times FROM given WHERE template = 'MORNING_PLANNING'")
    told = rows(tmp_path / "data" / "ivy.db", "SELECT status FROM message WHERE template = 'missed_call'")
    assert (*ended, len(rung)) == LATE[point]
    assert told == ([] if rung else [("READ",)])


def test_a_call_that_uses_up_the_quota_is_made_after_a_kill(night: Night, tmp_path: Path) -> None:
    """With `rules.quota_unit = "call"` (C-11): it must not count against itself."""
    shutil.copytree(night.folder, tmp_path / "night")
    with Engine(tmp_path / "night", IVY_RULES__QUOTA_UNIT="call") as engine:
        replace(night.ana, driver=engine.driver).patch("/api/users/me", {"callFrequency": 1, "eveningCallTime": None})
        assert engine.stop() == 0
    live(Night(tmp_path / "night", night.ana), tmp_path / "data", ("dial.claimed", 1), IVY_RULES__QUOTA_UNIT="call")
    ended = rows(tmp_path / "data" / "ivy.db", f"SELECT status {OF_THE_MORNING} AND dialled_at IS NOT NULL ORDER BY attempt")
    assert ended == [("NO_ANSWER",), ("COMPLETED",)]


def test_only_a_known_point_can_be_armed() -> None:
    for name, times in (("dial.nowhere", 1), ("dial.due", 0)):
        with pytest.raises(ValueError):
            fault_points.arm(name, times)
