"""When a message may leave and what its status events change (R-111, R-113, R-116)."""

from datetime import UTC, datetime, time, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivy_engine.domain import messages, zones

STEADY = settings(derandomize=True, deadline=None, max_examples=200)
QUIET = messages.quiet_hours("21:00-07:00")
LONDON, NEW_YORK, KATHMANDU = "Europe/London", "America/New_York", "Asia/Kathmandu"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


FORWARD = {
    "QUEUED": {"SENT", "DELIVERED", "READ", "FAILED"},
    "SENT": {"DELIVERED", "READ", "FAILED"},
    "DELIVERED": {"READ"},
    "READ": set(),
    "FAILED": set(),
}


@pytest.mark.parametrize("status", FORWARD)
@pytest.mark.parametrize("to", ["SENT", "DELIVERED", "READ", "FAILED"])
def test_a_status_only_moves_forward(status: str, to: str) -> None:
    """R-111: `failed` after DELIVERED is ignored."""
    assert messages.moves(status, to) == (to in FORWARD[status])


@pytest.mark.parametrize("order", list(permutations(["SENT", "DELIVERED", "READ"])), ids="-".join)
def test_any_order_of_good_news_ends_with_read(order: tuple[str, ...]) -> None:
    """R-111, PROVIDERS 2.6: `read` may precede `delivered`."""
    status = "QUEUED"
    for to in (*order, *order):
        status = to if messages.moves(status, to) else status
    assert status == "READ"


def test_quiet_hours_are_read_from_the_setting() -> None:
    assert messages.QuietHours(time(21), time(7)) == QUIET


@pytest.mark.parametrize(
    ("now", "zone", "leaves"),
    [
        ("2026-05-04T19:59", LONDON, "2026-05-04T19:59"),
        ("2026-05-04T20:00", LONDON, "2026-05-05T06:00"),  # 21:00 in London
        ("2026-05-04T23:30", LONDON, "2026-05-05T06:00"),
        ("2026-05-05T05:59", LONDON, "2026-05-05T06:00"),
        ("2026-05-05T06:00", LONDON, "2026-05-05T06:00"),
        ("2026-05-04T12:00", KATHMANDU, "2026-05-04T12:00"),
        ("2026-05-04T15:15", KATHMANDU, "2026-05-05T01:15"),
        # the night the clocks go forward has an hour less, the night they go back an hour more
        ("2026-03-28T22:00", LONDON, "2026-03-29T06:00"),
        ("2026-03-29T00:59", LONDON, "2026-03-29T06:00"),
        ("2026-03-29T01:00", LONDON, "2026-03-29T06:00"),
        ("2026-10-24T21:00", LONDON, "2026-10-25T07:00"),
        ("2026-10-25T00:30", LONDON, "2026-10-25T07:00"),
        ("2026-10-25T01:30", LONDON, "2026-10-25T07:00"),
        ("2026-03-08T03:00", NEW_YORK, "2026-03-08T11:00"),
        ("2026-11-01T03:00", NEW_YORK, "2026-11-01T12:00"),
    ],
)
def test_a_message_waits_until_the_quiet_hours_are_over(now: str, zone: str, leaves: str) -> None:
    """R-116, D-5: 07:00 on the member's clock, whatever the clocks did that night."""
    assert messages.welcome_at(utc(now), zone, QUIET) == utc(leaves)


@pytest.mark.parametrize(
    ("span", "now", "leaves"),
    [
        ("13:00-15:00", "2026-01-04T12:59", "2026-01-04T12:59"),
        ("13:00-15:00", "2026-01-04T13:00", "2026-01-04T15:00"),
        ("13:00-15:00", "2026-01-04T15:00", "2026-01-04T15:00"),
        ("00:00-07:00", "2026-01-04T00:00", "2026-01-04T07:00"),
        ("22:00-00:00", "2026-01-04T22:00", "2026-01-05T00:00"),
        ("22:00-00:00", "2026-01-04T00:00", "2026-01-04T00:00"),
    ],
)
def test_quiet_hours_of_another_business(span: str, now: str, leaves: str) -> None:
    assert messages.welcome_at(utc(now), LONDON, messages.quiet_hours(span)) == utc(leaves)


_INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))
_ZONES = st.sampled_from([LONDON, NEW_YORK, KATHMANDU, "Australia/Lord_Howe", "Pacific/Kiritimati", "Africa/Cairo"])


@STEADY
@given(_INSTANTS, _ZONES)
def test_no_message_leaves_in_quiet_hours_and_none_waits_longer_than_a_night(now: datetime, zone: str) -> None:
    """R-116."""
    leaves = messages.welcome_at(now, zone, QUIET)
    assert now <= leaves <= now + timedelta(hours=11)
    assert time(7) <= zones.local(leaves, zone).time() < time(21)
    assert messages.welcome_at(leaves, zone, QUIET) == leaves


@pytest.mark.parametrize(
    ("since", "free"),
    [
        (timedelta(), True),
        (timedelta(hours=23, minutes=49), True),
        (timedelta(hours=23, minutes=50), False),  # a margin before the provider's 24 hours are over
        (timedelta(hours=24), False),
        (timedelta(days=30), False),
    ],
)
def test_free_text_only_after_a_recent_message_of_the_member(since: timedelta, free: bool) -> None:
    """R-113, PROVIDERS 2.4."""
    now = utc("2026-05-04T08:00")
    assert messages.free_text(now - since, now) is free


def test_no_free_text_to_somebody_who_never_wrote() -> None:
    """R-113."""
    assert not messages.free_text(None, utc("2026-05-04T08:00"))
