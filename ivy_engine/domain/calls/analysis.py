"""What the provider extracted from a conversation, read strictly: a value that does not fit is dropped (R-107)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Completion = Literal["completed", "partial", "missed", "rest", "unknown"]
_COMPLETIONS: tuple[Completion, ...] = ("completed", "partial", "missed", "rest", "unknown")
LONGEST_TEXT = 500


@dataclass(frozen=True)
class Plan:
    activity: str
    date: date | None
    time: str | None
    duration: int | None


@dataclass(frozen=True)
class Said:
    """The facts of one conversation that have an effect."""

    plan: Plan | None
    next_plan: Plan | None
    rest_day: bool
    completion: Completion
    completed_minutes: int | None
    skip_reason: str | None
    why_started: str | None
    minimum_action: str | None


def read(extracted: Mapping[str, Any]) -> Said:
    completion = extracted.get("completion")
    return Said(
        plan=_plan(extracted, "plan"),
        next_plan=_plan(extracted, "next_plan"),
        rest_day=extracted.get("is_rest_day") is True or completion == "rest",
        completion=next((known for known in _COMPLETIONS if known == completion), "unknown"),
        completed_minutes=_minutes(extracted.get("completed_minutes")),
        skip_reason=_text(extracted.get("skip_reason")),
        why_started=_text(extracted.get("why_started")),
        minimum_action=_text(extracted.get("minimum_action")),
    )


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
