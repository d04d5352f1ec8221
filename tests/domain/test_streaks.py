"""The streak is the walk of R-38 over local dates, whatever the days were."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivy_engine.domain.members import WEEKDAYS
from ivy_engine.domain.streaks import EXCUSES, Calendar, Days, Kind, counted_rest, streak

STEADY = settings(derandomize=True, deadline=None, max_examples=200)
MON_WED_FRI = ("monday", "wednesday", "friday")


def may(*days: int) -> frozenset[date]:
    """Dates of May 2026; the 4th is a Monday."""
    return frozenset(date(2026, 5, day) for day in days)


def on(day: int) -> date:
    return date(2026, 5, day)


EXAMPLES = [
    # what it shows, the days, today, current streak, longest
    ("nothing was ever done", Days(may()), 4, 0, 0),
    ("done today", Days(may(4)), 4, 1, 1),
    ("R-33: today itself does not break", Days(may(3, 4)), 5, 2, 2),
    ("S-10: a whole day without anything breaks", Days(may(4)), 6, 0, 1),
    ("S-10: a completion after the gap begins again", Days(may(4, 6)), 6, 1, 1),
    ("R-38: a gap between runs", Days(may(1, 2, 3, 5)), 5, 1, 3),
    ("S-12: a skip today ends the run at once", Days(may(4, 5, 6), broken=may(7)), 7, 0, 3),
    ("S-12: a skip on an active day does not", Days(may(8), broken=may(8)), 8, 1, 1),
    ("R-36: a later completion revives the run", Days(may(4, 5, 6), broken=may(5)), 6, 3, 3),
    ("R-36: a skip of a future date waits until the date comes", Days(may(4), broken=may(5)), 4, 1, 1),
    ("S-13: a missed workout breaks", Days(may(4), broken=may(5)), 6, 0, 1),
    ("S-34: a rest day joins", Days(may(4, 6), rest=may(5)), 6, 2, 2),
    ("R-38: a rest day is asked before a skip of that date", Days(may(4, 6), broken=may(5), rest=may(5)), 6, 2, 2),
    ("R-34 a, d, f: an excused day joins", Days(may(4, 7), excused=dict.fromkeys(may(5, 6), "status")), 7, 2, 2),
    (
        "R-38: an excused day is asked before a miss of that date",
        Days(may(4, 6), broken=may(5), excused=dict.fromkeys(may(5), "zone")),
        6,
        2,
        2,
    ),
    ("S-11: strict without preferred days", Days(may(4, 6, 8, 11)), 11, 1, 1),
    ("S-11: other weekdays are excused", Days(may(4, 6, 8, 11), preferred=MON_WED_FRI), 11, 4, 4),
    ("R-34 c: unless what was planned there was skipped", Days(may(4, 6), broken=may(5), preferred=MON_WED_FRI), 6, 1, 1),
    ("R-34 c: a preferred weekday without anything breaks", Days(may(4, 8), preferred=MON_WED_FRI), 8, 1, 1),
    ("R-34 c: today outside the preferred days, skipped", Days(may(4), broken=may(5), preferred=MON_WED_FRI), 5, 0, 1),
    ("R-35: a day closed as excused stays excused", Days(may(4, 6), closed={on(5): True}), 6, 2, 2),
    (
        "R-35: a day closed as required stays required",
        Days(may(4, 6), closed={on(5): False}, preferred=MON_WED_FRI),
        6,
        1,
        1,
    ),
    ("R-34 e: nothing before the first active day counts", Days(may(4), rest=may(2, 3), broken=may(1)), 4, 1, 1),
    ("D-15: two rest days join", Days(may(4, 7), rest=may(5, 6)), 7, 2, 2),
    ("D-15: of three rest days the latest does not excuse", Days(may(4, 8), rest=may(5, 6, 7)), 8, 1, 1),
    ("R-34 b: none excuses when the setting says so", Days(may(4, 6), rest=may(5), rest_per_7=0), 6, 1, 1),
    ("D-1: after a flight west over the date line", Days(may(4, 5, 6)), 5, 3, 3),
    ("D-1: a date missing before the latest active day breaks", Days(may(4, 6)), 4, 1, 1),
    ("R-40: an older run stays the longest", Days(may(1, 2, 3, 6, 7)), 7, 2, 3),
]


@pytest.mark.parametrize(("days", "today", "current", "longest"), [row[1:] for row in EXAMPLES], ids=[row[0] for row in EXAMPLES])
def test_examples_of_the_walk(days: Days, today: int, current: int, longest: int) -> None:
    now_is = streak(days, on(today))
    assert (now_is.current, now_is.longest) == (current, longest)


def test_first_and_last_active_day_of_both_runs() -> None:
    """R-40, R-41: the runs are told by their active days, excused days at their ends are not part of them."""
    now_is = streak(Days(may(1, 2, 3, 9, 11), rest=may(4, 10, 12)), on(12))
    assert (now_is.longest, now_is.longest_start, now_is.longest_end) == (3, on(1), on(3))
    assert (now_is.current, now_is.current_start, now_is.last_workout) == (2, on(9), on(11))


def test_a_broken_streak_has_no_start_and_keeps_its_last_workout() -> None:
    now_is = streak(Days(may(4)), on(9))
    assert (now_is.current, now_is.current_start, now_is.last_workout) == (0, None, on(4))


@pytest.mark.parametrize(
    ("declared", "excuse"),
    [
        ((5, 6, 7), (5, 6)),
        ((5, 6, 11), (5, 6)),
        ((5, 6, 12), (5, 6, 12)),
        ((5, 6, 12, 13), (5, 6, 12, 13)),
        ((5, 12, 19), (5, 12, 19)),
    ],
)
def test_at_most_two_rest_days_in_any_seven_dates(declared: tuple[int, ...], excuse: tuple[int, ...]) -> None:
    """R-34 b, D-15: seven consecutive dates run from the 5th to the 11th."""
    assert counted_rest(may(*declared), 2) == may(*excuse)


@pytest.mark.parametrize(
    ("day", "kind"),
    [(4, Kind.ACTIVE), (5, Kind.EXCUSED), (6, Kind.BROKEN), (7, Kind.BROKEN), (8, Kind.OPEN), (9, Kind.BROKEN)],
)
def test_what_a_date_was(day: int, kind: Kind) -> None:
    """R-38: the table of kinds; a date after today is neither open nor excused."""
    assert Calendar(Days(may(4), broken=may(6), rest=may(5)), on(8)).kind(on(day)) is kind


# R-38 again, literally and day by day, to compare with


def literal_rest(days: Days) -> frozenset[date]:
    """R-34 b and D-15, asked of each date with the six dates before it."""
    counted: set[date] = set()
    for day in _dates(min(days.rest, default=on(1)), max(days.rest, default=on(1))):
        before = sum(day - timedelta(back) in counted for back in range(1, 7))
        if day in days.rest and before < days.rest_per_7:
            counted.add(day)
    return frozenset(counted)


def literal_kind(days: Days, rest: frozenset[date], day: date, today: date) -> str:
    if day in days.active:
        return "ACTIVE"
    if day in rest or day in days.excused:
        return "EXCUSED"
    if day in days.broken:
        return "BROKEN"
    not_preferred = days.preferred is not None and WEEKDAYS[day.weekday()] not in days.preferred
    if days.closed.get(day, not_preferred):
        return "EXCUSED"
    return "OPEN" if day == today else "BROKEN"


def literal_walk(days: Days, begin: date, today: date) -> int:
    """From `begin` day by day back to the first active day."""
    rest = literal_rest(days)
    met, day = 0, begin
    while days.active and day >= min(days.active):
        kind = literal_kind(days, rest, day, today)
        if kind == "BROKEN":
            break
        met += kind == "ACTIVE"
        day -= timedelta(1)
    return met


def _dates(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(offset) for offset in range((last - first).days + 1))


_AROUND = st.sampled_from(list(_dates(on(1), on(24))))
_SOME = st.frozensets(_AROUND, max_size=6)
_MANY_DAYS = st.builds(
    Days,
    active=st.frozensets(_AROUND, max_size=16),
    broken=_SOME,
    rest=_SOME,
    excused=st.dictionaries(_AROUND, st.sampled_from(sorted(EXCUSES)), max_size=6),
    closed=st.dictionaries(_AROUND, st.booleans(), max_size=6),
    preferred=st.none() | st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=6, unique=True).map(tuple),
    rest_per_7=st.integers(0, 3),
)


@STEADY
@given(_MANY_DAYS, _AROUND)
def test_the_streak_is_the_walk_whatever_the_days_were(days: Days, today: date) -> None:
    """R-33, R-38, R-39, D-1: recomputed from scratch, day by day."""
    begin = max({today, *days.active})
    assert streak(days, today).current == literal_walk(days, begin, today)


@STEADY
@given(_MANY_DAYS, _AROUND)
def test_the_longest_run_is_the_longest_walk(days: Days, today: date) -> None:
    """R-40: no walk back from any active day is longer, and the dates given are those of such a walk."""
    now_is = streak(days, today)
    walks = {day: literal_walk(days, day, today) for day in days.active}
    assert now_is.longest == max(walks.values(), default=0)
    if now_is.longest_start and now_is.longest_end:
        assert walks[now_is.longest_end] == now_is.longest
        assert walks[now_is.longest_start] == 1
    assert now_is.current <= now_is.longest
