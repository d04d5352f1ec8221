"""Times and plans in members' words (R-106, R-114.12)."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivy_engine.domain.inbound import plans, times

LONDON = "Europe/London"
MORNING = datetime(2026, 5, 4, 7, tzinfo=UTC)  # 08:00 in London, a Monday
TODAY, TOMORROW = date(2026, 5, 4), date(2026, 5, 5)


@pytest.mark.parametrize(
    ("text", "activity", "at", "day"),
    [
        ("Swim at 18:00", "Swim", "18:00", TODAY),
        ("yoga at 7", "Yoga", "19:00", TODAY),  # seven in the morning has passed
        ("Yoga 7pm", "Yoga", "19:00", TODAY),
        ("run at 9", "Run", "09:00", TODAY),
        ("row tomorrow at 6", "Row", "06:00", TOMORROW),
        ("I'll do 30 min spin after work", "30 min spin after work", None, TODAY),
        ("guitar practice half past six", "Guitar practice", "18:30", TODAY),
        ("read 20 pages, 9pm in bed", "Read 20 pages, in bed", "21:00", TODAY),
        ("5 pages", "5 pages", None, TODAY),
        ("at 7", "Workout", "19:00", TODAY),
        ("stretch at 12", "Stretch", "12:00", TODAY),
        ("meditate 06:30", "Meditate", "06:30", TODAY),  # what was written exactly is not turned around
        ("Tomorrow: swim", "Swim", None, TOMORROW),
    ],
)
def test_a_plan_has_an_activity_and_perhaps_a_time(text: str, activity: str, at: str | None, day: date) -> None:
    found = plans.read(text, MORNING, LONDON)
    assert (found.activity, found.at, found.day) == (activity, at, day)


@pytest.mark.parametrize(
    ("text", "at", "sure"),
    [
        ("call me at 6", time(6), False),
        ("call me at 18:30", time(18, 30), True),
        ("call me at 6pm", time(18), True),
        ("at 12am", time(0), True),
        ("around 7 o'clock", time(7), False),
        ("quarter to eight", time(7, 45), False),
        ("at 06:00", time(6), True),
    ],
)
def test_times_of_day(text: str, at: time, sure: bool) -> None:
    found = times.find(text)
    assert found is not None
    assert (found.at, found.sure) == (at, sure)


@pytest.mark.parametrize("text", ["call me", "5 pages", "30 minutes", "at 25", "13pm", "in 10 minutes", "3x10 squats", "10k"])
def test_what_is_no_time(text: str) -> None:
    assert times.find(text) is None


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("at 6", "2026-05-04T17:00"),  # the next six o'clock is in the evening
        ("at 9", "2026-05-04T08:00"),
        ("at 8am", "2026-05-05T07:00"),  # it is eight now
        ("at 06:00", "2026-05-05T05:00"),
        ("tomorrow at 6", "2026-05-05T05:00"),
        ("at 20:15", "2026-05-04T19:15"),
    ],
)
def test_the_next_time_that_the_clock_says_so(text: str, instant: str) -> None:
    found = times.find(text)
    assert found is not None
    assert times.next_instant(found, MORNING, LONDON) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


@given(st.text(max_size=60))
def test_every_text_can_be_a_plan(text: str) -> None:
    """Whatever is written: there is an activity, and a time of day if there is one."""
    found = plans.read(text, MORNING, LONDON)
    assert found.activity
    assert found.at is None or time.fromisoformat(found.at)
    assert found.day in (TODAY, TOMORROW)
