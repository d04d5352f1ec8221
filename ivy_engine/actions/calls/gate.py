"""What the gate before dialling looks at, and its decision as a row (R-91)."""

from datetime import date, datetime, timedelta

from ivy_engine.actions import wallets
from ivy_engine.domain import companies as programmes
from ivy_engine.domain import messages as message_rules
from ivy_engine.domain import zones
from ivy_engine.domain.calls import gate
from ivy_engine.domain.calls.planning import EVENING, MORNING, quota
from ivy_engine.engine import Ivy
from ivy_engine.store import call_decisions, companies
from ivy_engine.store import calls as call_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store import streaks as day_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.calls import Call
from ivy_engine.store.members import Member

OF_THE_DAY = (MORNING, EVENING)


def decide(ivy: Ivy, call: Call, member: Member, now: datetime) -> gate.Decision:
    """The decision about a call that is due, kept with its reasons. Inside a write."""
    decision = gate.decide(facts_of(ivy, call, member, now))
    call_decisions.add(ivy.clock.new_id(), call.id, now, decision)
    return decision


def facts_of(ivy: Ivy, call: Call, member: Member, now: datetime) -> gate.Facts:
    zone = member_rows.clock_zone(member)
    quiet = message_rules.quiet_hours(ivy.settings.rules.quiet_hours)
    return gate.Facts(
        now=now,
        scheduled_at=call.scheduled_at,
        source=call.source,
        who=member_rows.standing(member),
        in_season=_in_season(member, zones.local_date(now, member.timezone)),
        number_unreachable=member.phone_unreachable,
        rest_day=_rests(call) and day_rows.rest_declared(member.id, call.local_date),
        safety_hold=member.hold_since is not None,
        quiet=message_rules.is_quiet(now, zone, quiet),
        window_ends_at=window_end(ivy, call),
        in_touch=_in_touch_since_the_miss(call, member),
        all_logged=call.call_type == EVENING and call.source == "planner" and _logged_and_written(call, member),
        over_quota=call.call_type in OF_THE_DAY
        and call.source == "planner"
        and call.dialled_at is None  # one that is tried again is among those that count
        and _over_quota(ivy, call, member),
        voice_on=ivy.providers.voice is not None,
    )


def _rests(call: Call) -> bool:
    """Whether a rest day stands against the call: the day's own, and whatever is tried again (R-92, R-101.4)."""
    return call.source == "retry" or (call.call_type in OF_THE_DAY and call.source == "planner")


def window_end(ivy: Ivy, call: Call) -> datetime:
    """Until when the call, or a retry of it, may begin (R-99)."""
    own: datetime = call.scheduled_at + timedelta(minutes=ivy.settings.rules.call_window_minutes)
    return call.window_ends_at or own


def _in_season(member: Member, today: date) -> bool:
    company = companies.by_id(member.company_id) if member.subscription_tier == "B2B" and member.company_id else None
    return company is None or programmes.in_season(company.season_start_date, company.season_end_date, today)


def in_touch(member: Member, since: datetime) -> bool:
    """Whether the member has written or logged something since."""
    return message_rows.heard_since(member.id, since) or workout_rows.logged_since(member.id, since)


def _in_touch_since_the_miss(call: Call, member: Member) -> bool:
    missed = call_rows.by_id(call.retry_of_id) if call.source == "retry" and call.retry_of_id else None
    return missed is not None and in_touch(member, missed.dialled_at or missed.scheduled_at)


def _logged_and_written(call: Call, member: Member) -> bool:
    """Every workout of the day is over, and the member has said so by message (R-95)."""
    day = workout_rows.planned_on(member.id, call.local_date)
    begun = zones.day_start(call.local_date, member.timezone)
    return bool(day) and all(row.status != "PLANNED" for row in day) and message_rows.heard_since(member.id, begun)


def _over_quota(ivy: Ivy, call: Call, member: Member) -> bool:
    """The week's call-days are used up; with `rules.quota_unit = "call"`, its calls (R-92, C-11)."""
    monday, next_monday = zones.week_of(call.local_date)
    made = call_rows.dialled_days(member.id, monday, next_monday)
    allowed = quota(member.call_frequency, wallets.terms(ivy, member).call_days)
    if ivy.settings.rules.quota_unit == "call":
        return len(made) >= allowed
    return call.local_date not in made and len(set(made)) >= allowed
