"""The same day in ten zones, and the days around both changes of clocks of 2026: every instant is written out (R-93, R-96).

The tables come from `zdump` and arithmetic by hand, not from the engine. Morocco's and Cuba's autumn is left out: their rules
for it changed during 2026, and machines disagree about it.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivy_engine.engine import Ivy
from ivy_engine.settings import Store
from tests.conftest import at_start, rows
from tests.driver import Driver, Person

DAY = timedelta(days=1)
MORNING, EVENING, WEEKLY, MONTHLY = "MORNING_PLANNING", "EVENING_REVIEW", "WEEKLY_PLANNING", "MONTHLY_CHECKIN"

# Each zone's Saturday, Sunday and Monday around a change. The call at 07:00 local, then the review at 20:00; on Sundays the
# weekly call at 18:00 is in its place, which is the monthly one on the first Sunday of a month. Instants are UTC.
AROUND_THE_CHANGES = """
Europe/London        2026-03-28   03-28 07:00   EVENING_REVIEW   03-28 20:00
Europe/London        2026-03-29   03-29 06:00   WEEKLY_PLANNING  03-29 17:00
Europe/London        2026-03-30   03-30 06:00   EVENING_REVIEW   03-30 19:00
Europe/London        2026-10-24   10-24 06:00   EVENING_REVIEW   10-24 19:00
Europe/London        2026-10-25   10-25 07:00   WEEKLY_PLANNING  10-25 18:00
Europe/London        2026-10-26   10-26 07:00   EVENING_REVIEW   10-26 20:00

America/New_York     2026-03-07   03-07 12:00   EVENING_REVIEW   03-08 01:00
America/New_York     2026-03-08   03-08 11:00   WEEKLY_PLANNING  03-08 22:00
America/New_York     2026-03-09   03-09 11:00   EVENING_REVIEW   03-10 00:00
America/New_York     2026-10-31   10-31 11:00   EVENING_REVIEW   11-01 00:00
America/New_York     2026-11-01   11-01 12:00   MONTHLY_CHECKIN  11-01 23:00
America/New_York     2026-11-02   11-02 12:00   EVENING_REVIEW   11-03 01:00

America/Los_Angeles  2026-03-07   03-07 15:00   EVENING_REVIEW   03-08 04:00
America/Los_Angeles  2026-03-08   03-08 14:00   WEEKLY_PLANNING  03-09 01:00
America/Los_Angeles  2026-03-09   03-09 14:00   EVENING_REVIEW   03-10 03:00
America/Los_Angeles  2026-10-31   10-31 14:00   EVENING_REVIEW   11-01 03:00
America/Los_Angeles  2026-11-01   11-01 15:00   MONTHLY_CHECKIN  11-02 02:00
America/Los_Angeles  2026-11-02   11-02 15:00   EVENING_REVIEW   11-03 04:00

America/Sao_Paulo    2026-03-28   03-28 10:00   EVENING_REVIEW   03-28 23:00
America/Sao_Paulo    2026-03-29   03-29 10:00   WEEKLY_PLANNING  03-29 21:00
America/Sao_Paulo    2026-03-30   03-30 10:00   EVENING_REVIEW   03-30 23:00
America/Sao_Paulo    2026-10-31   10-31 10:00   EVENING_REVIEW   10-31 23:00
America/Sao_Paulo    2026-11-01   11-01 10:00   MONTHLY_CHECKIN  11-01 21:00
America/Sao_Paulo    2026-11-02   11-02 10:00   EVENING_REVIEW   11-02 23:00

Asia/Kathmandu       2026-03-28   03-28 01:15   EVENING_REVIEW   03-28 14:15
Asia/Kathmandu       2026-03-29   03-29 01:15   WEEKLY_PLANNING  03-29 12:15
Asia/Kathmandu       2026-03-30   03-30 01:15   EVENING_REVIEW   03-30 14:15
Asia/Kathmandu       2026-10-24   10-24 01:15   EVENING_REVIEW   10-24 14:15
Asia/Kathmandu       2026-10-25   10-25 01:15   WEEKLY_PLANNING  10-25 12:15
Asia/Kathmandu       2026-10-26   10-26 01:15   EVENING_REVIEW   10-26 14:15

Australia/Lord_Howe  2026-04-04   04-03 20:00   EVENING_REVIEW   04-04 09:00
Australia/Lord_Howe  2026-04-05   04-04 20:30   MONTHLY_CHECKIN  04-05 07:30
Australia/Lord_Howe  2026-04-06   04-05 20:30   EVENING_REVIEW   04-06 09:30
Australia/Lord_Howe  2026-10-03   10-02 20:30   EVENING_REVIEW   10-03 09:30
Australia/Lord_Howe  2026-10-04   10-03 20:00   MONTHLY_CHECKIN  10-04 07:00
Australia/Lord_Howe  2026-10-05   10-04 20:00   EVENING_REVIEW   10-05 09:00

Pacific/Auckland     2026-04-04   04-03 18:00   EVENING_REVIEW   04-04 07:00
Pacific/Auckland     2026-04-05   04-04 19:00   MONTHLY_CHECKIN  04-05 06:00
Pacific/Auckland     2026-04-06   04-05 19:00   EVENING_REVIEW   04-06 08:00
Pacific/Auckland     2026-09-26   09-25 19:00   EVENING_REVIEW   09-26 08:00
Pacific/Auckland     2026-09-27   09-26 18:00   WEEKLY_PLANNING  09-27 05:00
Pacific/Auckland     2026-09-28   09-27 18:00   EVENING_REVIEW   09-28 07:00

Pacific/Kiritimati   2026-03-28   03-27 17:00   EVENING_REVIEW   03-28 06:00
Pacific/Kiritimati   2026-03-29   03-28 17:00   WEEKLY_PLANNING  03-29 04:00
Pacific/Kiritimati   2026-03-30   03-29 17:00   EVENING_REVIEW   03-30 06:00
Pacific/Kiritimati   2026-10-24   10-23 17:00   EVENING_REVIEW   10-24 06:00
Pacific/Kiritimati   2026-10-25   10-24 17:00   WEEKLY_PLANNING  10-25 04:00
Pacific/Kiritimati   2026-10-26   10-25 17:00   EVENING_REVIEW   10-26 06:00

Africa/Casablanca    2026-02-14   02-14 06:00   EVENING_REVIEW   02-14 19:00
Africa/Casablanca    2026-02-15   02-15 07:00   WEEKLY_PLANNING  02-15 18:00
Africa/Casablanca    2026-02-16   02-16 07:00   EVENING_REVIEW   02-16 20:00
Africa/Casablanca    2026-03-21   03-21 07:00   EVENING_REVIEW   03-21 20:00
Africa/Casablanca    2026-03-22   03-22 06:00   WEEKLY_PLANNING  03-22 17:00
Africa/Casablanca    2026-03-23   03-23 06:00   EVENING_REVIEW   03-23 19:00

Antarctica/Troll     2026-03-28   03-28 07:00   EVENING_REVIEW   03-28 20:00
Antarctica/Troll     2026-03-29   03-29 05:00   WEEKLY_PLANNING  03-29 16:00
Antarctica/Troll     2026-03-30   03-30 05:00   EVENING_REVIEW   03-30 18:00
Antarctica/Troll     2026-10-24   10-24 05:00   EVENING_REVIEW   10-24 18:00
Antarctica/Troll     2026-10-25   10-25 07:00   WEEKLY_PLANNING  10-25 18:00
Antarctica/Troll     2026-10-26   10-26 07:00   EVENING_REVIEW   10-26 20:00
"""

ALREADY_THERE = ("Pacific/Auckland", "Pacific/Kiritimati")  # at noon UTC the next date has begun

# One Sunday, from east to west: the calls at 07:00 and 18:00 local, in UTC. In March, London and Troll change on it.
SUNDAYS = {
    "2026-03-29": """
Pacific/Kiritimati   03-28 17:00   03-29 04:00
Pacific/Auckland     03-28 18:00   03-29 05:00
Australia/Lord_Howe  03-28 20:00   03-29 07:00
Asia/Kathmandu       03-29 01:15   03-29 12:15
Asia/Kolkata         03-29 01:30   03-29 12:30
Antarctica/Troll     03-29 05:00   03-29 16:00
Europe/London        03-29 06:00   03-29 17:00
America/Sao_Paulo    03-29 10:00   03-29 21:00
America/New_York     03-29 11:00   03-29 22:00
America/Los_Angeles  03-29 14:00   03-30 01:00
""",
    "2026-10-25": """
Pacific/Kiritimati   10-24 17:00   10-25 04:00
Pacific/Auckland     10-24 18:00   10-25 05:00
Australia/Lord_Howe  10-24 20:00   10-25 07:00
Asia/Kathmandu       10-25 01:15   10-25 12:15
Asia/Kolkata         10-25 01:30   10-25 12:30
Antarctica/Troll     10-25 07:00   10-25 18:00
Europe/London        10-25 07:00   10-25 18:00
America/Sao_Paulo    10-25 10:00   10-25 21:00
America/New_York     10-25 11:00   10-25 22:00
America/Los_Angeles  10-25 14:00   10-26 01:00
""",
}

# A call time that the date leaves out, or has twice; the instant in UTC, and what the clocks there show then.
HARD_TIMES = """
Europe/London        2026-03-29  01:30   03-29 01:30   02:30
America/New_York     2026-03-08  02:30   03-08 07:30   03:30
America/Los_Angeles  2026-03-08  02:00   03-08 10:00   03:00
America/Havana       2026-03-08  00:30   03-08 05:30   01:30
Africa/Casablanca    2026-03-22  02:59   03-22 02:59   03:59
Antarctica/Troll     2026-03-29  01:30   03-29 01:30   03:30
Antarctica/Troll     2026-03-29  02:30   03-29 02:30   04:30
Australia/Lord_Howe  2026-10-04  02:15   10-03 15:45   02:45
Pacific/Auckland     2026-09-27  02:30   09-26 14:30   03:30
Pacific/Chatham      2026-09-27  03:00   09-26 14:15   04:00

Europe/London        2026-10-25  01:30   10-25 00:30   01:30
America/New_York     2026-11-01  01:00   11-01 05:00   01:00
America/Los_Angeles  2026-11-01  01:59   11-01 08:59   01:59
Africa/Casablanca    2026-02-15  02:30   02-15 01:30   02:30
Antarctica/Troll     2026-10-25  01:30   10-24 23:30   01:30
Antarctica/Troll     2026-10-25  02:30   10-25 00:30   02:30
Australia/Lord_Howe  2026-04-05  01:45   04-04 14:45   01:45
Pacific/Auckland     2026-04-05  02:30   04-04 13:30   02:30
Pacific/Chatham      2026-04-05  03:00   04-04 13:15   03:00

Asia/Kathmandu       2026-03-29  02:30   03-28 20:45   02:30
Pacific/Kiritimati   2026-03-29  02:30   03-28 12:30   02:30
America/Sao_Paulo    2026-11-01  00:00   11-01 03:00   00:00
"""


@pytest.fixture
def ivy(open_engine: Callable[..., Ivy]) -> Ivy:
    """An engine that does not wait for the disk: nothing is killed here."""
    return at_start(open_engine(store=Store(synchronous="NORMAL")))


def lines(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines() if line]


def weekends() -> list[tuple[str, list[list[str]]]]:
    """A zone and the three days around one of its changes."""
    found = lines(AROUND_THE_CHANGES)
    return [(found[number][0], found[number : number + 3]) for number in range(0, len(found), 3)]


def eager(driver: Driver, zone: str, day: str, **more: Any) -> Person:
    """A member who is called each morning and evening, signed up four days before."""
    driver.clock(f"{date.fromisoformat(day) - 4 * DAY}T12:00:00Z")
    person = driver.callable_member(zone, **more)
    driver.tier(person, "CONCIERGE")
    return person


def utc(milliseconds: int | None) -> str:
    return "never" if milliseconds is None else f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%m-%d %H:%M}"


def calls(ivy: Ivy, person: Person, day: str, at: str = "scheduled_at") -> list[tuple[str, str]]:
    """Types and instants of the member's calls of a local date that were not cancelled."""
    whose = "member_id = ? AND local_date = ? AND status <> 'CANCELLED'"
    sql = f"SELECT call_type, {at} FROM call WHERE {whose} ORDER BY scheduled_at"
    found = rows(ivy.folder / "ivy.db", sql, person.id, day)
    return [(call_type, utc(instant)) for call_type, instant in found]


def plan(driver: Driver, day: str) -> None:
    """Plan at noon UTC of the day before, at which the day is the local tomorrow everywhere, or has begun already."""
    driver.clock(f"{date.fromisoformat(day) - DAY}T12:00:00Z")
    driver.job("plan_calls")


@pytest.mark.parametrize(("zone", "days"), weekends(), ids=[f"{zone}-{days[1][1]}" for zone, days in weekends()])
def test_the_days_around_both_changes(driver: Driver, ivy: Ivy, zone: str, days: list[list[str]]) -> None:
    """R-10, R-93, R-94, R-96, R-97: planned on one side of the change for the other, until the local tomorrow; a second
    time adds nothing."""
    ana = eager(driver, zone, days[0][1])
    [(day_of_first,)] = rows(
        ivy.folder / "ivy.db",
        "SELECT local_date FROM call WHERE member_id = ? AND call_type = 'ONBOARDING' AND status = 'SCHEDULED'",
        ana.id,
    )
    assert MORNING not in dict(calls(ivy, ana, day_of_first))
    for _, day, morning_date, morning_time, other, other_date, other_time in days:
        planned = [(MORNING, f"{morning_date} {morning_time}"), (other, f"{other_date} {other_time}")]
        plan(driver, day)
        assert calls(ivy, ana, day) == planned
        plan(driver, day)
        assert calls(ivy, ana, day) == planned
        [(last,)] = rows(ivy.folder / "ivy.db", "SELECT MAX(local_date) FROM call WHERE member_id = ?", ana.id)
        assert last == (f"{date.fromisoformat(day) + DAY}" if zone in ALREADY_THERE else day)


@pytest.mark.parametrize("day", SUNDAYS)
def test_the_same_day_in_ten_zones(driver: Driver, ivy: Ivy, day: str) -> None:
    """R-96: planned, dialled and talked, while the clock goes on from one member's day to the next one's."""
    table = {line[0]: (f"{line[1]} {line[2]}", f"{line[3]} {line[4]}") for line in lines(SUNDAYS[day])}
    people = {zone: eager(driver, zone, day, phone=f"+44770090020{number}") for number, zone in enumerate(table)}
    assert len(people) == 10
    plan(driver, day)
    driver.advance(f"{date.fromisoformat(day) + DAY}T02:00:00Z")
    for zone, (morning, weekly) in table.items():
        assert (zone, calls(ivy, people[zone], day, "dialled_at")) == (zone, [(MORNING, morning), (WEEKLY, weekly)])


@pytest.mark.parametrize(
    ("zone", "day", "at", "instant", "shown"),
    [(zone, day, at, f"{on} {time}", shown) for zone, day, at, on, time, shown in lines(HARD_TIMES)],
)
def test_call_times_that_do_not_exist_or_come_twice(
    driver: Driver, ivy: Ivy, zone: str, day: str, at: str, instant: str, shown: str
) -> None:
    """R-96, R-97: forward by the gap, or the first of two; dialled once, at a time the member's own clocks show."""
    ana = eager(driver, zone, day)
    ana.patch("/api/users/me", {"morningCallTime": at})
    plan(driver, day)
    assert calls(ivy, ana, day)[0] == (MORNING, instant)
    rings = datetime.fromisoformat(f"2026-{instant}+00:00")
    driver.advance((rings + timedelta(hours=3)).isoformat())
    assert calls(ivy, ana, day, "dialled_at")[0] == (MORNING, instant)
    assert [kind for kind, _ in calls(ivy, ana, day)].count(MORNING) == 1
    assert f"{rings.astimezone(ZoneInfo(zone)):%H:%M}" == shown
