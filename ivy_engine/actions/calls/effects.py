"""What a conversation changes: a plan becomes a workout, a report logs it, rest is rest (R-107)."""

from datetime import date, datetime, timedelta

from ivy_engine import fault_points
from ivy_engine.actions import pauses, reminders, rescue, safety, scores, streaks, workouts
from ivy_engine.actions.calls import planning
from ivy_engine.domain import zones
from ivy_engine.domain.calls import analysis
from ivy_engine.domain.calls.states import happened_at
from ivy_engine.domain.inbound.reading import plain
from ivy_engine.domain.safety import concern as concern_in
from ivy_engine.domain.scores import Reading
from ivy_engine.domain.workouts import Status
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.calls import Call
from ivy_engine.store.members import Member

OF_THE_WEEK = ("WEEKLY_PLANNING", "MONTHLY_CHECKIN")
FARTHEST_PLAN = timedelta(days=60)
LATEST_REPORT = timedelta(days=6)  # a report that comes later than the rules let one log changes no workout
_VIA = {"MORNING_PLANNING": "morning_call", "ONBOARDING": "morning_call", "RESCUE": "rescue_call"}
_DONE: dict[str, Status] = {"completed": "COMPLETED", "partial": "PARTIAL"}


def apply(ivy: Ivy, call: Call) -> None:
    """Apply what was said, once per call: what its type is for, and what any call may bring (R-107). Inside a write."""
    now = ivy.clock.now()
    member = member_rows.by_id(call.member_id)
    if member is None or not member.is_active:
        return
    said = analysis.read(call.extracted or {})
    fault_points.reach("effects.begun")
    concern = said.safety_flag or _worrying(call.transcript)
    outcome = None
    if concern:
        safety.heard_in_a_call(ivy, member, concern)
        call.needs_follow_up = True
    else:
        outcome = _of_its_type(ivy, call, member, said)
        _of_any(ivy, call, member, said)
    call.effects_applied_at, call.updated_at = now, now
    if outcome and not call.outcome_known:
        call.outcome = outcome
    call_rows.save(call)
    fault_points.reach("effects.marked")


def _worrying(transcript: str | None) -> str | None:
    """What the member's own words may hold, whatever the provider has made of them (R-150: rules first)."""
    lines = (line.partition(":")[2] for line in (transcript or "").splitlines() if line.lower().startswith("user:"))
    return next((found for line in lines if (found := concern_in(plain(line)))), None)


def _of_its_type(ivy: Ivy, call: Call, member: Member, said: analysis.Said) -> str | None:
    """The outcome that the conversation gets (R-107)."""
    if call.call_type == "ONBOARDING":
        _remember(member, said, ivy.clock.now())
    if said.contradictory:
        call.needs_follow_up = True
        return None
    outcome = _rescued(ivy, call, member, said) if call.call_type == "RESCUE" else _today(ivy, call, member, said)
    fault_points.reach("effects.halfway")
    planned = [_plan(ivy, call, member, said.plan, call.local_date)]
    planned.append(_plan(ivy, call, member, said.next_plan, call.local_date + zones.DAY))
    if call.call_type in OF_THE_WEEK:
        planned += [_plan(ivy, call, member, plan, call.local_date) for plan in said.week_plan]
        _measure(ivy, call, member, said)
    return outcome or ("workout_planned" if any(planned) else None)


def _measure(ivy: Ivy, call: Call, member: Member, said: analysis.Said) -> None:
    """A score; once a month also confidence and what has changed in life (R-73)."""
    monthly = call.call_type == "MONTHLY_CHECKIN"
    confidence = said.health_confidence if monthly else None
    if said.energy or said.mood or confidence:
        scores.keep_score(ivy, member, Reading(said.energy, said.mood, confidence))
    if monthly:
        if said.life_marker:
            scores.keep_marker(ivy, member, said.life_marker, "mental")
        if said.physical_change:
            scores.keep_marker(ivy, member, said.physical_change, "physical")


def _rescued(ivy: Ivy, call: Call, member: Member, said: analysis.Said) -> str | None:
    """R-106: done after all, a rest day, skipped, or the minimum; what becomes of that is judged when the day is closed."""
    if said.completion in _DONE or said.rest_day:
        done = _today(ivy, call, member, said)
        return "rescue_success" if done == "workout_logged" else done
    if said.completion == "missed" and not said.minimum_action:
        how = workouts.How(via="rescue_call", skipped_reason=said.skip_reason, review_call_id=call.id)
        workouts.log_skip(ivy, member, call.local_date, how)
        return "rescue_failed"
    if said.minimum_action:
        rescue.agree_on_minimum(ivy, member, call.local_date, said.minimum_action)
    return None


def _of_any(ivy: Ivy, call: Call, member: Member, said: analysis.Said) -> None:
    """Other call times are taken over, being away is offered in writing, and some things only a person can answer."""
    times = {"morning_call_time": said.morning_time, "evening_call_time": said.evening_time}
    changed = {name: at for name, at in times.items() if at is not None and at != getattr(member, name)}
    if changed:
        for name, at in changed.items():
            setattr(member, name, at)
        member.updated_at = ivy.clock.now()
        member_rows.save(member)
        planning.replan(ivy, member, ivy.clock.now())
    if said.status is not None:
        pauses.offer(ivy, member, said.status, said.status_until, f"call:{call.id}")
    call.needs_follow_up = call.needs_follow_up or said.wants_human or said.wants_cancel


def _remember(member: Member, said: analysis.Said, now: datetime) -> None:
    """The first conversation also tells why, for whom, and the smallest action that counts."""
    if said.why_started:
        member.why_started = said.why_started
    if said.gift_frame:
        member.gift_frame = said.gift_frame
    if said.minimum_action:
        member.minimum_mode = said.minimum_action
    if member.dirty_fields:
        member.updated_at = now
        member_rows.save(member)


def _today(ivy: Ivy, call: Call, member: Member, said: analysis.Said) -> str | None:
    now = ivy.clock.now()
    said_at = happened_at(call.scheduled_at, call.ended_at, now)
    how = workouts.How(
        via=_VIA.get(call.call_type, "evening_call"),
        review_call_id=call.id,
        completed_at=said_at,
        skipped_reason=said.skip_reason,
        actual_duration=said.completed_minutes,
    )
    if said.completion in _DONE and now - said_at < LATEST_REPORT:
        workouts.log_done(ivy, member, _DONE[said.completion], how)
        return "workout_logged"
    if said.completion == "missed" and call.call_type == "EVENING_REVIEW" and not said.minimum_action:
        workouts.log_skip(ivy, member, call.local_date, how)
        return "missed_logged"
    if said.rest_day:
        streaks.declare_rest(ivy, member, call.local_date)
        return "rest_day"
    if said.completion == "unknown" and call.call_type == "EVENING_REVIEW":
        _ask_by_message(ivy, call, member)
    return None


def _ask_by_message(ivy: Ivy, call: Call, member: Member) -> None:
    """The conversation has not said what came of the day's workout: on that day it is asked once more, in writing."""
    waiting = workout_rows.open_on(member.id, call.local_date)
    if waiting and zones.local_date(ivy.clock.now(), member_rows.clock_zone(member)) == call.local_date:
        reminders.ask_how_it_went(ivy, member, waiting[0])


def _plan(ivy: Ivy, call: Call, member: Member, plan: analysis.Plan | None, default: date) -> bool:
    """Create the agreed workout, or bring the one open workout of that day up to what was agreed."""
    if plan is None:
        return False
    now = ivy.clock.now()
    in_reach = plan.date is not None and call.local_date <= plan.date <= call.local_date + FARTHEST_PLAN
    day = plan.date if in_reach and plan.date else default
    waiting = workout_rows.open_on(member.id, day)
    if len(waiting) == 1 and waiting[0].planning_call_id in (None, call.id):
        row = waiting[0]
        row.activity, row.planning_call_id, row.updated_at = plan.activity, call.id, now
        row.planned_time, row.duration = plan.time or row.planned_time, plan.duration or row.duration
        reminders.set_due(row, member, now)
        workout_rows.save(row)
        return True
    workouts.plan(
        ivy, member.id, activity=plan.activity, planned_date=day, planned_time=plan.time, duration=plan.duration,
        planning_call_id=call.id,
    )  # fmt: skip
    return True
