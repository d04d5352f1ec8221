"""How long dialling stops, and what lets it go on (D-14)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivy_engine.domain.calls.halts import ACCOUNT, LINES, Halt, got_through, probed_by, refused

NOW = datetime(2026, 3, 23, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def refused_again_and_again(times: int) -> list[timedelta]:
    """Each call is dialled when the wait before it is over, and is refused for want of a line."""
    halt, now, waits = Halt(), NOW, []
    for _ in range(times):
        halt = refused(halt, LINES, now, now + timedelta(seconds=1))
        assert halt.at is not None
        assert halt.until is not None
        waits.append(halt.until - halt.at)
        now = halt.until
    return waits


def test_for_want_of_a_line_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    assert refused_again_and_again(7) == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE, 15 * MINUTE, 15 * MINUTE, 15 * MINUTE]


def test_a_crowd_that_was_dialled_together_counts_once() -> None:
    first = refused(Halt(), LINES, NOW, NOW + MINUTE)
    assert refused(first, LINES, NOW + MINUTE / 2, NOW + 2 * MINUTE) == first
    assert refused(first, LINES, NOW + MINUTE, NOW + 2 * MINUTE) == first


def test_a_call_that_rings_ends_it_and_the_next_wait_is_short_again() -> None:
    halt = refused(refused(Halt(), LINES, NOW, NOW), LINES, NOW + MINUTE, NOW + MINUTE)
    assert halt.waits == 2
    assert got_through(halt, NOW) == halt, "it was dialled before"
    assert got_through(halt, None) == halt
    assert got_through(halt, NOW + 3 * MINUTE) == Halt()
    again = refused(Halt(), LINES, NOW + 9 * MINUTE, NOW + 9 * MINUTE)
    assert again.until == NOW + 10 * MINUTE


def test_a_refused_account_waits_a_quarter_of_an_hour_each_time() -> None:
    halt = refused(Halt(), ACCOUNT, NOW, NOW)
    assert halt.until == NOW + 15 * MINUTE
    assert not halt.wants_probe(NOW + 14 * MINUTE)
    assert halt.wants_probe(NOW + 15 * MINUTE)
    probe = probed_by(halt, "call-1")
    again = refused(probe, ACCOUNT, NOW + 15 * MINUTE, NOW + 16 * MINUTE)
    assert (again.until, again.probe_id) == (NOW + 31 * MINUTE, None)


@pytest.mark.parametrize(("first", "second", "stays"), [(LINES, ACCOUNT, ACCOUNT), (ACCOUNT, LINES, ACCOUNT)])
def test_of_two_reasons_at_once_the_account_weighs_more(first: str, second: str, stays: str) -> None:
    assert refused(refused(Halt(), first, NOW, NOW), second, NOW, NOW).why == stays


def test_a_probe_that_finds_no_line_has_found_the_account_taken() -> None:
    halt = refused(refused(Halt(), ACCOUNT, NOW, NOW), LINES, NOW + 15 * MINUTE, NOW + 15 * MINUTE)
    assert (halt.why, halt.until) == (LINES, NOW + 16 * MINUTE)


def test_what_the_provider_asks_for_is_waited_for() -> None:
    """PROVIDERS 1.9: Retry-After, when it is longer than ours."""
    assert refused(Halt(), LINES, NOW, NOW, timedelta(seconds=5)).until == NOW + MINUTE
    assert refused(Halt(), LINES, NOW, NOW, 3 * MINUTE).until == NOW + 3 * MINUTE


@given(st.lists(st.tuples(st.sampled_from([ACCOUNT, LINES, "rings"]), st.integers(0, 40), st.integers(0, 10)), max_size=30))
def test_no_wait_is_longer_than_a_quarter_of_an_hour(told: list[tuple[str, int, int]]) -> None:
    """Whatever comes, in whatever order of dialling and telling."""
    halt, now = Halt(), NOW
    for what, before, after in told:
        now += after * MINUTE
        dialled = now - before * MINUTE
        halt = got_through(halt, dialled) if what == "rings" else refused(halt, what, dialled, now)
        assert halt.until is None or halt.until - now <= 15 * MINUTE
        assert (halt.until is None) == (halt.why is None)
