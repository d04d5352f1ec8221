"""Which calls a local date holds, and at which instants (R-10, R-92 to R-96, R-99)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ivy_engine.domain.calls.planning import Rhythm, call_days, onboarding_slot, quota, slots, window_text

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
PLAIN = Rhythm(
    zone="Europe/London",
    morning="07:00",
    evening="20:00",
    weekly=None,
    weekly_enabled=True,
    quota=2,
    preferred=None,
    free=False,
)
# S-27: PRO, frequency 3 of which the tier allows 2, Monday, Wednesday and Friday
BUSY = replace(PLAIN, quota=2, preferred=("monday", "wednesday", "friday"))


def planned(rhythm: Rhythm, day: date, rest: bool = False) -> list[tuple[str, str]]:
    return [(slot.call_type, slot.at.astimezone(UTC).strftime("%m-%d %H:%M")) for slot in slots(rhythm, day, rest)]


@pytest.mark.parametrize(
    ("calls", "weekdays"),
    [
        (0, ()),
        (1, (MON,)),
        (2, (MON, THU)),
        (3, (MON, WED, FRI)),
        (4, (MON, TUE, THU, FRI)),
        (5, (MON, TUE, WED, THU, FRI)),
        (6, (MON, TUE, WED, THU, FRI, SAT)),
        (7, (MON, TUE, WED, THU, FRI, SAT, SUN)),
    ],
)
def test_call_days_by_quota(calls: int, weekdays: tuple[int, ...]) -> None:
    """R-92: without preferred days."""
    assert call_days(replace(PLAIN, quota=calls)) == set(weekdays)


@pytest.mark.parametrize(
    ("preferred", "calls", "weekdays"),
    [
        (("monday", "wednesday", "friday"), 3, (MON, WED, FRI)),
        (("monday", "wednesday", "friday"), 2, (MON, WED)),
        (("sunday", "saturday", "tuesday"), 2, (TUE, SAT)),
        (("sunday",), 1, (SUN,)),
        (("friday",), 4, (FRI,)),
        (("friday",), 0, ()),
    ],
)
def test_call_days_are_the_first_preferred_days_of_the_quota(
    preferred: tuple[str, ...], calls: int, weekdays: tuple[int, ...]
) -> None:
    """R-92, C-11: Monday first, in whatever order they were given."""
    assert call_days(replace(PLAIN, quota=calls, preferred=preferred)) == set(weekdays)


@pytest.mark.parametrize(("frequency", "tier", "effective"), [(3, 2, 2), (1, 7, 1), (7, 7, 7), (2, 0, 0)])
def test_the_quota_is_the_smaller_of_wish_and_tier(frequency: int, tier: int, effective: int) -> None:
    """RULEBOOK 2.2, C-9."""
    assert quota(frequency, tier) == effective


@pytest.mark.parametrize(
    ("day", "calls"),
    [
        (date(2026, 3, 23), [("MORNING_PLANNING", "03-23 07:00"), ("EVENING_REVIEW", "03-23 20:00")]),
        (date(2026, 3, 24), []),
        (date(2026, 3, 25), [("MORNING_PLANNING", "03-25 07:00"), ("EVENING_REVIEW", "03-25 20:00")]),
        (date(2026, 3, 27), []),  # the quota is used up
        (date(2026, 3, 29), [("WEEKLY_PLANNING", "03-29 17:00")]),  # 18:00 on the day the clocks went forward
        (date(2026, 3, 30), [("MORNING_PLANNING", "03-30 06:00"), ("EVENING_REVIEW", "03-30 19:00")]),
        (date(2026, 4, 5), [("MONTHLY_CHECKIN", "04-05 17:00")]),
    ],
)
def test_a_fortnight_across_the_change_of_clocks(day: date, calls: list[tuple[str, str]]) -> None:
    """S-27."""
    assert planned(BUSY, day) == calls


def test_a_time_that_does_not_exist() -> None:
    """S-28, R-96."""
    early = replace(PLAIN, zone="America/New_York", morning="02:30", evening=None, quota=1, preferred=("sunday",), free=True)
    assert planned(early, date(2026, 3, 8)) == [("MORNING_PLANNING", "03-08 07:30")]


def test_instants_far_from_greenwich() -> None:
    """R-96: the local date stays the member's."""
    far = replace(PLAIN, zone="Pacific/Kiritimati", quota=7)
    assert planned(far, date(2026, 5, 4)) == [("MORNING_PLANNING", "05-03 17:00"), ("EVENING_REVIEW", "05-04 06:00")]
    assert {slot.local_date for slot in slots(far, date(2026, 5, 4))} == {date(2026, 5, 4)}


@pytest.mark.parametrize(
    ("changes", "types"),
    [
        ({"evening": None}, ["MORNING_PLANNING"]),
        ({"morning": None}, ["EVENING_REVIEW"]),
        ({"morning": None, "evening": None}, []),
    ],
)
def test_each_call_needs_its_time(changes: dict[str, None], types: list[str]) -> None:
    """R-93."""
    assert [slot.call_type for slot in slots(replace(PLAIN, **changes), date(2026, 5, 4))] == types


def test_a_declared_rest_day_has_no_pair() -> None:
    """R-92."""
    assert planned(PLAIN, date(2026, 5, 4), rest=True) == []


SUNDAY, FIRST_SUNDAY = date(2026, 5, 10), date(2026, 5, 3)


@pytest.mark.parametrize(
    ("rhythm", "day", "types"),
    [
        (PLAIN, SUNDAY, ["WEEKLY_PLANNING"]),
        (PLAIN, FIRST_SUNDAY, ["MONTHLY_CHECKIN"]),
        (PLAIN, date(2026, 6, 7), ["MONTHLY_CHECKIN"]),  # the 7th is still the first Sunday
        (PLAIN, date(2026, 6, 14), ["WEEKLY_PLANNING"]),
        (replace(PLAIN, free=True), SUNDAY, []),
        (replace(PLAIN, weekly_enabled=False), SUNDAY, []),
        # a Sunday that is a call-day: the weekly call takes the evening's place
        (replace(PLAIN, quota=7), SUNDAY, ["MORNING_PLANNING", "WEEKLY_PLANNING"]),
        (replace(PLAIN, quota=7, free=True), SUNDAY, ["MORNING_PLANNING", "EVENING_REVIEW"]),
        (replace(PLAIN, quota=7, weekly_enabled=False), SUNDAY, ["MORNING_PLANNING", "EVENING_REVIEW"]),
    ],
)
def test_sundays(rhythm: Rhythm, day: date, types: list[str]) -> None:
    """R-94, C-12."""
    assert [slot.call_type for slot in slots(rhythm, day)] == types


@pytest.mark.parametrize(("weekly", "at"), [(None, "05-10 17:00"), ("09:30", "05-10 08:30")])
def test_when_the_weekly_call_is(weekly: str | None, at: str) -> None:
    """R-94: 18:00 local unless the member says otherwise."""
    assert planned(replace(PLAIN, weekly=weekly), SUNDAY) == [("WEEKLY_PLANNING", at)]


@pytest.mark.parametrize(
    ("rhythm", "now", "at"),
    [
        (PLAIN, "2026-05-04T05:00", "2026-05-04T06:00"),  # exactly 60 minutes ahead
        (PLAIN, "2026-05-04T05:01", "2026-05-05T06:00"),
        (PLAIN, "2026-05-04T08:00", "2026-05-05T06:00"),
        (replace(PLAIN, morning=None), "2026-05-04T08:00", "2026-05-04T19:00"),
        (replace(PLAIN, morning=None), "2026-05-04T18:30", "2026-05-05T19:00"),
        (replace(PLAIN, quota=0), "2026-05-04T08:00", "2026-05-05T06:00"),
        # the local date is already tomorrow's
        (replace(PLAIN, zone="Pacific/Kiritimati"), "2026-05-04T12:00", "2026-05-04T17:00"),
        # over the change of clocks
        (PLAIN, "2026-03-28T12:00", "2026-03-29T06:00"),
    ],
)
def test_the_first_call_of_all(rhythm: Rhythm, now: str, at: str) -> None:
    """R-10: the next morning time, else evening time, at least 60 minutes ahead."""
    instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
    slot = onboarding_slot(rhythm, instant)
    assert slot is not None
    assert slot.call_type == "ONBOARDING"
    assert slot.at == datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert slot.at - instant >= timedelta(minutes=60)


def test_no_first_call_without_a_call_time() -> None:
    """R-10."""
    assert onboarding_slot(replace(PLAIN, morning=None, evening=None), datetime(2026, 5, 4, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("at", "minutes", "text"), [("07:00", 90, "07:00-08:30"), ("23:30", 90, "23:30-01:00"), (None, 90, "not set")]
)
def test_a_window_as_the_voice_agent_is_told(at: str | None, minutes: int, text: str) -> None:
    """R-99, R-105."""
    assert window_text(at, minutes) == text
