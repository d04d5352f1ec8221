"""What may become of a workout, and which dates belong to it (R-22 to R-24, R-31, R-32, J-4)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivy_engine.domain import workouts
from ivy_engine.domain.errors import Conflict, Invalid

STEADY = settings(derandomize=True, deadline=None, max_examples=200)
TODAY = date(2026, 5, 4)
NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
LONDON, NEW_YORK, KATHMANDU, KIRITIMATI = "Europe/London", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"
STATUSES = ("PLANNED", "COMPLETED", "PARTIAL", "SKIPPED", "MISSED")


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2026-05-04", NEW_YORK, date(2026, 5, 4)),
        ("2026-05-04", KIRITIMATI, date(2026, 5, 4)),
        # exactly 00:00:00Z names the date, in every spelling of it
        ("2026-05-04T00:00:00Z", NEW_YORK, date(2026, 5, 4)),
        ("2026-05-04T00:00:00.000Z", NEW_YORK, date(2026, 5, 4)),
        ("2026-05-04T02:00:00+02:00", NEW_YORK, date(2026, 5, 4)),
        # any other instant is converted
        ("2026-05-04T00:00:00.001Z", NEW_YORK, date(2026, 5, 3)),
        ("2026-05-04T03:59:00Z", NEW_YORK, date(2026, 5, 3)),
        ("2026-05-04T04:00:00Z", NEW_YORK, date(2026, 5, 4)),
        ("2026-05-04T23:30:00Z", LONDON, date(2026, 5, 5)),
        ("2026-05-04T10:00:00Z", KIRITIMATI, date(2026, 5, 5)),
        ("2026-05-04T18:15:00Z", KATHMANDU, date(2026, 5, 5)),
        ("2026-05-03T22:30:00-05:00", LONDON, date(2026, 5, 4)),
    ],
)
def test_the_planned_date_of_a_request(text: str, zone: str, day: date) -> None:
    """R-23, C-22."""
    assert workouts.planned_date(text, zone) == day


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-30", "04/05/2026", "2026-13-01", "2026-05-04T25:00:00Z", "1777881600"])
def test_a_text_that_is_no_date_is_refused(text: str) -> None:
    """R-23: 422 that names the field."""
    with pytest.raises(Invalid, match=r"body\.plannedDate"):
        workouts.planned_date(text, LONDON)


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-01:00", "0001-01-01T00:30:00+14:00", "0001-01-01T00:00:01Z"])
def test_an_instant_outside_the_calendar_is_refused(text: str) -> None:
    """R-23: 422, no other exception."""
    with pytest.raises(Invalid):
        workouts.planned_date(text, NEW_YORK)


_STAMPS = st.one_of(
    st.dates().map(date.isoformat),
    st.datetimes(timezones=st.none() | st.timezones()).map(datetime.isoformat),
    st.sampled_from(["0001-01-01", "9999-12-31", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"]),
)
_TIMES = st.sampled_from([None, "00:00", "07:05", "23:59"])


@STEADY
@given(_STAMPS, _TIMES, st.sampled_from([LONDON, NEW_YORK, KATHMANDU, KIRITIMATI]))
def test_a_date_is_refused_or_can_be_reminded_of(text: str, at: str | None, zone: str) -> None:
    """R-23, J-4: what planning accepts, its reminder can work with."""
    try:
        day = workouts.planned_date(text, zone)
    except Invalid:
        return
    due = workouts.reminder_due(day, at, zone, NOW)
    assert due is None or at is not None


ALLOWED = {
    ("PLANNED", "COMPLETED"), ("PLANNED", "PARTIAL"), ("PLANNED", "SKIPPED"), ("PLANNED", "MISSED"),
    ("MISSED", "COMPLETED"), ("MISSED", "PARTIAL"), ("MISSED", "SKIPPED"),
    ("SKIPPED", "COMPLETED"), ("SKIPPED", "PARTIAL"),
    ("PARTIAL", "COMPLETED"),
}  # fmt: skip
MOVES = [(now_is, to) for now_is in STATUSES for to in STATUSES if now_is != to]


@pytest.mark.parametrize(("now_is", "to"), MOVES)
def test_the_table_of_transitions(now_is: str, to: str) -> None:
    """R-24: what the table does not allow is 409."""
    try:
        workouts.check_move(now_is, to, TODAY, TODAY)
        moved = True
    except Conflict:
        moved = False
    assert moved == ((now_is, to) in ALLOWED)


@pytest.mark.parametrize("now_is", ["MISSED", "SKIPPED"])
@pytest.mark.parametrize("to", ["COMPLETED", "PARTIAL"])
def test_what_was_missed_can_be_logged_for_seven_days(now_is: str, to: str) -> None:
    """R-24: within 7 local days of the planned date."""
    workouts.check_move(now_is, to, TODAY - timedelta(days=7), TODAY)
    with pytest.raises(Conflict):
        workouts.check_move(now_is, to, TODAY - timedelta(days=8), TODAY)


def test_an_open_workout_can_be_logged_however_old() -> None:
    """R-24 limits only MISSED and SKIPPED."""
    workouts.check_move("PLANNED", "COMPLETED", TODAY - timedelta(days=30), TODAY)
    workouts.check_move("PARTIAL", "COMPLETED", TODAY - timedelta(days=30), TODAY)
    workouts.check_move("MISSED", "SKIPPED", TODAY - timedelta(days=30), TODAY)


def test_a_future_workout_cannot_be_missed() -> None:
    """R-24, D-10."""
    workouts.check_move("PLANNED", "MISSED", TODAY, TODAY)
    workouts.check_move("PLANNED", "SKIPPED", TODAY + timedelta(days=1), TODAY)
    with pytest.raises(Conflict):
        workouts.check_move("PLANNED", "MISSED", TODAY + timedelta(days=1), TODAY)


@pytest.mark.parametrize(
    ("given_at", "zone"),
    [
        (NOW + timedelta(minutes=5), LONDON),
        (NOW - timedelta(days=7), LONDON),
        (datetime(2026, 4, 27, 0, 0, tzinfo=UTC), LONDON),
        (datetime(2026, 4, 26, 23, 0, tzinfo=UTC), LONDON),  # 00:00 on 27 April in London: seven local days
        (datetime(2026, 4, 27, 4, 0, tzinfo=UTC), NEW_YORK),
    ],
)
def test_a_plausible_time_of_completion(given_at: datetime, zone: str) -> None:
    """R-31: 5 minutes ahead, 7 local days back."""
    assert workouts.completion_instant(given_at, NOW, zone) == given_at


def test_completed_now_unless_said_otherwise() -> None:
    assert workouts.completion_instant(None, NOW, LONDON) == NOW


@pytest.mark.parametrize(
    ("given_at", "zone"),
    [
        (NOW + timedelta(minutes=5, milliseconds=1), LONDON),
        (NOW + timedelta(days=1), LONDON),  # S-22
        (NOW - timedelta(days=8), LONDON),
        (datetime(2026, 4, 26, 22, 59, tzinfo=UTC), LONDON),
        (datetime(2026, 4, 27, 3, 59, tzinfo=UTC), NEW_YORK),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), KIRITIMATI),
    ],
)
def test_an_implausible_time_of_completion(given_at: datetime, zone: str) -> None:
    """R-31: 422."""
    with pytest.raises(Invalid, match=r"body\.completedAt"):
        workouts.completion_instant(given_at, NOW, zone)


@pytest.mark.parametrize("zone", [LONDON, NEW_YORK])
def test_a_completion_before_the_calendar_is_refused(zone: str) -> None:
    """R-31: 422, also where the local date of the instant would lie before the year 1."""
    with pytest.raises(Invalid):
        workouts.completion_instant(datetime(1, 1, 1, tzinfo=UTC), NOW, zone)


@pytest.mark.parametrize(
    ("instant", "zone", "late"),
    [
        ("2026-05-04T22:59", LONDON, False),
        ("2026-05-04T23:00", LONDON, True),
        ("2026-05-05T01:59", LONDON, True),
        ("2026-05-05T02:00", LONDON, False),
        ("2026-05-05T06:59", NEW_YORK, True),
        ("2026-05-05T07:00", NEW_YORK, False),
    ],
)
def test_from_midnight_to_three_done_may_mean_yesterday(instant: str, zone: str, late: bool) -> None:
    """R-32: local time."""
    assert workouts.late_evening(datetime.fromisoformat(instant).replace(tzinfo=UTC), zone) is late


@pytest.mark.parametrize(
    ("planned", "at", "zone", "due"),
    [
        (TODAY, "18:00", LONDON, "2026-05-04T16:45"),
        (TODAY, "18:00", KATHMANDU, "2026-05-04T12:00"),
        (TODAY, "09:02", LONDON, "2026-05-04T07:47"),  # its time has passed, the workout has not begun: at once
        (date(2026, 10, 25), "01:30", LONDON, "2026-10-25T00:15"),
        (TODAY, "09:01", LONDON, None),  # under two minutes left
        (TODAY, "08:00", LONDON, None),
        (date(2026, 5, 3), "18:00", LONDON, None),
        (TODAY, None, LONDON, None),
    ],
)
def test_when_to_remind(planned: date, at: str | None, zone: str, due: str | None) -> None:
    """J-4: 15 minutes before the planned time, not with under 2 minutes left."""
    expected = datetime.fromisoformat(due).replace(tzinfo=UTC) if due else None
    assert workouts.reminder_due(planned, at, zone, NOW) == expected


@pytest.mark.parametrize("duration", [None, 1, 45, 1440])
def test_a_duration_of_whole_minutes(duration: int | None) -> None:
    """R-21."""
    workouts.check_duration(duration)


@pytest.mark.parametrize("duration", [0, -1, 1441])
def test_a_duration_that_cannot_be(duration: int) -> None:
    with pytest.raises(Invalid, match=r"body\.duration"):
        workouts.check_duration(duration)
