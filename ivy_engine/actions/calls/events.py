"""What the voice provider reports about a call, and calls of which nothing is heard (R-100, J-3)."""

import logging
from dataclasses import asdict
from datetime import datetime

from ivy_engine import fault_points
from ivy_engine.actions.calls import dialling, effects, halts, ladder
from ivy_engine.domain.calls import halts as rules
from ivy_engine.domain.calls import states
from ivy_engine.engine import Ivy
from ivy_engine.plugins.contract import ProviderError
from ivy_engine.store import calls as call_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store.calls import Call

log = logging.getLogger(__name__)
HALTS = {states.Then.HALT: rules.ACCOUNT, states.Then.NO_LINE: rules.LINES}


def apply(ivy: Ivy, event: states.Event) -> None:
    """Move the call on; once it has ended and was analysed, what was said takes effect, once (R-107). Inside a write."""
    call = call_rows.by_id(event.call_id) if event.call_id else None
    if call is None and event.provider_call_id:
        call = call_rows.by_provider_id(event.provider_call_id)
    if call is None:
        log.warning("a voice event for a call that is not ours")
        return
    now = ivy.clock.now()
    before = _state(call)
    after = states.after(before, event, now)
    _store(call, before, after, now)
    if after.status in states.TERMINAL and before.status not in states.TERMINAL:
        _ended(ivy, call, event.reason, now)
    elif event.kind == "started" and after.status not in states.TERMINAL:
        _go_on(ivy, halts.got_through(ivy, call, now))
    if after.status == states.COMPLETED and after.analyzed and not after.in_voicemail and not call.effects_applied_at:
        effects.apply(ivy, call)


def _ended(ivy: Ivy, call: Call, reason: str | None, now: datetime) -> None:
    then = states.end_of(reason).then
    if call.status == states.COMPLETED:
        _talked(call, now)
    elif call.status == states.FAILED:
        call.last_error = (reason or "")[: dialling.LONGEST_ERROR]
        call_rows.save(call)
    if then in HALTS:
        halts.refused(ivy, call, HALTS[then], now)
    else:
        _go_on(ivy, halts.got_through(ivy, call, now))
    _go_on(ivy, call_rows.free(now, "place"))
    fault_points.reach("call.ended")
    ladder.ended(ivy, call, then, now)


def _go_on(ivy: Ivy, freed: int) -> None:
    if freed:
        ivy.later(dialling.JOB)


def _state(call: Call) -> states.Call:
    return states.Call(
        status=call.status, started_at=call.started_at, ended_at=call.ended_at, duration=call.duration,
        outcome=call.outcome, provider_call_id=call.retell_call_id, transcript=call.transcript,
        recording_url=call.recording_url, summary=call.transcript_summary, sentiment=call.sentiment,
        needs_follow_up=call.needs_follow_up, analyzed=call.analyzed, in_voicemail=call.in_voicemail,
        extracted=call.extracted or {},
    )  # fmt: skip


def _store(call: Call, before: states.Call, after: states.Call, now: datetime) -> None:
    """Write only what the event has changed."""
    columns = {"provider_call_id": "retell_call_id", "summary": "transcript_summary"}
    was, will_be = asdict(before), asdict(after)
    for name, value in will_be.items():
        if value != was[name]:
            setattr(call, columns.get(name, name), value)
    if after.status in states.TERMINAL:
        call.due_at, call.claimed_by = None, None
    elif after.status == states.IN_PROGRESS:
        call.due_at = now + states.STUCK_AFTER
    call.updated_at = now
    call_rows.save(call)


def _talked(call: Call, now: datetime) -> None:
    member = member_rows.by_id(call.member_id)
    if member is not None:
        ended = min(call.ended_at or now, now)  # a stranger's clock may be wrong
        member.last_call_at = max(ended, member.last_call_at or ended)  # an earlier call may be told of later
        member_rows.save(member)


def next_stuck(ivy: Ivy) -> datetime | None:
    with ivy.db.read():
        return call_rows.next_stuck()


def check_stuck(ivy: Ivy) -> int:
    """Ask the provider about calls that have been silent for 15 minutes; what it does not know was missed."""
    with ivy.db.read():
        silent = call_rows.stuck(ivy.clock.now())
    return sum(_ask(ivy, call) for call in silent)


def _ask(ivy: Ivy, call: Call) -> bool:
    voice = ivy.providers.voice
    try:
        told = voice.fetch(call.retell_call_id) if voice and call.retell_call_id else []
    except ProviderError as error:
        log.warning("call %s: the provider did not tell: %s", call.id, error)
        return _look_again(ivy, call.id)
    if not told:
        told = [states.Event("ended", call.retell_call_id, call.id, reason="dial_no_answer")]
    try:
        with ivy.db.write():
            for event in told:
                apply(ivy, event)
    except Exception:  # one call that cannot be moved on must not hold up the others
        log.exception("call %s could not be moved on", call.id)
        return _look_again(ivy, call.id)
    return True


def _look_again(ivy: Ivy, call_id: str) -> bool:
    now = ivy.clock.now()
    with ivy.db.write():
        call = call_rows.by_id(call_id)
        if call is not None and call.status == states.IN_PROGRESS:
            call.due_at, call.updated_at = now + states.STUCK_AFTER, now
            call_rows.save(call)
    return False
