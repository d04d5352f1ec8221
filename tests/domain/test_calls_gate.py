"""The gate before dialling, as a function: each reason by itself, and what becomes of the call (R-91, R-95, R-98)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ivy_engine.domain.calls.gate import Decision, Facts, decide
from ivy_engine.domain.members import Standing

NOW = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
WHO = Standing(
    is_active=True, is_onboarded=True, subscription_status="active", past_due_since=None, has_phone=True, call_consent=True,
    message_consent=True, status="active", keep_structure=False, communication_preference="calls",
)  # fmt: skip
OPEN = Facts(
    now=NOW, scheduled_at=NOW, source="planner", who=WHO, in_season=True, number_unreachable=False, rest_day=False,
    safety_hold=False, quiet=False, window_ends_at=NOW + timedelta(minutes=90), in_touch=False, all_logged=False,
    over_quota=False, voice_on=True,
)  # fmt: skip


def test_nothing_in_the_way() -> None:
    assert decide(OPEN) == Decision()
    assert decide(OPEN).allowed


@pytest.mark.parametrize(
    ("change", "reason", "status", "outcome"),
    [
        ({"scheduled_at": NOW - timedelta(minutes=30, seconds=1)}, "expired", "FAILED", "expired"),
        ({"who": replace(WHO, is_active=False)}, "inactive", "CANCELLED", None),
        ({"who": replace(WHO, is_onboarded=False)}, "not_onboarded", "CANCELLED", None),
        ({"who": replace(WHO, subscription_status="paused")}, "subscription", "CANCELLED", None),
        ({"who": replace(WHO, has_phone=False)}, "no_phone", "CANCELLED", None),
        ({"who": replace(WHO, call_consent=None)}, "no_consent", "CANCELLED", None),
        ({"who": replace(WHO, call_consent=False)}, "no_consent", "CANCELLED", None),
        ({"who": replace(WHO, status="paused")}, "away", "CANCELLED", None),
        ({"who": replace(WHO, status="sick")}, "away", "CANCELLED", None),
        ({"who": replace(WHO, status="traveling")}, "away", "CANCELLED", None),
        ({"who": replace(WHO, communication_preference="async")}, "prefers_messages", "CANCELLED", None),
        ({"in_season": False}, "out_of_season", "CANCELLED", None),
        ({"safety_hold": True}, "safety_hold", "CANCELLED", None),
        ({"number_unreachable": True}, "number_unreachable", "CANCELLED", None),
        ({"rest_day": True}, "rest_day", "CANCELLED", None),
        ({"all_logged": True}, "already_logged", "CANCELLED", "already_logged"),
        ({"in_touch": True}, "in_touch", "CANCELLED", None),
        ({"over_quota": True}, "quota", "CANCELLED", None),
        ({"source": "retry", "quiet": True}, "quiet_hours", "CANCELLED", None),
        ({"source": "retry", "window_ends_at": NOW - timedelta(minutes=31)}, "window", "CANCELLED", None),
        ({"source": "retry", "window_ends_at": NOW - timedelta(seconds=1)}, "window", "CANCELLED", None),
        ({"voice_on": False}, "voice_off", "FAILED", "error"),
    ],
)
def test_each_reason(change: dict[str, Any], reason: str, status: str, outcome: str | None) -> None:
    assert decide(replace(OPEN, **change)) == Decision((reason,), status, outcome)


@pytest.mark.parametrize(
    "change",
    [
        {"scheduled_at": NOW - timedelta(minutes=30)},
        {"who": replace(WHO, status="traveling", keep_structure=True)},
        {"who": replace(WHO, subscription_status="past_due", past_due_since=NOW - timedelta(days=7))},
        {"quiet": True},
        {"source": "api", "quiet": True, "window_ends_at": NOW - timedelta(hours=2)},
    ],
)
def test_what_is_no_reason(change: dict[str, Any]) -> None:
    assert decide(replace(OPEN, **change)).allowed


@pytest.mark.parametrize(
    ("change", "of_the_hour"),
    [
        ({"source": "retry", "quiet": True}, True),
        ({"source": "retry", "window_ends_at": NOW - timedelta(seconds=1), "scheduled_at": NOW - timedelta(hours=1)}, True),
        ({"source": "retry", "quiet": True, "in_touch": True}, False),
        ({}, False),
    ],
)
def test_whether_only_the_hour_stands_against_it(change: dict[str, Any], of_the_hour: bool) -> None:
    """D-7: such a retry ends its ladder with a word; one that nobody wants any more does not."""
    assert decide(replace(OPEN, **change)).only_for_the_hour is of_the_hour


def test_every_reason_is_named_and_lateness_says_what_becomes_of_it() -> None:
    late = replace(OPEN, scheduled_at=NOW - timedelta(hours=1))
    assert decide(replace(late, voice_on=False)) == Decision(("expired", "voice_off"), "FAILED", "expired")
    assert decide(replace(late, who=replace(WHO, status="sick"))) == Decision(("expired", "away"), "CANCELLED")
    assert decide(replace(late, all_logged=True)) == Decision(("expired", "already_logged"), "CANCELLED", "already_logged")
    assert decide(replace(OPEN, rest_day=True, voice_on=False)).status == "CANCELLED"
