"""Advance equals running every job at every instant of the timetable, for random days of random members."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from ivy_engine import jobs
from ivy_engine.actions import rhythms
from ivy_engine.engine import Ivy
from ivy_engine.store import members
from ivy_engine.store.db import db
from ivy_engine.web.app import create_app
from tests.driver import Driver

STEP = timedelta(seconds=5)  # every delay of the simulated world is a multiple of it
ZONES = ("Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati")
STATE = (
    "SELECT m.email, c.call_type, c.local_date, c.scheduled_at, c.status, c.outcome, c.started_at, c.ended_at, c.duration "
    "FROM call c JOIN member m ON m.id = c.member_id ORDER BY 1, 2, 3, 4, 5",
    "SELECT m.email, w.activity, w.planned_date, w.planned_time, w.status, w.credited_date, w.logged_via, w.remind_at, "
    "w.check_due_at "
    "FROM workout w JOIN member m ON m.id = w.member_id ORDER BY 1, 2, 3, 4, 5",
    "SELECT m.email, x.template, x.channel, x.direction, x.status, x.created_at, x.sent_at, x.delivered_at, x.read_at "
    "FROM message x JOIN member m ON m.id = x.member_id ORDER BY 1, 2, 3, 4, 5, 6",
    "SELECT donation_type, amount, local_day, day_total, month_total, created_at FROM donation ORDER BY account, id",
    "SELECT m.email, d.day, d.kind, d.off_day, d.closed_at FROM day_record d JOIN member m ON m.id = d.member_id ORDER BY 1, 2",
    "SELECT m.email, w.month_start, w.roll_due_at FROM wallet w JOIN member m ON m.id = w.member_id ORDER BY 1",
    "SELECT m.email, s.longest, s.longest_start, s.longest_end FROM streak_record s JOIN member m ON m.id = s.member_id "
    "ORDER BY 1",
    "SELECT email, summary_due_at, receipt_due_at, pulse_due_at, checkin_due_at, bedtime_due_at FROM member ORDER BY 1",
    "SELECT provider, kind, status, COUNT(*) FROM inbound_event GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
)


def every_instant(ivy: Ivy, to: datetime) -> None:
    """The timetable by brute force: at each instant the world acts, then every job whose turn it is, until all is quiet."""
    while ivy.clock.now() < to:
        ivy.clock.set(min(ivy.clock.now() + STEP, to))
        while ivy.simulator.deliver_due(ivy.clock.now()) + sum(_turn(ivy, job) for job in jobs.TIMETABLE):
            pass


def _turn(ivy: Ivy, job: jobs.Job) -> int:
    now = ivy.clock.now()
    on_grid = job.every is None or not (now - datetime(2026, 1, 1, tzinfo=now.tzinfo)) % job.every
    return job.run(ivy, ()) if on_grid else 0


def lived(ivy: Ivy, seed: int, on: str | None, move: Callable[[Ivy, datetime], object]) -> list[Any]:
    """A day of three random members, a random one unless `on` says which, moved through time by `move`.

    Returns what the database says at its end.
    """
    chance = random.Random(seed)
    jobs.prepare(ivy)
    start = datetime.fromisoformat("2026-03-28T18:00:00+00:00") + timedelta(
        days=chance.randrange(200), minutes=chance.randrange(600)
    )
    start = datetime.fromisoformat(on) if on else start
    jobs.set_clock(ivy, start)
    with httpx.Client(transport=httpx.WSGITransport(create_app(ivy)), base_url="http://127.0.0.1") as client:
        driver = Driver(client, settle=lambda: _settle(ivy))
        people = [_random_member(driver, chance, number) for number in range(3)]
        for person in people:
            _goes_to_bed(ivy, person.id, f"{chance.randrange(24):02d}:{chance.randrange(60):02d}")
        for hours in (3, 5, 9):
            move(ivy, start + timedelta(hours=hours))
            person = chance.choice(people)
            number = f"+44770090010{people.index(person)}"
            text = chance.choice(("done", "not done yet", "Finished!", "hello"))
            driver.post("/simulator/messages", {"from": number, "channel": chance.choice(("whatsapp", "sms")), "text": text})
        move(ivy, start + timedelta(hours=14))
    with ivy.db.read():
        return [db.rows(sql) for sql in STATE]


def _random_member(driver: Driver, chance: random.Random, number: int) -> Any:
    person = driver.member(chance.choice(ZONES), email=f"m{number}@example.com", phone=f"+44770090010{number}")
    times = [f"{hour:02d}:{chance.choice((0, 5, 30, 59)):02d}" for hour in sorted(chance.sample(range(24), 2))]
    person.patch("/api/users/me", {"morningCallTime": times[0], "eveningCallTime": times[1], "callFrequency": 7})
    person.post("/api/users/me/onboard")
    for _ in range(2):
        day = datetime.fromisoformat(driver.get("/simulator/clock")["now"]).date() + timedelta(days=chance.randrange(2))
        person.plan(day.isoformat(), plannedTime=f"{chance.randrange(24)}:{chance.randrange(60):02d}")
    return person


def _goes_to_bed(ivy: Ivy, member_id: str, bedtime: str) -> None:
    with ivy.db.write():
        row = members.existing(member_id)
        row.preferences = {"bedtime": bedtime}
        rhythms.follow_bedtime(row, ivy.clock.now())


def _settle(ivy: Ivy) -> None:
    with jobs.settled(ivy):
        pass


SUNDAY = "2026-11-01T02:01:00+00:00"  # the first of the month, too, and New York puts its clocks back
FRIDAY = "2026-05-01T06:01:00+00:00"


@pytest.mark.parametrize(("seed", "on"), [(0, None), (1, None), (2, None), (3, SUNDAY), (4, FRIDAY)])
def test_advance_equals_every_job_at_every_instant(open_engine: Callable[..., Ivy], seed: int, on: str | None) -> None:
    first = open_engine("advanced")
    advanced = lived(first, seed, on, jobs.advance)
    first.close()
    assert lived(open_engine("by hand"), seed, on, every_instant) == advanced
    assert advanced[0], "a day without a call shows nothing"
    if seed == 0:
        assert advanced[4], "a night without a closing shows nothing"
    if on:
        assert {"bedtime_nudge", {SUNDAY: "weekly_summary", FRIDAY: "pulse_energy"}[on]} <= {row[1] for row in advanced[2]}
