"""The ladder of a missed call, as a function (R-101, R-102, D-7)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ivy_engine.domain.calls.ladder import Miss, Step, call_back_at, climb
from ivy_engine.domain.calls.states import Then
from ivy_engine.domain.messages import quiet_hours

QUIET = quiet_hours("21:00-07:00")
AT = datetime(2026, 3, 23, 7, 0, 40, tzinfo=UTC)
WINDOW_ENDS = datetime(2026, 3, 23, 8, 30, tzinfo=UTC)
MISS = Miss(
    then=Then.AGAIN, attempt=1, at=AT, now=AT, local_date=date(2026, 3, 23), window_ends_at=WINDOW_ENDS, zone="Europe/London",
    quiet=QUIET, inbound=False, reached=False, missed_before=False, failed_before=False, next_call_at=None, recovery=False,
)  # fmt: skip


def test_fifteen_minutes_later_and_nothing_is_written() -> None:
    assert climb(MISS) == Step(retry_at=AT + timedelta(minutes=15))


def test_with_recovery_the_first_miss_offers_and_the_evening_asks() -> None:
    evening = datetime(2026, 3, 23, 20, 30, tzinfo=UTC)
    step = climb(replace(MISS, recovery=True))
    assert (step.message, step.check_at) == ("second_miss_options", evening)
    assert climb(replace(MISS, recovery=True, attempt=2, missed_before=True)) == Step(retry_at=AT + timedelta(minutes=15))


def test_a_failure_of_the_line_is_no_first_miss() -> None:
    """R-101.6: the second attempt is the first that rang."""
    assert climb(replace(MISS, recovery=True, attempt=2, failed_before=True)).message == "second_miss_options"


def test_the_third_miss_closes() -> None:
    assert climb(replace(MISS, attempt=3)) == Step(message="missed_call", why_not="attempts")


@pytest.mark.parametrize(
    ("change", "why_not", "message"),
    [
        ({"then": Then.DECLINED}, "declined", "missed_call"),
        ({"inbound": True}, "inbound", None),
        ({"reached": True}, "in_touch", None),
        ({"then": Then.DECLINED, "reached": True}, "declined", None),
        ({"window_ends_at": AT + timedelta(minutes=15) - timedelta(seconds=1)}, "window", "missed_call"),
        ({"quiet": quiet_hours("07:15-09:00")}, "quiet_hours", "missed_call"),
        ({"local_date": date(2026, 3, 22)}, "another_day", "missed_call"),
        ({"next_call_at": AT + timedelta(minutes=44)}, "next_call_near", "missed_call"),
    ],
)
def test_why_there_is_no_further_call(change: dict[str, Any], why_not: str, message: str | None) -> None:
    assert climb(replace(MISS, **change)) == Step(message=message, why_not=why_not)


@pytest.mark.parametrize("change", [{"window_ends_at": AT + timedelta(minutes=15)}, {"next_call_at": AT + timedelta(minutes=45)}])
def test_at_the_very_edge_there_is_one(change: dict[str, Any]) -> None:
    assert climb(replace(MISS, **change)).retry_at == AT + timedelta(minutes=15)


@pytest.mark.parametrize("then", [Then.ONCE_MORE, Then.HALT])
def test_a_failure_of_the_line_is_tried_once_more_in_silence(then: Then) -> None:
    """R-102: nobody is told of a call that never rang, unless an earlier one did."""
    failed = replace(MISS, then=then, recovery=True)
    assert climb(failed) == Step(retry_at=AT + timedelta(minutes=15))
    assert climb(replace(failed, attempt=2, failed_before=True)) == Step(why_not="failed_again")
    assert climb(replace(failed, attempt=2, missed_before=True)) == Step(retry_at=AT + timedelta(minutes=15))
    assert climb(replace(failed, attempt=3, failed_before=True, missed_before=True)).message == "missed_call"


def test_what_is_told_late_is_made_up_for_at_once_while_the_window_is_open() -> None:
    late = replace(MISS, now=AT + timedelta(minutes=40))
    assert climb(late).retry_at == late.now
    assert climb(replace(MISS, now=AT + timedelta(minutes=95))) == Step(message="missed_call", why_not="window")


def test_nobody_is_asked_in_the_evening_about_a_day_whose_evening_is_over() -> None:
    late = datetime(2026, 3, 23, 20, 31, tzinfo=UTC)
    evening = replace(MISS, at=late, now=late, window_ends_at=late + timedelta(hours=1), recovery=True)
    assert climb(evening).check_at is None


def test_calling_back_is_an_hour_later_or_when_the_quiet_hours_are_over() -> None:
    assert call_back_at(AT, "Europe/London", QUIET) == AT + timedelta(hours=1)
    evening = datetime(2026, 3, 23, 20, 0, tzinfo=UTC)
    assert call_back_at(evening, "Europe/London", QUIET) == datetime(2026, 3, 24, 7, 0, tzinfo=UTC)
