"""When to try again: doubling, up to an hour (R-102, R-110)."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivy_engine.domain.retries import LONGEST, delay

STEADY = settings(derandomize=True, deadline=None)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 2), (1, 2), (2, 4), (3, 8), (4, 16), (11, 2048), (12, 3600), (10_000, 3600)]
)
def test_from_two_seconds_up_to_an_hour(attempts: int, seconds: int) -> None:
    """R-102: 2, 4, 8 seconds."""
    assert delay(attempts, 2 * SECOND) == seconds * SECOND


@STEADY
@given(st.integers(0, 10**9), st.timedeltas(SECOND, LONGEST))
def test_never_shorter_than_before_and_never_too_long(attempts: int, first: timedelta) -> None:
    now_is, following = delay(attempts, first), delay(attempts + 1, first)
    assert first <= now_is <= following <= LONGEST
