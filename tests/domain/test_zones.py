"""Local dates and wall times in zones that make them hard (R-30, R-75, R-96)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivy_engine.domain import zones

STEADY = settings(derandomize=True, deadline=None, max_examples=200)
LONDON, NEW_YORK, LORD_HOWE = "Europe/London", "America/New_York", "Australia/Lord_Howe"
KATHMANDU, KIRITIMATI = "Asia/Kathmandu", "Pacific/Kiritimati"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        (LONDON, "2026-01-15T07:00", "2026-01-15T07:00"),
        (LONDON, "2026-07-15T07:00", "2026-07-15T06:00"),
        # a time that does not exist moves forward by the gap
        (LONDON, "2026-03-29T01:30", "2026-03-29T01:30"),
        (NEW_YORK, "2026-03-08T02:30", "2026-03-08T07:30"),
        (LORD_HOWE, "2026-10-04T02:15", "2026-10-03T15:45"),
        # a time that occurs twice is its first occurrence
        (LONDON, "2026-10-25T01:30", "2026-10-25T00:30"),
        (NEW_YORK, "2026-11-01T01:30", "2026-11-01T05:30"),
        (LORD_HOWE, "2026-04-05T01:45", "2026-04-04T14:45"),
        # offsets of three quarters of an hour, and of more than half a day
        (KATHMANDU, "2026-05-04T07:00", "2026-05-04T01:15"),
        (KIRITIMATI, "2026-05-04T07:00", "2026-05-03T17:00"),
    ],
)
def test_the_instant_of_a_wall_time(zone: str, wall: str, instant: str) -> None:
    """R-96, S-28."""
    wanted = datetime.fromisoformat(wall)
    assert zones.instant_of(wanted.date(), wanted.time(), zone) == utc(instant)


def test_a_time_in_the_gap_is_read_on_the_clock_as_later_by_the_gap() -> None:
    """R-96: 02:30 becomes 03:30 in New York, 02:15 becomes 02:45 on Lord Howe, whose gap is half an hour."""
    spring = zones.instant_of(date(2026, 3, 8), time(2, 30), NEW_YORK)
    assert zones.local(spring, NEW_YORK).time() == time(3, 30)
    october = zones.instant_of(date(2026, 10, 4), time(2, 15), LORD_HOWE)
    assert zones.local(october, LORD_HOWE).time() == time(2, 45)


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-03-03T04:50", NEW_YORK, date(2026, 3, 2)),  # S-6
        ("2026-03-03T05:10", NEW_YORK, date(2026, 3, 3)),
        ("2026-03-09T03:30", NEW_YORK, date(2026, 3, 8)),  # S-8: after a day of 23 hours
        ("2026-10-24T23:30", LONDON, date(2026, 10, 25)),  # S-9: in a day of 25 hours
        ("2026-10-25T23:30", LONDON, date(2026, 10, 25)),
        ("2026-05-04T18:14", KATHMANDU, date(2026, 5, 4)),
        ("2026-05-04T18:15", KATHMANDU, date(2026, 5, 5)),
        ("2026-05-04T09:59", KIRITIMATI, date(2026, 5, 4)),
        ("2026-05-04T10:00", KIRITIMATI, date(2026, 5, 5)),
    ],
)
def test_the_local_date_of_an_instant(instant: str, zone: str, day: date) -> None:
    """R-30."""
    assert zones.local_date(utc(instant), zone) == day


@pytest.mark.parametrize(
    ("day", "zone", "start"),
    [
        (date(2026, 3, 29), LONDON, "2026-03-29T00:00"),
        (date(2026, 3, 30), LONDON, "2026-03-29T23:00"),
        # midnight does not exist: the clock jumps from 24:00 to 01:00
        (date(2018, 11, 4), "America/Sao_Paulo", "2018-11-04T03:00"),
        (date(2026, 4, 24), "Africa/Cairo", "2026-04-23T22:00"),
        (date(2026, 3, 8), "America/Havana", "2026-03-08T05:00"),
        (date(1986, 1, 1), KATHMANDU, "1985-12-31T18:30"),
        # midnight occurs twice: the first one
        (date(2026, 11, 1), "America/Havana", "2026-11-01T04:00"),
        # the hour before midnight occurs twice
        (date(2018, 2, 18), "America/Sao_Paulo", "2018-02-18T03:00"),
    ],
)
def test_the_first_instant_of_a_local_date(day: date, zone: str, start: str) -> None:
    """R-55, R-96: also where midnight does not exist."""
    found = zones.day_start(day, zone)
    assert found == utc(start)
    assert zones.local_date(found, zone) == day
    assert zones.local_date(found - timedelta(milliseconds=1), zone) == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("instant", "zone", "start"),
    [
        ("2026-04-01T03:50", NEW_YORK, "2026-03-01T05:00"),  # S-18: still March, which began in winter time
        ("2026-04-01T04:10", NEW_YORK, "2026-04-01T04:00"),
        ("2026-04-30T09:59", KIRITIMATI, "2026-03-31T10:00"),
        ("2026-04-30T10:00", KIRITIMATI, "2026-04-30T10:00"),
        ("2026-05-31T18:15", KATHMANDU, "2026-05-31T18:15"),
    ],
)
def test_the_first_instant_of_the_local_month(instant: str, zone: str, start: str) -> None:
    """R-55."""
    assert zones.month_start(utc(instant), zone) == utc(start)


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (date(2026, 1, 31), date(2026, 2, 1)),
        (date(2028, 2, 29), date(2028, 3, 1)),
        (date(2026, 12, 1), date(2027, 1, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_the_next_month(day: date, following: date) -> None:
    assert zones.next_month(day) == following


@pytest.mark.parametrize("day", [date(2026, 5, 4), date(2026, 5, 7), date(2026, 5, 10)])
def test_a_week_is_monday_to_monday(day: date) -> None:
    """R-75: Sunday belongs to the week that began on the Monday before."""
    assert zones.week_of(day) == (date(2026, 5, 4), date(2026, 5, 11))


@pytest.mark.parametrize("name", ["Europe/London", "Asia/Kathmandu", "UTC", "Pacific/Kiritimati"])
def test_zones_that_exist(name: str) -> None:
    assert zones.is_zone(name)


@pytest.mark.parametrize("name", ["Mars/Base", "", "europe/london", "../../etc/passwd", "Europe", "localtime", "posixrules"])
def test_names_that_are_no_zone(name: str) -> None:
    """R-4, S-2: the zone of the server (`localtime`) is in no member's IANA database either."""
    assert not zones.is_zone(name)


_ZONES = st.sampled_from(sorted(zone for zone in available_timezones() if "/" in zone))
_DATES = st.dates(date(2025, 1, 1), date(2037, 12, 30))


@STEADY
@given(_DATES, _ZONES)
def test_a_day_begins_where_the_day_before_ends(day: date, zone: str) -> None:
    start = zones.day_start(day, zone)
    assert zones.local_date(start, zone) == day
    assert zones.local_date(start - timedelta(milliseconds=1), zone) == day - timedelta(days=1)


@STEADY
@given(st.datetimes(datetime(2025, 1, 1), datetime(2037, 12, 30), timezones=st.just(UTC)), _ZONES)
def test_the_next_day_begins_later(instant: datetime, zone: str) -> None:
    following = zones.next_day_start(instant, zone)
    assert instant < following <= instant + timedelta(hours=26)
    assert zones.local_date(following, zone) == zones.local_date(instant, zone) + timedelta(days=1)


@STEADY
@given(_DATES, st.times(), _ZONES)
def test_a_wall_time_is_on_its_date_and_never_early(day: date, at: time, zone: str) -> None:
    """R-96: the clock then shows the time asked for, or a later one of the same date."""
    shown = zones.local(zones.instant_of(day, at, zone), zone)
    assert shown.date() == day
    assert shown.time() >= at
