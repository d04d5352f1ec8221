"""What a conversation changes: a plan becomes a workout, a report logs it, rest is rest (R-107)."""

from datetime import date, datetime, timedelta

from ivy_engine import fault_points
from ivy_engine.actions import reminders, streaks, workouts
from ivy_engine.domain import zones
from ivy_engine.domain.calls import analysis
from ivy_engine.domain.calls.states import happened_at
from ivy_engine.domain.workouts import Status
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.calls import Call
from ivy_engine.store.members import Member

PLANNING_TYPES = ("ONBOARDING", "MORNING_PLANNING")
FARTHEST_PLAN = timedelta(days=60)
LATEST_REPORT = timedelta(days=6)  # a report that comes later than the rules let one log changes no workout
_VIA = {"EVENING_REVIEW": "evening_call", "RESCUE": "rescue_call"}
_DONE: dict[str, Status] = {"completed": "COMPLETED", "partial": "PARTIAL"}


def apply(ivy: Ivy, call: Call) -> None:
    """Apply what was said, once per call. Inside a write."""
    now = ivy.clock.now()
    member = member_rows.by_id(call.member_id)
    if member is None or not member.is_active:
        return
    said = analysis.read(call.extracted or {})
    outcome = None
    fault_points.reach("effects.begun")
    if call.call_type == "ONBOARDING":
        _remember(member, said, now)
    if call.call_type in (*PLANNING_TYPES, "EVENING_REVIEW"):
        outcome = _today(ivy, call, member, said)
        fault_points.reach("effects.halfway")
        planned = [_plan(ivy, call, member, said.plan, call.local_date)]
        planned.append(_plan(ivy, call, member, said.next_plan, call.local_date + zones.DAY))
        outcome = outcome or ("workout_planned" if any(planned) else None)
    call.effects_applied_at, call.updated_at = now, now
    if outcome and not call.outcome_known:
        call.outcome = outcome
    call_rows.save(call)
    fault_points.reach("effects.marked")


def _remember(member: Member, said: analysis.Said, now: datetime) -> None:
    """The first conversation also tells why, and the smallest action that counts."""
    if said.why_started:
        member.why_started = said.why_started
    if said.minimum_action:
        member.minimum_mode = said.minimum_action
    if member.dirty_fields:
        member.updated_at = now
        member_rows.save(member)


def _today(ivy: Ivy, call: Call, member: Member, said: analysis.Said) -> str | None:
    now = ivy.clock.now()
    said_at = happened_at(call.scheduled_at, call.ended_at, now)
    how = workouts.How(
        via=_VIA.get(call.call_type, "morning_call"),
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
