"""Rates as the settings write them: how often within how many seconds."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Rate:
    times: int
    within: timedelta


def rate(text: str) -> Rate | None:
    """`5/900` is five times in 900 seconds; `off` is no limit."""
    if text == "off":
        return None
    times, seconds = text.split("/")
    return Rate(int(times), timedelta(seconds=int(seconds)))
