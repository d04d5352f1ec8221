"""When to try again after a failure that may pass: doubling from a first delay, up to an hour."""

from datetime import timedelta

LONGEST = timedelta(hours=1)


def delay(attempts: int, first: timedelta) -> timedelta:
    """How long to wait after `attempts` failed tries."""
    doublings = min(max(attempts - 1, 0), 16)
    return min(first * int(2**doublings), LONGEST)
