"""Times in what members write: "at 6", "18:30", "7pm", "half past six", "tomorrow" (R-106, R-114.12)."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ivy_engine.domain import zones

_HOURS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
          "eleven": 11, "twelve": 12}  # fmt: skip
_SPELT = "|".join(_HOURS)
_CLOCK = re.compile(
    rf"(?:\b(?:at|around|by|from|about) )?(?<![\d.:])(?:(?P<past>half past|quarter past|quarter to) )?"
    rf"(?P<hour>\d{{1,2}}|{_SPELT})(?:[:.](?P<minute>[0-5]\d))?(?:h\b| ?o'?clock)?(?: ?(?P<half>am|pm|a\.m\.|p\.m\.))?(?![\d:])"
)
_MARKED = re.compile(r"\b(?:at|around|from|by|about) |half past|quarter|[:.]\d\d|am\b|pm\b|a\.m|p\.m|o'?clock|\dh\b")
_MINUTES = {"half past": 30, "quarter past": 15, "quarter to": -15}
_LATER_DAY = re.compile(r"\btomorrow\b")


@dataclass(frozen=True)
class Found:
    """A time of day in a text, whether its half of the day was said, where it stands, and whether it is for tomorrow."""

    at: time
    sure: bool
    span: tuple[int, int]
    tomorrow: bool


def find(said: str) -> Found | None:
    """The first time of day in a plain text. A number alone ("5 pages") is none; one behind "at" is."""
    for match in _CLOCK.finditer(said):
        if _MARKED.search(match[0] + said[match.end() : match.end() + 1]) and (at := _time_of(match)) is not None:
            half, hour = match["half"], match["hour"]
            sure = half is not None or (match["past"] is None and hour.isdigit() and (int(hour) > 12 or len(hour) == 2))
            return Found(at, sure, match.span(), _LATER_DAY.search(said) is not None)
    return None


def _time_of(match: re.Match[str]) -> time | None:
    hour = int(match["hour"]) if match["hour"].isdigit() else _HOURS[match["hour"]]
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"].startswith("p") else 0)
    if hour > 23:
        return None
    minutes = hour * 60 + int(match["minute"] or 0) + _MINUTES.get(match["past"] or "", 0)
    return time(minutes // 60 % 24, minutes % 60)


def next_instant(found: Found, now: datetime, zone: str) -> datetime:
    """When that time comes next in a zone: today if it is still to come, in the other half of the day if that was not said."""
    today = zones.local_date(now, zone)
    days = (today + zones.DAY,) if found.tomorrow else (today, today + zones.DAY)
    for day in days:
        for at in _halves(found):
            instant = zones.instant_of(day, at, zone)
            if instant > now:
                return instant
    return zones.instant_of(today + zones.DAY, found.at, zone)


def _halves(found: Found) -> tuple[time, ...]:
    later = found.at.replace(hour=found.at.hour + 12) if not found.sure and found.at.hour < 12 else None
    return (found.at, later) if later else (found.at,)


_IN = re.compile(r"\bin (?:about )?(?P<number>\d{1,3}|an?|half an|one|two|three) ?(?P<unit>min|mins|minutes?|h|hrs?|hours?)\b")
_NUMBERS = {"a": 1.0, "an": 1.0, "one": 1.0, "half an": 0.5, "two": 2.0, "three": 3.0}
LONGEST_WAIT = timedelta(hours=12)
EVENING = re.compile(r"\b(?:tonight|this evening|in the evening)\b")
LATER = re.compile(r"\b(?:later|in a bit|in a while|afterwards)\b")


def after(said: str) -> timedelta | None:
    """The wait that a plain text names ("in an hour", "in 20 minutes"); None if it names none, or one of more than half a day."""
    match = _IN.search(said)
    if match is None:
        return None
    number = _NUMBERS.get(match["number"]) or float(match["number"])
    wait = timedelta(hours=number) if match["unit"].startswith("h") else timedelta(minutes=number)
    return wait if timedelta(0) < wait <= LONGEST_WAIT else None


def tomorrow(said: str) -> bool:
    return _LATER_DAY.search(said) is not None


def day_of(found: Found | None, said: str, today: date) -> date:
    """The date that a plan is for."""
    tomorrow = found.tomorrow if found else _LATER_DAY.search(said) is not None
    return today + zones.DAY if tomorrow else today
