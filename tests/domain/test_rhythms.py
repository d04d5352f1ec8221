"""What comes again on the member's own clock (J-9 to J-12): instants in several zones, across both changes of the clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivy_engine.domain import check_ins, rhythms, workouts, zones

STEADY = settings(derandomize=True, deadline=None, max_examples=200)
LONDON, NEW_YORK, KATHMANDU, KIRITIMATI = "Europe/London", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"
ALL = [rhythms.SUMMARY, rhythms.RECEIPT, rhythms.PULSE, rhythms.CHECK_IN]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "after", "zone", "comes"),
    [
        (rhythms.SUMMARY, "2026-05-04T08:00", LONDON, "2026-05-10T08:00"),
        (rhythms.SUMMARY, "2026-05-10T07:59", LONDON, "2026-05-10T08:00"),
        (rhythms.SUMMARY, "2026-05-10T08:00", LONDON, "2026-05-17T08:00"),  # itself left out
        (rhythms.SUMMARY, "2026-05-04T08:00", NEW_YORK, "2026-05-10T13:00"),
        (rhythms.SUMMARY, "2026-05-04T08:00", KATHMANDU, "2026-05-10T03:15"),
        (rhythms.SUMMARY, "2026-05-04T08:00", KIRITIMATI, "2026-05-09T19:00"),
        # the Sundays on which the clocks change
        (rhythms.SUMMARY, "2026-03-22T09:00", LONDON, "2026-03-29T08:00"),
        (rhythms.SUMMARY, "2026-10-18T08:00", LONDON, "2026-10-25T09:00"),
        (rhythms.SUMMARY, "2026-03-01T14:00", NEW_YORK, "2026-03-08T13:00"),
        (rhythms.SUMMARY, "2026-10-25T13:00", NEW_YORK, "2026-11-01T14:00"),
        (rhythms.RECEIPT, "2026-05-04T08:00", LONDON, "2026-06-01T08:00"),
        (rhythms.RECEIPT, "2026-12-01T09:00", LONDON, "2027-01-01T09:00"),
        (rhythms.RECEIPT, "2026-01-31T18:59", KIRITIMATI, "2026-01-31T19:00"),  # it is 1 February there
        (rhythms.RECEIPT, "2026-02-01T04:00", NEW_YORK, "2026-02-01T14:00"),
        (rhythms.PULSE, "2026-05-04T08:00", KATHMANDU, "2026-05-08T12:15"),
        (rhythms.PULSE, "2026-05-04T08:00", KIRITIMATI, "2026-05-08T04:00"),
        (rhythms.CHECK_IN, "2026-05-04T08:00", LONDON, "2026-05-04T10:00"),
        (rhythms.CHECK_IN, "2026-05-04T10:00", LONDON, "2026-05-05T10:00"),
        (rhythms.CHECK_IN, "2026-03-28T11:00", LONDON, "2026-03-29T10:00"),
    ],
)
def test_the_next_time(rhythm: rhythms.Rhythm, after: str, zone: str, comes: str) -> None:
    assert rhythms.next_time(rhythm, utc(after), zone) == utc(comes)


@pytest.mark.parametrize(
    ("now", "zone", "has_come"),
    [
        ("2026-05-10T08:00", LONDON, True),
        ("2026-05-10T22:59", LONDON, True),  # late, but on its date
        ("2026-05-10T23:00", LONDON, False),  # Monday there
        ("2026-05-10T07:59", LONDON, False),
        ("2026-05-09T12:00", LONDON, False),
        ("2026-05-09T19:00", KIRITIMATI, True),
        ("2026-05-10T10:00", KIRITIMATI, False),
    ],
)
def test_what_was_due_on_an_earlier_date_is_too_late(now: str, zone: str, has_come: bool) -> None:
    assert rhythms.has_come_today(rhythms.SUMMARY, utc(now), zone) == has_come


_INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))
_ZONES = st.sampled_from([LONDON, NEW_YORK, KATHMANDU, KIRITIMATI, "Australia/Lord_Howe", "Africa/Cairo"])


@STEADY
@given(_INSTANTS, _ZONES, st.sampled_from(ALL))
def test_it_comes_once_on_each_of_its_dates(now: datetime, zone: str, rhythm: rhythms.Rhythm) -> None:
    comes = rhythms.next_time(rhythm, now, zone)
    assert comes > now
    here = zones.local(comes, zone)
    assert rhythm.falls_on(here.date())
    assert here.time() == rhythm.at  # no zone changes its clocks at such hours
    assert rhythms.has_come_today(rhythm, comes, zone)
    assert not rhythms.has_come_today(rhythm, comes - timedelta(milliseconds=1), zone)
    assert rhythms.next_time(rhythm, comes, zone) - comes >= timedelta(hours=22)


@pytest.mark.parametrize(
    ("bedtime", "now", "zone", "nudged"),
    [
        ("22:30", "2026-05-04T08:00", LONDON, "2026-05-04T21:15"),
        ("22:30", "2026-05-04T21:14", LONDON, "2026-05-04T21:15"),
        ("22:30", "2026-05-04T21:15", LONDON, "2026-05-05T21:15"),
        ("00:10", "2026-05-04T22:54", LONDON, "2026-05-04T22:55"),  # the evening before
        ("00:10", "2026-05-04T22:55", LONDON, "2026-05-05T22:55"),
        ("02:30", "2026-03-08T02:00", NEW_YORK, "2026-03-08T07:15"),  # the night without half past two: 03:30 there
        ("01:30", "2026-10-24T12:00", LONDON, "2026-10-25T00:15"),  # half past one comes twice: the first
        ("21:00", "2026-05-04T08:00", KATHMANDU, "2026-05-04T15:00"),
    ],
)
def test_bedtime(bedtime: str, now: str, zone: str, nudged: str) -> None:
    assert rhythms.next_wind_down(bedtime, utc(now), zone) == utc(nudged)


@pytest.mark.parametrize(("day", "name"), [(date(2026, 5, 10), "2026-W19"), (date(2027, 1, 3), "2026-W53")])
def test_a_week_is_named_as_iso_does(day: date, name: str) -> None:
    assert rhythms.week_name(day) == name


@pytest.mark.parametrize(
    ("silent", "quiet"), [(timedelta(days=3), False), (timedelta(days=3, seconds=1), True), (timedelta(0), False)]
)
def test_quiet_is_more_than_three_days(silent: timedelta, quiet: bool) -> None:
    """R-18."""
    now = utc("2026-05-04T10:00")
    assert check_ins.gone_quiet(now - silent, now) == quiet
    assert not check_ins.gone_quiet(None, now)


@pytest.mark.parametrize(("last", "again"), [(None, True), (date(2026, 5, 1), True), (date(2026, 5, 2), False)])
def test_a_check_in_comes_again_after_so_many_dates(last: date | None, again: bool) -> None:
    assert check_ins.may_come_again(check_ins.WHEN_SICK, last, date(2026, 5, 4)) == again


@pytest.mark.parametrize(
    ("at", "duration", "zone", "now", "asked"),
    [
        ("12:00", 50, LONDON, "2026-05-04T08:00", "2026-05-04T11:50"),
        ("12:00", None, LONDON, "2026-05-04T08:00", "2026-05-04T12:00"),
        ("12:00", 50, LONDON, "2026-05-04T20:00", "2026-05-04T11:50"),  # over already: at once
        ("12:00", 50, LONDON, "2026-05-04T23:00", None),  # the 5th there
        ("23:30", 60, LONDON, "2026-05-04T08:00", "2026-05-04T23:30"),  # after midnight
        ("23:30", 60, LONDON, "2026-05-05T08:00", "2026-05-04T23:30"),
        ("23:30", 60, LONDON, "2026-05-05T23:00", None),
        ("12:00", 50, KATHMANDU, "2026-05-04T00:00", "2026-05-04T07:05"),
        (None, 50, LONDON, "2026-05-04T08:00", None),
    ],
)
def test_when_it_is_asked_how_a_workout_went(at: str | None, duration: int | None, zone: str, now: str, asked: str) -> None:
    """J-5."""
    expected = utc(asked) if asked else None
    assert workouts.asked_about_at(date(2026, 5, 4), at, duration, zone, utc(now)) == expected
