"""Companies: when their programme runs (R-133)."""

from datetime import date


def in_season(start: date | None, end: date | None, today: date) -> bool:
    """The season's end is exclusive; without dates there is no season to be outside of."""
    return not ((start is not None and today < start) or (end is not None and today >= end))
