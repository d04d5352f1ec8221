"""`ivy demo`: the demo gym lives yesterday under the virtual clock, through the real doors, and is then served."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx

from ivy_engine import jobs
from ivy_engine.actions import giving, seeds, streaks
from ivy_engine.domain import zones
from ivy_engine.engine import Ivy
from ivy_engine.store import calls, members, workouts

FOLDER = Path(".demo")
_FILES = ("ivy.db", "queue.db", "simulated.db")
Say = Callable[[str], None]


def clear(folder: Path) -> None:
    """Forget the last demo: only the files that an engine writes."""
    for name in _FILES:
        for suffix in ("", "-wal", "-shm"):
            (folder / f"{name}{suffix}").unlink(missing_ok=True)


@dataclass(frozen=True)
class Deed:
    """Something a member does of their own at a local time of the day."""

    at: time
    who: str
    does: Callable[[Ivy, Any, seeds.DemoMember], None]
    says: str


def live_yesterday(ivy: Ivy, app: Any, say: Say) -> date:
    """Load the gym and live its day; the clock ends on the wall clock. Returns the day."""
    wall = ivy.clock.wall()
    day = zones.local_date(wall, seeds.ZONE) - zones.DAY
    seeds.load_charities(ivy)
    for step in seeds.load_demo(ivy, day):
        say(step)
    say(f"{day:%A, %d %B %Y}, lived under the virtual clock:")
    for deed in sorted(DEEDS, key=lambda deed: deed.at):
        _advance(ivy, zones.instant_of(day, deed.at, seeds.ZONE), say)
        demo = next(member for member in seeds.DEMO_MEMBERS if member.first_name == deed.who)
        with jobs.settled(ivy):
            deed.does(ivy, app, demo)
        say(f"{deed.at:%H:%M}  {deed.who} {deed.says}")
    _advance(ivy, zones.day_start(day + zones.DAY, seeds.ZONE) - timedelta(seconds=1), say)
    jobs.advance(ivy, max(wall, ivy.clock.now()))
    jobs.set_clock(ivy, None)
    return day


def _advance(ivy: Ivy, to: datetime, say: Say) -> None:
    hours: set[str] = set()

    def watch(now: datetime) -> None:
        hour = f"{zones.local(now, seeds.ZONE):%H:00}"
        if hour not in hours:
            hours.add(hour)
            say(f"{zones.local(now, seeds.ZONE):%H:%M}  ...")

    jobs.advance(ivy, to, watch)


def _write_done(ivy: Ivy, app: Any, demo: seeds.DemoMember) -> None:
    ivy.simulator.write(demo.phone, "WHATSAPP", "Done!", None)


def _complete_by_api(ivy: Ivy, app: Any, demo: seeds.DemoMember) -> None:
    """Sign in by the link in the simulated mail, then complete what is open, as a frontend would."""
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://127.0.0.1") as client:
        client.post("/api/auth/magic-link", json={"email": demo.email}).raise_for_status()
        while ivy.workers.run_woken():
            pass
        mails = client.get("/simulator/outbox", params={"kind": "email", "to": demo.email, "limit": 1}).json()["data"]
        signed_in = client.post("/api/auth/verify", json={"token": mails[0]["token"]}).json()["data"]
        client.headers["Authorization"] = f"Bearer {signed_in['accessToken']}"
        planned = client.get("/api/workouts", params={"status": "PLANNED"}).json()["data"]
        for workout in planned:
            client.post(f"/api/workouts/{workout['id']}/complete", json={"status": "COMPLETED"}).raise_for_status()


DEEDS = (
    Deed(time(18, 40), "Alice", _write_done, 'writes "Done!" by WhatsApp'),
    Deed(time(19, 15), "Bob", _complete_by_api, "signs in and completes the plan by the API"),
)


@dataclass(frozen=True)
class MemberDay:
    """One member's day in a few words."""

    name: str
    tier: str
    called: str
    planned: str
    done: str
    given: str
    streak: str


def picture(ivy: Ivy, day: date) -> Iterator[MemberDay]:
    """Who was called, what was planned, done and given."""
    for demo in seeds.DEMO_MEMBERS:
        with ivy.db.read():
            member = members.by_email(demo.email)
            if member is None:
                continue
            called = [call for call in calls.of_day(member.id, day) if call.status == "COMPLETED"]
            planned = workouts.planned_on(member.id, day)
            given = giving.given_on(ivy, member.id, day)
            streak = streaks.streak_of(ivy, member)
        yield MemberDay(
            name=demo.first_name,
            tier=demo.tier,
            called=", ".join(f"{zones.local(call.started_at, seeds.ZONE):%H:%M}" for call in called) or "-",
            planned=", ".join(f"{row.activity} {row.planned_time or ''}".strip() for row in planned) or "-",
            done=", ".join(f"by {row.logged_via}" for row in planned if row.credited_date) or "-",
            given=given.text if given.minor else "-",
            streak=str(streak.current),
        )
