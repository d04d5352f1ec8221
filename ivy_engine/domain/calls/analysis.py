"""What the provider extracted from a conversation, read strictly: a value that does not fit is dropped (R-107)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from ivy_engine.domain.safety import CLASSES as SAFETY_CLASSES

Completion = Literal["completed", "partial", "missed", "rest", "unknown"]
Status = Literal["sick", "traveling", "paused"]
_COMPLETIONS: tuple[Completion, ...] = ("completed", "partial", "missed", "rest", "unknown")
_STATUSES: tuple[Status, ...] = ("sick", "traveling", "paused")
LONGEST_TEXT = 500
MOST_PLANS = 14


@dataclass(frozen=True)
class Plan:
    activity: str
    date: date | None
    time: str | None
    duration: int | None


@dataclass(frozen=True)
class Said:
    """The facts of one conversation that have an effect; a score is from 1 to 10."""

    plan: Plan | None = None
    next_plan: Plan | None = None
    week_plan: tuple[Plan, ...] = ()
    rest_day: bool = False
    completion: Completion = "unknown"
    completed_minutes: int | None = None
    skip_reason: str | None = None
    why_started: str | None = None
    minimum_action: str | None = None
    gift_frame: str | None = None
    energy: int | None = None
    mood: int | None = None
    health_confidence: int | None = None
    life_marker: str | None = None
    physical_change: str | None = None
    morning_time: str | None = None
    evening_time: str | None = None
    status: Status | None = None
    status_until: date | None = None
    safety_flag: str | None = None
    wants_human: bool = False
    wants_cancel: bool = False

    @property
    def contradictory(self) -> bool:
        """Two things about the day that cannot both be true: a person should look before anything is done about them."""
        done = self.completion in ("completed", "partial")
        return (done and self.rest_day) or (self.completion == "missed" and (self.rest_day or self.completed_minutes is not None))


def read(extracted: Mapping[str, Any]) -> Said:
    completion, status, flag = (extracted.get(name) for name in ("completion", "status_change", "safety_flag"))
    return Said(
        plan=_plan(extracted, "plan"),
        next_plan=_plan(extracted, "next_plan"),
        week_plan=tuple(_week(extracted.get("week_plan"))),
        rest_day=extracted.get("is_rest_day") is True or completion == "rest",
        completion=next((known for known in _COMPLETIONS if known == completion), "unknown"),
        completed_minutes=_minutes(extracted.get("completed_minutes")),
        skip_reason=_text(extracted.get("skip_reason")),
        why_started=_text(extracted.get("why_started")),
        minimum_action=_text(extracted.get("minimum_action")),
        gift_frame=_text(extracted.get("gift_frame")),
        energy=_score(extracted.get("energy")),
        mood=_score(extracted.get("mood")),
        health_confidence=_score(extracted.get("health_confidence")),
        life_marker=_text(extracted.get("life_marker")),
        physical_change=_text(extracted.get("physical_change")),
        morning_time=_time(extracted.get("new_morning_time")),
        evening_time=_time(extracted.get("new_evening_time")),
        status=next((known for known in _STATUSES if known == status), None),
        status_until=_date(extracted.get("status_until")),
        safety_flag=next((known for known in SAFETY_CLASSES if known == flag), None),
        wants_human=extracted.get("wants_human") is True,
        wants_cancel=extracted.get("wants_cancel") is True,
    )


def _week(value: Any) -> Iterator[Plan]:
    """The plans of `YYYY-MM-DD HH:MM activity; …`; a piece that does not fit is left out."""
    for piece in value.split(";")[:MOST_PLANS] if isinstance(value, str) else ():
        match = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?: (\d{1,2}:\d{2}))? (.+)", piece.strip(), re.ASCII | re.DOTALL)
        day, activity = (_date(match[1]), _text(match[3])) if match else (None, None)
        if match and day is not None and activity is not None:
            yield Plan(activity, day, _time(match[2]), None)


def _plan(extracted: Mapping[str, Any], prefix: str) -> Plan | None:
    activity = _text(extracted.get(f"{prefix}_activity"))
    if activity is None:
        return None
    return Plan(
        activity=activity,
        date=_date(extracted.get(f"{prefix}_date")),
        time=_time(extracted.get(f"{prefix}_time")),
        duration=_minutes(extracted.get(f"{prefix}_duration")),
    )


def _text(value: Any) -> str | None:
    return value.strip() if isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_TEXT else None


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _time(value: Any) -> str | None:
    match = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", value) if isinstance(value, str) else None
    return f"{int(match[1]):02d}:{match[2]}" if match else None


def _minutes(value: Any) -> int | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if number and 1 <= value <= 1440 and value == int(value) else None


def _score(value: Any) -> int | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if number and 1 <= value <= 10 and value == int(value) else None
