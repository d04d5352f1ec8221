"""What follows when a call ends: another one, a message, or the end of the ladder (R-101, R-102)."""

from datetime import datetime, timedelta

from ivy_engine import fault_points
from ivy_engine.actions import consents
from ivy_engine.actions.calls import gate
from ivy_engine.actions.messages import writing
from ivy_engine.domain import messages as message_rules
from ivy_engine.domain import pauses, zones
from ivy_engine.domain.calls import ladder, states
from ivy_engine.domain.calls.states import Then
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import companies
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store import streaks as day_rows
from ivy_engine.store.calls import Call
from ivy_engine.store.members import Member

RECOVERY_TIERS = ("ELITE", "CONCIERGE")


def has_recovery(member: Member) -> bool:
    """Missed-call recovery (RULEBOOK 2.3); of the companies', the premium plan has it."""
    if member.subscription_tier == "B2B":
        company = companies.by_id(member.company_id) if member.company_id else None
        return company is not None and company.plan_type == "premium"
    return member.subscription_tier in RECOVERY_TIERS


def ended(ivy: Ivy, call: Call, then: Then, now: datetime) -> None:
    """Whatever the end of a call leads to, once. Inside the write that ends it."""
    member = member_rows.by_id(call.member_id)
    if member is None or not member.is_active or then is Then.NOTHING:
        return
    if then is Then.WITHDRAW:
        consents.record(ivy, member, "calls", False, "call", now)
    elif then is Then.WRONG_NUMBER:
        _number_is_wrong(ivy, member, now)
    elif then is Then.CALL_BACK:
        _call_back(ivy, call, member, now)
    else:
        _climb(ivy, call, member, then, now)


def given_up(ivy: Ivy, call: Call, now: datetime) -> None:
    """A call that came too late to be made, or a retry that may not be made any more, is told of as a missed one (R-98, D-7).

    Inside a write.
    """
    member = member_rows.by_id(call.member_id)
    since = _first(call).dialled_at or _first(call).scheduled_at
    if member is not None and member.is_active and not gate.in_touch(member, since):
        _say_missed(ivy, member, call, now)


def in_touch(member_id: str, now: datetime) -> int:
    """The member has replied or logged something: what is left of the ladder is not climbed. Inside a write."""
    cancelled = call_rows.cancel_retries(member_id, now)
    fault_points.reach("ladder.in_touch")
    return cancelled


def _number_is_wrong(ivy: Ivy, member: Member, now: datetime) -> None:
    if not member.phone_unreachable:
        member.phone_unreachable, member.updated_at = True, now
        member_rows.save(member)
        writing.queue_mail(ivy, member, "unreachable_number", {"name": member.first_name})
    call_rows.cancel_scheduled(member.id, now)


def _call_back(ivy: Ivy, call: Call, member: Member, now: datetime) -> None:
    """Unless a planned call is about to come anyhow, which is the call back then."""
    zone = member_rows.clock_zone(member)
    at = max(ladder.call_back_at(_when(call, now), zone, writing.quiet_hours(ivy)), now)
    planned = call_rows.next_planned(member.id, now)
    if planned is None or abs(planned - at) > ladder.CALL_BACK_AFTER:
        _again(ivy, call, "callback", at, at + timedelta(minutes=ivy.settings.rules.call_window_minutes), now, zone)


def _climb(ivy: Ivy, call: Call, member: Member, then: Then, now: datetime) -> None:
    step = ladder.climb(_miss(ivy, call, member, then, now))
    if step.retry_at is not None:
        _again(ivy, call, "retry", step.retry_at, gate.window_end(ivy, call), now, member_rows.clock_zone(member))
        fault_points.reach("ladder.retry")
    if step.message == ladder.MISSED:
        _say_missed(ivy, member, call, now)
    elif step.message is not None:
        _write(ivy, member, call, step.message, {}, f"{step.message}:{call.id}")
    if step.check_at is not None:
        about = f"{ladder.LOG_CHECK}:{member.id}:{call.local_date}"
        _write(ivy, member, call, ladder.LOG_CHECK, {}, about, step.check_at)
    fault_points.reach("ladder.climbed")


def _miss(ivy: Ivy, call: Call, member: Member, then: Then, now: datetime) -> ladder.Miss:
    before = call_rows.by_id(call.retry_of_id) if call.retry_of_id else None
    away = pauses.withheld(member.status, member.keep_structure)
    return ladder.Miss(
        then=then,
        attempt=call.attempt,
        at=_when(call, now),
        now=now,
        local_date=call.local_date,
        window_ends_at=gate.window_end(ivy, call),
        zone=member_rows.clock_zone(member),
        quiet=message_rules.quiet_hours(ivy.settings.rules.quiet_hours),
        inbound=call.direction == "inbound",
        reached=away
        or day_rows.rest_declared(member.id, call.local_date)
        or gate.in_touch(member, call.dialled_at or call.scheduled_at),
        missed_before=_missed_before(before),
        failed_before=before is not None and before.status == states.FAILED,
        next_call_at=call_rows.next_planned(member.id, now),
        recovery=has_recovery(member),
    )


def _when(call: Call, now: datetime) -> datetime:
    return states.happened_at(call.scheduled_at, call.ended_at, now)


def _missed_before(earlier: Call | None) -> bool:
    while earlier is not None:
        if earlier.status == states.NO_ANSWER:
            return True
        earlier = call_rows.by_id(earlier.retry_of_id) if earlier.retry_of_id else None
    return False


def _first(call: Call) -> Call:
    """The call that the ladder began with."""
    while call.retry_of_id is not None and (earlier := call_rows.by_id(call.retry_of_id)) is not None:
        call = earlier
    return call


def _again(ivy: Ivy, call: Call, source: str, at: datetime, window_ends_at: datetime, now: datetime, zone: str) -> None:
    call_rows.add_once(
        Call(
            id=ivy.clock.new_id(), member_id=call.member_id, call_type=call.call_type, scheduled_at=at, due_at=at,
            local_date=zones.local_date(at, zone), source=source, attempt=call.attempt + 1 if source == "retry" else 1,
            retry_of_id=call.id, window_ends_at=window_ends_at, created_at=now, updated_at=now,
        )
    )  # fmt: skip


def _say_missed(ivy: Ivy, member: Member, call: Call, now: datetime) -> None:
    """Once for a ladder; by night it waits for the morning (D-5), and what is known much later is not told any more."""
    on_the_day = zones.local_date(now, member_rows.clock_zone(member)) == call.local_date
    if on_the_day or now - call.scheduled_at <= ladder.TOLD_WITHIN:
        _write_once(ivy, member, call, ladder.MISSED, {"track": member.track}, f"missed_call:{_first(call).id}")


def _write(
    ivy: Ivy, member: Member, call: Call, template: str, params: dict[str, str], once: str, at: datetime | None = None
) -> None:
    """On the day of the call."""
    if zones.local_date(ivy.clock.now(), member_rows.clock_zone(member)) == call.local_date:
        _write_once(ivy, member, call, template, params, once, at)


def _write_once(
    ivy: Ivy, member: Member, call: Call, template: str, params: dict[str, str], once: str, at: datetime | None = None
) -> None:
    """At most three such messages a day (R-101.6)."""
    zone = member_rows.clock_zone(member)
    begun = zones.day_start(zones.local_date(ivy.clock.now(), zone), zone)
    templates = (ladder.MISSED, ladder.OPTIONS, ladder.LOG_CHECK)
    if message_rows.written_since(member.id, templates, begun) < ladder.MESSAGES_A_DAY:
        writing.queue(ivy, member, template, params, writing.About(call_id=call.id, once_key=once, not_before=at))
