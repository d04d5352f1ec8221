"""`ivy jobs`, beside a running engine: tables for people, the API's answers for programs, exit codes of the contract."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import rows
from tests.driver import Person
from tests.process import Engine
from tests.test_cli import Ended, ivy

UNKNOWN = "0199a1b2-1234-7abc-8def-0123456789ab"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("jobs") / "data") as engine:
        engine.driver.clock("2026-05-04T08:00:00Z")
        yield engine


@pytest.fixture(scope="module")
def ana(engine: Engine) -> Person:
    return engine.driver.callable_member()


def command(engine: Engine, *words: str) -> Ended:
    return ivy("jobs", *words, cwd=engine.folder.parent, IVY_DATA_DIR=str(engine.folder))


def told(engine: Engine, *words: str) -> Any:
    ended = command(engine, *words, "--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def job(engine: Engine, name: str) -> Any:
    return next(job for queue in told(engine) for job in queue["jobs"] if job["name"] == name)


def test_programs_get_what_the_api_answers(engine: Engine, ana: Person) -> None:
    boss = engine.driver.operator()
    assert engine.driver.until(lambda: told(engine) == boss.get("/api/admin/jobs"))
    assert [queue["queue"] for queue in told(engine)] == ["call-schedule", "messages", "donations"]


def test_a_running_engine_writes_its_runs_down_within_a_moment(engine: Engine, ana: Person) -> None:
    """The mail of signing up."""
    run = engine.driver.until(lambda: job(engine, "send_due_messages")["lastRun"])
    assert (run["startedAt"], run["error"]) == ("2026-05-04T08:00:00.000Z", None)


def test_people_get_two_tables(engine: Engine, ana: Person) -> None:
    engine.driver.until(lambda: job(engine, "send_due_messages")["lastRun"])
    queues, jobs = command(engine).stdout.split("\n\n")
    assert queues.splitlines()[0].split() == ["queue", "waiting", "running", "failed", "kept", "oldest", "due", "lag"]
    assert [line.split()[0] for line in queues.splitlines()[1:]] == ["call-schedule", "messages", "donations"]
    dialling = next(line for line in jobs.splitlines() if line.startswith("dial_due_calls"))
    assert "2026-05-04 19:00:00" in dialling
    sending = next(line for line in jobs.splitlines() if line.startswith("send_due_messages"))
    assert "2026-05-04 08:00:00" in sending


def test_what_is_late_is_seen(engine: Engine, ana: Person) -> None:
    engine.driver.clock("2026-05-04T19:01:30Z")
    try:
        assert "90 s" in command(engine).stdout
        assert (job(engine, "dial_due_calls")["lag"], told(engine)[0]["lag"]) == (90, 90)
    finally:
        engine.driver.clock("2026-05-04T08:00:00Z")


def test_a_call_is_cancelled_and_a_message_tried_again(engine: Engine, ana: Person) -> None:
    [(call_id,)] = rows(engine.folder / "ivy.db", "SELECT id FROM call ORDER BY scheduled_at LIMIT 1")
    assert command(engine, "cancel", call_id).stdout == f"call {call_id} is CANCELLED\n"
    assert command(engine, "cancel", call_id).returncode == 5
    assert ("job_cancelled", "command_line") in rows(engine.folder / "ivy.db", "SELECT action, actor_role FROM audit")
    driver = engine.driver
    driver.data(driver.client.put("/simulator/faults", json={"whatsapp": {"mode": "reject"}, "sms": {"mode": "reject"}}))
    ana.complete(ana.plan("2026-05-04"))
    failed = driver.until(lambda: told(engine, "failed", "messages"))
    assert {row["kind"] for row in failed} == {"message"}
    row_id = driver.until(lambda: [row["id"] for row in told(engine, "failed", "messages")][1:])[0]
    assert row_id in command(engine, "failed", "messages").stdout
    driver.data(driver.client.put("/simulator/faults", json={"whatsapp": {"mode": "ok"}, "sms": {"mode": "ok"}}))
    assert told(engine, "retry", row_id)["status"] == "QUEUED"
    driver.until(lambda: driver.outbox(template="completion_confirmation"))
    assert command(engine, "retry", row_id).returncode == 5


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("retry", UNKNOWN), 4), (("cancel", UNKNOWN), 4), (("cancel", "one"), 4), (("retry",), 2), (("cancel",), 2),
        (("failed", "letters"), 2), (("failed",), 2), (("dance",), 2),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(engine: Engine, words: tuple[str, ...], code: int) -> None:
    ended = command(engine, *words)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert ended.stderr


def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    for words in ((), ("--json",), ("failed", "messages"), ("retry", UNKNOWN)):
        assert ivy("jobs", *words, cwd=tmp_path, IVY_DATA_DIR="nowhere").returncode == 4
    assert not (tmp_path / "nowhere").exists()


def test_calls_that_are_paused_are_told_of_and_let_go_on(engine: Engine) -> None:
    """D-14."""
    driver = engine.driver
    assert command(engine, "resume").returncode == 5
    driver.callable_member(phone="+15005550009")
    driver.advance("2026-05-04T19:01:00Z")
    shown = command(engine).stdout
    assert "paused" in shown
    assert "our account" in shown
    assert "ivy jobs resume" in shown
    assert told(engine)[0]["paused"]["why"] == "account"
    assert told(engine, "resume") == {"queue": "call-schedule", "freed": 0}
    assert told(engine)[0]["paused"] is None
