"""Planning calls: each member's local today and tomorrow, and the first call after onboarding (R-10, R-92 to R-97)."""

from collections.abc import Sequence
from datetime import date, datetime

from ivy_engine.actions import one_by_one, wallets
from ivy_engine.domain import members, zones
from ivy_engine.domain.calls import planning
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store import streaks as day_rows
from ivy_engine.store.calls import Call
from ivy_engine.store.members import Member


def next_plan_due(ivy: Ivy) -> datetime | None:
    return one_by_one.next_due(ivy, member_rows.PLAN)


def plan_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """Plan for every member whose local date has changed since (J-1); how many calls were added."""
    return _plan_each(ivy, one_by_one.whose_time_has_come(ivy, member_rows.PLAN, ids))


def plan_everybody(ivy: Ivy) -> int:
    """What the job does when it is run by hand: every onboarded member, due or not."""
    with ivy.db.read():
        everybody = [member.id for member in member_rows.all_members() if member.is_onboarded and member.is_active]
    return _plan_each(ivy, everybody)


def _plan_each(ivy: Ivy, member_ids: Sequence[str]) -> int:
    return one_by_one.each(ivy, member_rows.PLAN, member_ids, _plan_one, "the planning of calls")


def _plan_one(ivy: Ivy, member_id: str, now: datetime) -> int:
    member = member_rows.by_id(member_id)
    return _plan(ivy, member, now) if member is not None else 0


def replan(ivy: Ivy, member: Member, now: datetime) -> None:
    """Cancel what is planned and not dialled yet, and plan again (R-97). Inside a write."""
    call_rows.cancel_future(member.id, now)
    for call in call_rows.waiting_of(member.id):
        call.local_date = zones.local_date(call.scheduled_at, member_rows.clock_zone(member))
        call_rows.save(call)
    _plan(ivy, member, now)


def schedule_daily_calls(ivy: Ivy, member: Member, day: date) -> list[Call]:
    """The planner calls of one local date that are still to come and not there yet (R-93, R-94). Inside a write."""
    now = ivy.clock.now()
    rhythm = rhythm_of(ivy, member)
    there = call_rows.planned_types(member.id, day)
    unwanted = call_rows.unwanted_types(member.id, day)
    rest = day_rows.rest_declared(member.id, day)
    added = []
    for slot in planning.slots(rhythm, day, rest):
        if slot.at > now and slot.call_type not in unwanted and not _taken(slot.call_type, there | unwanted, rhythm):
            call = _new_call(ivy, member, slot, now)
            if call_rows.add_once(call):
                added.append(call)
    return added


def _taken(call_type: str, there: frozenset[str], rhythm: planning.Rhythm) -> bool:
    """The onboarding call stands in the place of its slot's ordinary call (R-10)."""
    if planning.ONBOARDING in there:
        return call_type == (planning.MORNING if rhythm.morning else planning.EVENING)
    return False


def _plan(ivy: Ivy, member: Member, now: datetime) -> int:
    """Today and tomorrow, if the member may be called; the member is due again when the local date changes."""
    zone = member_rows.clock_zone(member)
    member.plan_due_at = zones.next_day_start(now, zone) if member.is_active and member.is_onboarded else None
    member_rows.save(member)
    if not members.callable_now(member_rows.standing(member), now):
        return 0
    added = _plan_onboarding(ivy, member, now)
    today = zones.local_date(now, zone)
    for day in (today, today + zones.DAY):
        added += len(schedule_daily_calls(ivy, member, day))
    return added


def _plan_onboarding(ivy: Ivy, member: Member, now: datetime) -> int:
    if call_rows.has_onboarding(member.id) or call_rows.has_completed(member.id):
        return 0
    slot = planning.onboarding_slot(rhythm_of(ivy, member), now)
    return int(slot is not None and call_rows.add_once(_new_call(ivy, member, slot, now)))


def rhythm_of(ivy: Ivy, member: Member) -> planning.Rhythm:
    tier_days = wallets.terms(ivy, member).call_days
    return planning.Rhythm(
        zone=member_rows.clock_zone(member),
        morning=member.morning_call_time,
        evening=member.evening_call_time,
        weekly=member.weekly_call_time,
        weekly_enabled=member.weekly_call_enabled,
        quota=planning.quota(member.call_frequency, tier_days),
        preferred=tuple(member.preferred_days) if member.preferred_days else None,
        free=member.subscription_tier == "FREE",
    )


def _new_call(ivy: Ivy, member: Member, slot: planning.Slot, now: datetime) -> Call:
    return Call(
        id=ivy.clock.new_id(), member_id=member.id, call_type=slot.call_type, scheduled_at=slot.at, due_at=slot.at,
        local_date=slot.local_date, source="planner", created_at=now, updated_at=now,
    )  # fmt: skip
