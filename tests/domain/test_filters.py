"""Filters by time: dates and date-times of any offset in the member's zone (RULEBOOK 7.1)."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivy_engine.domain import zones
from ivy_engine.domain.errors import Invalid
from ivy_engine.domain.filters import span

LONDON, KATHMANDU, AUCKLAND, NEW_YORK = "Europe/London", "Asia/Kathmandu", "Pacific/Auckland", "America/New_York"
STEADY = settings(derandomize=True, deadline=None, max_examples=200)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "first", "beyond"),
    [
        ("2026-01-15", LONDON, "2026-01-15T00:00", "2026-01-16T00:00"),
        ("2026-05-04", KATHMANDU, "2026-05-03T18:15", "2026-05-04T18:15"),
        ("2026-05-04", AUCKLAND, "2026-05-03T12:00", "2026-05-04T12:00"),
        # days of 23 and of 25 hours
        ("2026-03-29", LONDON, "2026-03-29T00:00", "2026-03-29T23:00"),
        ("2026-11-01", NEW_YORK, "2026-11-01T04:00", "2026-11-02T05:00"),
        # midnight itself does not exist
        ("2026-04-24", "Africa/Cairo", "2026-04-23T22:00", "2026-04-24T21:00"),
        ("2000-01-01", AUCKLAND, "1999-12-31T11:00", "2000-01-01T11:00"),
        ("2199-12-31", NEW_YORK, "2199-12-31T05:00", "2200-01-01T05:00"),
    ],
)
def test_a_date_is_the_whole_local_date(text: str, zone: str, first: str, beyond: str) -> None:
    assert span(text, text, zone) == (utc(first), utc(beyond))


def test_a_date_that_a_zone_left_out_is_empty() -> None:
    first, beyond = span("2011-12-30", "2011-12-30", "Pacific/Apia")
    assert first == beyond


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-04T10:00:00Z",
        "2026-05-04T10:00Z",
        "2026-05-04T10:00:00.000Z",
        "2026-05-04T15:45:00+05:45",
        "2026-05-04T15:45:00+0545",
        "2026-05-04T06:00:00-04:00",
        "2026-05-04T15:45:00 05:45",  # as a plus sign arrives that was not escaped
        "2026-05-04T22:00:00",  # the wall time of Auckland
        "2026-05-04 22:00",
    ],
)
def test_a_date_time_names_its_instant_whatever_its_offset(text: str) -> None:
    first, beyond = span(text, text, AUCKLAND)
    assert first == utc("2026-05-04T10:00")
    assert beyond == utc("2026-05-04T10:00:00.001")  # the instant itself belongs


def test_an_end_that_is_not_given_is_open() -> None:
    assert span(None, None, LONDON) == (None, None)
    assert span("2026-01-15", None, LONDON) == (utc("2026-01-15T00:00"), None)
    assert span(None, "2026-01-15", LONDON) == (None, utc("2026-01-16T00:00"))


def test_an_end_before_the_start_is_no_error() -> None:
    first, beyond = span("2026-05-05", "2026-05-04", LONDON)
    assert first == beyond


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "yesterday",
        "2026",
        "2026-13-01",
        "2026-02-30",
        "2026-05-04T25:00Z",
        "2026-05-04T10:00+24:00",
        "04/05/2026",
        "1777888800",
        "1999-12-31",
        "2200-01-01",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31",
        "9999-12-31T23:59:59-12:00",
        "2026-05-04\n",
        "٢٠٢٦-٠٥-٠٤",
    ],
)
def test_nonsense_is_refused_by_name(text: str) -> None:
    for field, start, end in (("startDate", text, None), ("endDate", None, text)):
        with pytest.raises(Invalid) as refused:
            span(start, end, LONDON)
        assert [problem.path for problem in refused.value.problems] == [f"query.{field}"]


@given(st.dates(date(2000, 1, 1), date(2199, 12, 31)), st.sampled_from([LONDON, KATHMANDU, AUCKLAND, NEW_YORK]))
@STEADY
def test_the_span_of_a_date_holds_that_date_and_no_other(day: date, zone: str) -> None:
    first, beyond = span(day.isoformat(), day.isoformat(), zone)
    assert first and beyond
    smallest = zones.DAY / 86_400_000
    assert zones.local_date(first, zone) == zones.local_date(beyond - smallest, zone) == day
    assert zones.local_date(first - smallest, zone) < day < zones.local_date(beyond, zone)


@given(st.text(max_size=40))
@STEADY
def test_any_text_is_understood_or_refused(text: str) -> None:
    with suppress(Invalid):
        span(text, text, KATHMANDU)
