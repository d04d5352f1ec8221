"""Dialling: claimed once, recorded before the provider is asked, asked about before it is dialled again (DESIGN 3.2, J-2)."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from ivy_engine import fault_points
from ivy_engine.actions.calls import context, gate, halts, ladder
from ivy_engine.domain import retries
from ivy_engine.domain.calls import states
from ivy_engine.domain.calls.gate import Decision
from ivy_engine.engine import Ivy
from ivy_engine.plugins.contract import CallRequest, PlacedCall, ProviderError, Voice
from ivy_engine.store import calls as call_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store.calls import Call
from ivy_engine.store.members import Member
from ivy_engine.wording import templates

log = logging.getLogger(__name__)

JOB = "dial_due_calls"
LONGEST_ERROR = 200
LOOK_AGAIN = MINUTE = timedelta(minutes=1)
PLACE_AGAIN = timedelta(seconds=15)  # a call that ends frees its place at once; this is for ends nobody hears of


class _Unknown(ProviderError):
    """A call may have reached the provider, which cannot be asked whether it did."""


def next_dial(ivy: Ivy) -> datetime | None:
    with ivy.db.read():
        return call_rows.next_dial()


def dial_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """Dial what is due, or of it only the given calls; how many calls changed."""
    with ivy.db.read():
        due = call_rows.dial_due(ivy.clock.now())
    return sum(_try(ivy, call_id) for call_id in due if not ids or call_id in ids)


def dial_now(ivy: Ivy, call_id: str) -> None:
    """Dial a call that somebody waits for: one try, and a failure is its end (R-102)."""
    _dial(ivy, call_id, tries=1)


def _try(ivy: Ivy, call_id: str) -> bool:
    try:
        return _dial(ivy, call_id)
    except Exception:  # one call that cannot be made must not hold up the others; it expires in the end
        log.exception("call %s could not be dialled", call_id)
        with ivy.db.write():
            call_rows.look_again(call_id, ivy.clock.now() + LOOK_AGAIN)
        return False


def _dial(ivy: Ivy, call_id: str, tries: int = states.DIAL_TRIES) -> bool:
    now = ivy.clock.now()
    fault_points.reach("dial.due")
    with ivy.db.write():
        if _must_wait(ivy, call_id, now) or not call_rows.claim(call_id, ivy.run, now, now + states.DIAL_LEASE):
            return False
        call, member = _call_and_member(call_id)
        asked_before = call.dial_tries > 1
        decision = gate.decide(ivy, call, member, now)
        if not decision.allowed and not asked_before:
            _refused(ivy, call, decision, now)
            return True
        request = _request(ivy, call, member)
        if call.dialled_at is None:
            call.context_snapshot, call.dialled_at = dict(request.variables), now
            call_rows.save(call)
            halts.tried_by(call, now)
        fault_points.reach("dial.claiming")
    fault_points.reach("dial.claimed")
    try:
        placed = _place(ivy.providers.voice, request, asked_before, may_ring=decision.allowed)
    except ProviderError as error:
        _not_placed(ivy, call_id, error, tries, too_late=decision.outcome == "expired")
        return True
    fault_points.reach("dial.accepted")
    with ivy.db.write():
        call, _ = _call_and_member(call_id)
        if placed is None and not decision.allowed:
            call.dialled_at = None  # as it turns out, nobody was rung
            _refused(ivy, call, decision, now)
        elif placed is not None:
            _ringing(call, placed, ivy.clock.now())
        fault_points.reach("dial.recording")
    fault_points.reach("dial.recorded")
    return True


def _must_wait(ivy: Ivy, call_id: str, now: datetime) -> bool:
    """Whatever is due waits while the provider takes no calls, for its turn in the minute, or for a place."""
    call = call_rows.by_id(call_id)
    if call is None or call.status != states.SCHEDULED:
        return False  # a dialling that never ended has its place already
    found = _wait(ivy, now)
    if found is None:
        return False
    call_rows.hold(now, *found)
    return True


def _wait(ivy: Ivy, now: datetime) -> tuple[datetime, str] | None:
    """Until when, and why."""
    options = ivy.settings.jobs
    halted = halts.in_the_way(now)
    if halted is not None:
        return halted, "halt"
    recent = call_rows.dialled_since(now - MINUTE)
    if len(recent) >= options.dial_per_minute:
        return recent[options.dial_per_minute - 1] + MINUTE, "pace"
    if call_rows.in_progress() >= options.concurrent_calls:
        return now + PLACE_AGAIN, "place"
    return None


def _refused(ivy: Ivy, call: Call, decision: Decision, now: datetime) -> None:
    """The gate is shut: too late (R-98), not callable (R-91), or not needed any more (R-95)."""
    _end(call, decision.status or states.CANCELLED, decision.outcome, now)
    if decision.outcome == "expired" or (call.source == "retry" and decision.only_for_the_hour):
        ladder.given_up(ivy, call, now)


def _request(ivy: Ivy, call: Call, member: Member) -> CallRequest:
    options = ivy.settings.retell
    agent = options.agent_b2b if member.subscription_tier == "B2B" else options.agent_b2c
    return CallRequest(
        call_id=call.id,
        user_id=member.id,
        call_type=call.call_type,
        to=member.phone or "",
        agent=agent or "default-agent",
        timezone=member_rows.clock_zone(member),
        variables=call.context_snapshot or context.variables_of(ivy, member, call.call_type),
        voicemail=templates.speak("voicemail", {"name": member.first_name}) if call.attempt == 1 else None,
    )


def _place(voice: Voice | None, request: CallRequest, asked_before: bool, may_ring: bool) -> PlacedCall | None:
    """Ring, unless an earlier attempt turns out to have reached the provider; None if nobody rang and nobody may."""
    if voice is None:
        raise ProviderError("the voice provider is off", permanent=True)
    found = _find(voice, request.call_id) if asked_before else None
    if found or not may_ring:
        return found
    fault_points.reach("dial.asking")
    try:
        return voice.place(request)
    except ProviderError as error:
        found = None if error.permanent else _find(voice, request.call_id)
        if found is None:
            raise
        return found


def _find(voice: Voice, call_id: str) -> PlacedCall | None:
    try:
        return voice.find(call_id)
    except ProviderError as error:
        raise _Unknown(str(error), permanent=False) from error


def _ringing(call: Call, placed: PlacedCall, now: datetime) -> None:
    """Events of this call may have come in already: only what is still unknown is filled in."""
    call.retell_call_id = call.retell_call_id or placed.provider_call_id
    call.claimed_by = None
    if call.status == states.IN_PROGRESS:
        call.due_at = now + states.STUCK_AFTER
    call.updated_at = now
    call_rows.save(call)


def _not_placed(ivy: Ivy, call_id: str, error: ProviderError, tries: int, *, too_late: bool) -> None:
    """Three tries with growing delay, then FAILED (R-102).

    Not to know is not to be refused: the phone may be ringing. The provider is asked until the call is too late to be made, and
    nobody is rung anew after that. What would meet any other call as well ends this one, and stops dialling (D-14).
    """
    now = ivy.clock.now()
    unknown = isinstance(error, _Unknown)
    log.warning("call %s was not placed, as far as is known: %s", call_id, error)
    with ivy.db.write():
        call, _ = _call_and_member(call_id)
        if call.status != states.IN_PROGRESS or call.retell_call_id:
            return
        call.last_error = str(error)[:LONGEST_ERROR]
        over = too_late if unknown else error.permanent or error.stops is not None or call.dial_tries >= tries
        if over:
            _end(call, states.FAILED, "error", now)
            if error.stops is not None:
                halts.refused(ivy, call, error.stops, now, error.retry_after)
            if tries > 1 and not unknown:  # with one try, whoever waits for it is told
                ladder.ended(ivy, call, states.Then.ONCE_MORE, now)
            return
        call.status, call.claimed_by = states.SCHEDULED, None
        call.due_at = now + (error.retry_after or min(retries.delay(call.dial_tries, states.DIAL_BACKOFF), LOOK_AGAIN))
        call.updated_at = now
        call_rows.save(call)


def _end(call: Call, status: str, outcome: str | None, now: datetime) -> None:
    call.status, call.outcome, call.due_at, call.claimed_by, call.updated_at = status, outcome, None, None, now
    call_rows.save(call)


def _call_and_member(call_id: str) -> tuple[Call, Member]:
    call = call_rows.by_id(call_id)
    member = member_rows.by_id(call.member_id) if call else None
    if call is None or member is None:
        raise LookupError(f"call {call_id} or its member is gone")
    return call, member
