"""The ladder of a missed call: when it is made again, and what is written instead (R-101, R-102)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ivy_engine.domain import zones
from ivy_engine.domain.calls.states import Then
from ivy_engine.domain.messages import QuietHours, is_quiet, welcome_at

RETRY_AFTER = timedelta(minutes=15)
CALL_BACK_AFTER = timedelta(minutes=60)
ATTEMPTS = 3
NEXT_CALL_NEAR = timedelta(minutes=30)
DAY_LOG_CHECK = time(20, 30)
MESSAGES_A_DAY = 3
TOLD_WITHIN = timedelta(hours=4)  # on another day than the call's: later, nobody wants to hear that we had rung

MISSED, OPTIONS, LOG_CHECK = "missed_call", "second_miss_options", "day_log_check"


@dataclass(frozen=True)
class Miss:
    """A call that has reached nobody. `reached` is whether the member was in touch meanwhile, or is away or resting."""

    then: Then
    attempt: int
    at: datetime
    now: datetime  # later than `at` when the provider told late
    local_date: date
    window_ends_at: datetime
    zone: str
    quiet: QuietHours
    inbound: bool
    reached: bool
    missed_before: bool  # an earlier attempt rang and was missed
    failed_before: bool  # the attempt before was a failure of the line
    next_call_at: datetime | None
    recovery: bool  # missed-call recovery (RULEBOOK 2.3)


@dataclass(frozen=True)
class Step:
    """When to call again, what to write now, when to ask about the day; `why_not` says why there is no further call."""

    retry_at: datetime | None = None
    message: str | None = None
    check_at: datetime | None = None
    why_not: str | None = None


def climb(miss: Miss) -> Step:
    """The next step. Without a further call the ladder is over, and says so once, unless the member was in touch."""
    at = max(miss.at + RETRY_AFTER, miss.now)
    why_not = _why_not(miss, at)
    rang = miss.then in (Then.AGAIN, Then.DECLINED)
    first = miss.recovery and rang and not miss.missed_before
    check = _check_at(miss) if first and not miss.reached else None
    if why_not is None:
        return Step(retry_at=at, message=OPTIONS if first else None, check_at=check)
    closing = (rang or miss.missed_before) and not miss.reached and not miss.inbound
    return Step(message=MISSED if closing else None, check_at=check, why_not=why_not)


def _why_not(miss: Miss, at: datetime) -> str | None:
    refusals = (
        ("declined", miss.then is Then.DECLINED),
        ("inbound", miss.inbound),
        ("in_touch", miss.reached),
        ("attempts", miss.attempt >= ATTEMPTS),
        ("failed_again", miss.then is not Then.AGAIN and miss.failed_before),
        ("window", at > miss.window_ends_at),
        ("quiet_hours", is_quiet(at, miss.zone, miss.quiet)),
        ("another_day", zones.local_date(at, miss.zone) != miss.local_date),
        ("next_call_near", miss.next_call_at is not None and miss.next_call_at - at < NEXT_CALL_NEAR),
    )
    return next((name for name, holds in refusals if holds), None)


def _check_at(miss: Miss) -> datetime | None:
    at = zones.instant_of(miss.local_date, DAY_LOG_CHECK, miss.zone)
    return at if at > miss.at else None


def call_back_at(ended: datetime, zone: str, quiet: QuietHours) -> datetime:
    """When to ring somebody who asked for another time: in an hour, or when the quiet hours are over."""
    return welcome_at(ended + CALL_BACK_AFTER, zone, quiet)
