"""The clock of CONTRACT 3: it stands still, is kept, wakes what it should, and moves from due event to due event."""

import zoneinfo
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from ivy_engine import jobs
from ivy_engine.domain import zones
from ivy_engine.engine import Ivy
from tests.conftest import START, rows
from tests.driver import Driver
from tests.process import Engine


def test_zones_are_those_that_are_installed_with_us(ivy: Ivy) -> None:
    """Not the machine's, which may be years old: R-96 gives the same hours everywhere."""
    assert zoneinfo.TZPATH == ()
    assert zones.instant_of(date(2026, 7, 1), time(7), "Europe/London") == datetime(2026, 7, 1, 6, tzinfo=UTC)


def test_a_set_clock_stands_still_and_may_go_back(driver: Driver) -> None:
    for now in ("2026-07-01T12:00:00Z", "2026-03-01T12:00:00Z"):
        assert driver.post("/simulator/clock", {"now": now}) == {"now": now.replace("Z", ".000Z"), "virtual": True}
        assert driver.get("/simulator/clock")["now"] == driver.get("/simulator/clock")["now"] == now.replace("Z", ".000Z")


def test_back_to_the_wall_clock(driver: Driver, ivy: Ivy) -> None:
    assert driver.post("/simulator/clock", {"virtual": False})["virtual"] is False
    assert ivy.clock.now() - ivy.clock.wall() < timedelta(seconds=5)


@pytest.mark.parametrize(
    "body", [{}, {"now": "soon"}, {"now": "2026-05-04T08:00:00"}, {"virtual": True}, {"now": "0001-01-01T00:00:00Z"}]
)
def test_a_clock_that_cannot_be_set_is_refused_and_stays(driver: Driver, body: Any) -> None:
    before = driver.get("/simulator/clock")
    assert driver.error(driver.client.post("/simulator/clock", json=body), 422)["code"] == "VALIDATION_ERROR"
    assert driver.get("/simulator/clock") == before


def test_the_clock_survives_a_restart(open_engine: Callable[..., Ivy]) -> None:
    first = open_engine()
    jobs.set_clock(first, START)
    first.close()
    assert open_engine().clock.now() == START


def test_setting_the_clock_runs_nothing(driver: Driver) -> None:
    ana = driver.callable_member()
    driver.clock("2026-05-05T06:00:00Z")
    assert driver.outbox(kind="call", to=ana.email) == []
    assert driver.job("dial_due_calls") == 2  # one is dialled; the other, of last night, is too late to be
    assert [call["template"] for call in driver.outbox(kind="call", to=ana.email)] == ["ONBOARDING"]


def test_while_the_clock_is_virtual_nothing_runs_by_itself(driver: Driver, ivy: Ivy) -> None:
    driver.callable_member()
    driver.clock("2026-05-05T06:00:00Z")
    jobs.tick(ivy)
    assert not ivy.workers.run_one()
    driver.clock("2026-05-04T08:00:00Z")


def test_a_commit_wakes_exactly_the_rows_it_wrote(driver: Driver, ivy: Ivy) -> None:
    ana = driver.callable_member()
    ana.plan("2026-05-05", plannedTime="07:20")
    driver.clock("2026-05-05T06:10:00Z")  # a call and a reminder are due and wait for a job or for advance
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "done"})
    assert [sent["template"] for sent in driver.outbox(to=ana.email) if sent["kind"] != "email"] == ["completion_confirmation"]
    jobs.advance(ivy, ivy.clock.now())
    assert {sent["kind"] for sent in driver.outbox(to=ana.email)} == {"email", "whatsapp", "call"}


def test_advance_starts_at_now_and_leaves_the_clock_virtual(driver: Driver, ivy: Ivy) -> None:
    driver.post("/simulator/clock", {"virtual": False})
    before = ivy.clock.now()
    answer = driver.post("/simulator/advance", {"seconds": 3600})
    assert ivy.clock.virtual
    assert timedelta(hours=1) <= ivy.clock.now() - before < timedelta(hours=1, seconds=10)
    assert answer["now"] == driver.get("/simulator/clock")["now"]


@pytest.mark.parametrize(
    "body", [{}, {"seconds": -1}, {"seconds": "x"}, {"to": "2026-05-04T07:59:59Z"}, {"to": "2026-05-04T09:00:00Z", "seconds": 1}]
)
def test_an_advance_that_cannot_be_is_refused(driver: Driver, ivy: Ivy, body: Any) -> None:
    assert driver.error(driver.client.post("/simulator/advance", json=body), 422)["code"] == "VALIDATION_ERROR"
    assert ivy.clock.now() == START


def test_advance_counts_the_rows_that_each_job_changed(driver: Driver) -> None:
    driver.callable_member()
    ran = driver.advance("2026-05-05T07:00:00Z")
    # this evening's call and tomorrow's onboarding call with its three events; the plan it made is for the evening
    assert ran["dial_due_calls"] == 2
    assert ran["handle_inbound"] == 6
    assert "send_reminders" not in ran
    assert driver.advance("2026-05-05T17:00:00Z")["send_reminders"] == 1


def test_while_one_advance_runs_a_second_is_refused(driver: Driver, ivy: Ivy) -> None:
    with ivy.workers.moving:
        for path, body in (
            ("/simulator/advance", {"seconds": 1}),
            ("/simulator/clock", {"now": "2026-05-04T09:00:00Z"}),
            ("/simulator/jobs/plan_calls", {}),
        ):
            assert driver.error(driver.client.post(path, json=body), 409)["code"] == "CONFLICT"
    assert ivy.clock.now() == START


def test_an_unknown_job_names_those_there_are(driver: Driver) -> None:
    refused = driver.error(driver.client.post("/simulator/jobs/plan_cals", json={}), 404)
    assert "plan_calls" in refused["message"]


def test_every_job_is_safe_to_run_twice(driver: Driver) -> None:
    driver.callable_member()
    for job in jobs.TIMETABLE:
        driver.job(job.name)
        assert driver.job(job.name) == 0, job.name


def test_a_promise_due_now_starts_at_once_on_the_wall_clock(tmp_path: Path) -> None:
    """The commit wakes the workers: 50 ms from written to sent, asserted with a tenfold margin for the fastest of five."""
    unsent = "SELECT COUNT(*) FROM message WHERE sent_at IS NULL"
    database = tmp_path / "data" / "ivy.db"
    with Engine(tmp_path / "data") as engine:
        for number in range(1, 6):
            engine.driver.sign_up()
            engine.driver.until(lambda: rows(database, unsent) == [(0,)])
            assert rows(database, "SELECT COUNT(*) FROM message") == [(number,)]
        assert rows(database, "SELECT MIN(sent_at - created_at) FROM message")[0][0] < 500


def test_the_workers_of_a_served_engine_rest_while_one_request_advances(tmp_path: Path) -> None:
    """A day advances while members go on using the API; nothing is done twice and nothing waits for ever."""
    with Engine(tmp_path / "data") as engine:
        driver = engine.driver
        driver.clock("2026-05-04T04:00:00Z")
        ana = driver.callable_member()
        answers: list[httpx.Response] = []
        moving = Thread(target=lambda: answers.append(engine.client.post("/simulator/advance", json={"seconds": 86400})))
        moving.start()
        for _ in range(20):
            ana.plan("2026-05-20")
        moving.join()
        assert answers[0].status_code == 200
        assert len(ana.get("/api/workouts", limit=100, startDate="2026-05-20")) == 20
        dialled = rows(tmp_path / "data" / "simulated.db", "SELECT times FROM given WHERE kind = 'call'")
        assert dialled
        assert set(dialled) == {(1,)}
