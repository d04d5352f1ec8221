"""The gate before dialling: whether a call may be made now, and every reason why not (R-91, R-92, R-95, R-98, R-99, R-116)."""

from dataclasses import dataclass
from datetime import datetime

from ivy_engine.domain import pauses
from ivy_engine.domain.calls.states import CANCELLED, FAILED, LATE_TOLERANCE
from ivy_engine.domain.members import Standing, subscription_usable

OF_THE_HOUR = frozenset({"expired", "quiet_hours", "window"})
WITH_EXPIRED = OF_THE_HOUR | {"voice_off"}  # a call that was not wanted for any other reason is not told of as missed
CHOSEN_TIMES = ("planner", "api", "rescue")  # the member has set the time: no quiet hours, no window


@dataclass(frozen=True)
class Facts:
    """Everything the decision depends on, at one moment."""

    now: datetime
    scheduled_at: datetime
    source: str
    who: Standing
    in_season: bool
    number_unreachable: bool
    rest_day: bool  # declared for the call's date, and the call belongs to the day
    safety_hold: bool
    quiet: bool
    window_ends_at: datetime
    in_touch: bool  # a retry, and the member was in touch since the miss
    all_logged: bool  # an evening review of a day on which nothing is open and the member has written
    over_quota: bool
    voice_on: bool


@dataclass(frozen=True)
class Decision:
    """Made now, or why not: every reason, and the status and outcome the call ends with."""

    reasons: tuple[str, ...] = ()
    status: str | None = None
    outcome: str | None = None

    @property
    def allowed(self) -> bool:
        return not self.reasons

    @property
    def only_for_the_hour(self) -> bool:
        """It is the time of day that stands against it, and nothing about the member."""
        return bool(self.reasons) and OF_THE_HOUR.issuperset(self.reasons)


def decide(facts: Facts) -> Decision:
    """Pure: the same facts, the same decision."""
    reasons = tuple(name for name, holds in _reasons(facts) if holds)
    if not reasons:
        return Decision()
    if "expired" in reasons and WITH_EXPIRED.issuperset(reasons):
        return Decision(reasons, FAILED, "expired")
    if reasons == ("voice_off",):
        return Decision(reasons, FAILED, "error")
    return Decision(reasons, CANCELLED, "already_logged" if "already_logged" in reasons else None)


def _reasons(facts: Facts) -> tuple[tuple[str, bool], ...]:
    who, chosen = facts.who, facts.source in CHOSEN_TIMES
    return (
        ("expired", facts.now - facts.scheduled_at > LATE_TOLERANCE),
        ("inactive", not who.is_active),
        ("not_onboarded", not who.is_onboarded),
        ("subscription", not subscription_usable(who.subscription_status, who.past_due_since, facts.now)),
        ("no_phone", not who.has_phone),
        ("no_consent", who.call_consent is not True),
        ("away", pauses.withheld(who.status, who.keep_structure)),
        ("prefers_messages", who.communication_preference == "async"),
        ("out_of_season", not facts.in_season),
        ("safety_hold", facts.safety_hold),
        ("number_unreachable", facts.number_unreachable),
        ("rest_day", facts.rest_day),
        ("already_logged", facts.all_logged),
        ("in_touch", facts.in_touch),
        ("quota", facts.over_quota),
        ("quiet_hours", facts.quiet and not chosen),
        ("window", not chosen and facts.now > facts.window_ends_at),
        ("voice_off", not facts.voice_on),
    )
