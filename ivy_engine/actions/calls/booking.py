"""Calls that members and operators ask for, move, cancel and look at (R-103, RULEBOOK 7.3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ivy_engine.actions import audit
from ivy_engine.actions.calls import dialling, gate
from ivy_engine.domain import filters, zones
from ivy_engine.domain.audit import Actor
from ivy_engine.domain.calls import booking, states
from ivy_engine.domain.calls import gate as rules
from ivy_engine.domain.errors import Forbidden, NotFound, Unavailable
from ivy_engine.domain.members import SUPERADMIN
from ivy_engine.engine import Ivy
from ivy_engine.plugins.contract import ProviderError
from ivy_engine.store import call_decisions
from ivy_engine.store import calls as call_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store.calls import Call
from ivy_engine.store.members import Member

# What stands against a call that was asked for is looked at before it is written; its time was chosen
NOT_ASKED_FOR = frozenset({"expired", "rest_day", "already_logged", "in_touch", "quota", "quiet_hours", "window"})


@dataclass(frozen=True)
class Wanted:
    """Which calls a list shows; dates as a request writes them."""

    call_type: str | None = None
    status: str | None = None
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True)
class Initiated:
    id: str
    user_id: str
    call_type: str
    status: str
    retell_call_id: str | None
    initiated_at: datetime


def begin_call(ivy: Ivy, actor: Actor, member_id: str | None, call_type: str) -> str:
    """Write a call that is due at once; its id. 409 when the member may not be called, 404 for a stranger. Inside a write."""
    now = ivy.clock.now()
    member = _whose(ivy, actor, member_id, "call_started")
    return _write(ivy, member, booking.call_type(call_type), now, now).id


def ring(ivy: Ivy, call_id: str) -> Initiated:
    """Dial it now; it waits for its turn when all lines are taken. 503 when the provider fails (R-102)."""
    dialling.dial_now(ivy, call_id)
    return initiated(ivy, call_id)


def initiated(ivy: Ivy, call_id: str) -> Initiated:
    """What has become of a call that was begun."""
    with ivy.db.read():
        call = _existing(call_id)
    if call.status == states.FAILED:
        raise Unavailable("The call could not be placed. Please try again later.")
    return Initiated(call.id, call.member_id, call.call_type, call.status, call.retell_call_id, call.created_at)


def schedule(ivy: Ivy, actor: Actor, member_id: str | None, call_type: str, at: datetime) -> booking.Call:
    """A call at a time of the member's choosing. 409 when they may not be called, 422 for a time that does not lie ahead."""
    now = ivy.clock.now()
    with ivy.db.write():
        member = _whose(ivy, actor, member_id, "call_scheduled")
        booking.check_time(at, now)
        return _value(_write(ivy, member, booking.call_type(call_type), _stored(at), now))


def _write(ivy: Ivy, member: Member, call_type: str, at: datetime, now: datetime) -> Call:
    call = Call(
        id=ivy.clock.new_id(), member_id=member.id, call_type=call_type, scheduled_at=at, due_at=at,
        local_date=zones.local_date(at, member_rows.clock_zone(member)), source="api", created_at=now, updated_at=now,
    )  # fmt: skip
    against = rules.decide(gate.facts_of(ivy, call, member, now)).reasons
    booking.refuse(tuple(reason for reason in against if reason not in NOT_ASKED_FOR))
    call_rows.add_once(call)
    return call


def reschedule(ivy: Ivy, actor: Actor, call_id: str, at: datetime) -> booking.Call:
    """Move a call that waits. 409 for one that does not, 422 for a time that does not lie ahead."""
    now = ivy.clock.now()
    with ivy.db.write():
        call, member = _own(ivy, actor, call_id, "call_moved")
        booking.check_scheduled(call.status)
        booking.check_time(at, now)
        if call.source == "planner":
            _leave_unwanted(ivy, call, now)
        call.scheduled_at = call.due_at = at = _stored(at)
        call.local_date = zones.local_date(at, member_rows.clock_zone(member))
        call.source, call.held, call.window_ends_at, call.updated_at = "api", None, None, now
        call.context_snapshot = call.dialled_at = None  # what is known then is told then
        call_rows.save(call)
        return _value(call)


def _leave_unwanted(ivy: Ivy, call: Call, now: datetime) -> None:
    """A mark in the place that a planned call has left, so that it is not planned there again (R-97)."""
    call_rows.add_once(
        Call(
            id=ivy.clock.new_id(), member_id=call.member_id, call_type=call.call_type, scheduled_at=call.scheduled_at,
            local_date=call.local_date, source="planner", status=states.CANCELLED, cancelled_by="moved",
            created_at=now, updated_at=now,
        )
    )  # fmt: skip


def _stored(at: datetime) -> datetime:
    """In UTC and to the millisecond, as it is kept."""
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


def begin_cancel(ivy: Ivy, actor: Actor, call_id: str) -> str:
    """Cancel a call that waits; one that is under way is left to `end_cancel`. 409 when it is over. Inside a write."""
    call, _ = _own(ivy, actor, call_id, "call_cancelled")
    booking.check_not_over(call.status)
    if call.status == states.SCHEDULED:
        call_rows.cancel_unwanted(call, ivy.clock.now())
    return call_id


def end_cancel(ivy: Ivy, call_id: str) -> bool:
    """Ask the provider to end a call that is under way (R-103); whether there was one. 503 when that cannot be done."""
    with ivy.db.read():
        call = _existing(call_id)
    if call.status != states.IN_PROGRESS:
        return False
    _stop(ivy, call.retell_call_id)
    return True


def _stop(ivy: Ivy, provider_call_id: str | None) -> None:
    """The row ends when the provider says so."""
    voice = ivy.providers.voice
    if voice is None or provider_call_id is None:
        raise Unavailable("This call is just being placed. Please try again in a moment.")
    try:
        voice.stop(provider_call_id)
    except ProviderError:
        raise Unavailable("The call could not be ended. Please try again.") from None


def set_outcome(ivy: Ivy, actor: Actor, call_id: str, outcome: str) -> booking.Call:
    """What an operator knows better about a call that is over; audited. 409 while it is not over."""
    with ivy.db.write():
        call, _ = _own(ivy, actor, call_id, f"call_outcome_{outcome}")
        booking.check_over(call.status)
        call.outcome, call.outcome_known, call.updated_at = outcome, True, ivy.clock.now()
        call_rows.save(call)
        return _seen_by(call, actor)


def one(ivy: Ivy, actor: Actor, call_id: str) -> booking.CallWithDecisions:
    """A call, with why it was made or not made. 404 for anybody else's; an operator sees it without what was said, audited."""
    with ivy.db.write():
        call, _ = _own(ivy, actor, call_id, "call_seen")
        value = _seen_by(call, actor)
        decisions = tuple(booking.Decision(*row) for row in call_decisions.about(call_id))
        return booking.CallWithDecisions(**vars(value), decisions=decisions)


def listed(
    ivy: Ivy, member_id: str, wanted: Wanted, *, after: tuple[datetime, str] | None, page: int, limit: int
) -> tuple[list[booking.Call], int]:
    """One's own calls, the latest first, and how many there are; one more than `limit` if there are more."""
    with ivy.db.read():
        member = member_rows.existing(member_id)
        start, end = filters.span(wanted.start, wanted.end, member.timezone)
        offset = 0 if after else (page - 1) * limit
        rows, total = call_rows.page(member_id, wanted.call_type, wanted.status, (start, end), after, offset, limit)
        return [_value(row) for row in rows], total


def upcoming(
    ivy: Ivy, actor: Actor, *, after: tuple[datetime, str] | None, page: int, limit: int
) -> tuple[Sequence[booking.Call], int]:
    """Everybody's calls that wait, the next first; the look is audited (R-167)."""
    with ivy.db.write():
        audit.record(ivy, actor, "upcoming_calls_listed", None, "as an operator")
        rows, total = call_rows.upcoming(after, 0 if after else (page - 1) * limit, limit)
        return [_seen_by(row, actor) for row in rows], total


def _whose(ivy: Ivy, actor: Actor, member_id: str | None, action: str) -> Member:
    """The member a call is for: oneself, or whom an operator names."""
    if member_id is None or member_id == actor.id:
        return member_rows.existing(actor.id or "")
    if actor.role != SUPERADMIN:
        raise Forbidden("Only an operator may have somebody else called.")
    member = member_rows.existing(member_id)
    audit.record(ivy, actor, action, member_id, "as an operator")
    return member


def _own(ivy: Ivy, actor: Actor, call_id: str, action: str) -> tuple[Call, Member]:
    """One's own call, or anybody's for an operator, which is audited; 404 for anybody else's."""
    call = _existing(call_id)
    if call.member_id != actor.id:
        if actor.role != SUPERADMIN:
            raise NotFound("There is no such call.")
        audit.record(ivy, actor, action, call.member_id, "as an operator")
    return call, member_rows.existing(call.member_id)


def _existing(call_id: str) -> Call:
    call = call_rows.by_id(call_id)
    if call is None:
        raise NotFound("There is no such call.")
    return call


def _seen_by(row: Call, actor: Actor) -> booking.Call:
    """What was said is the member's alone, as long as no consent says otherwise (RULEBOOK 2.4)."""
    value = _value(row)
    return value if row.member_id == actor.id else replace(value, transcript=None, transcript_summary=None, recording_url=None)


def _value(row: Call) -> booking.Call:
    return booking.Call(
        id=row.id, user_id=row.member_id, call_type=row.call_type, scheduled_at=row.scheduled_at, started_at=row.started_at,
        ended_at=row.ended_at, duration=row.duration, status=row.status, retell_call_id=row.retell_call_id,
        transcript=row.transcript, transcript_summary=row.transcript_summary, recording_url=row.recording_url,
        outcome=row.outcome, sentiment=row.sentiment, needs_follow_up=row.needs_follow_up, direction=row.direction,
        attempt=row.attempt, retry_of_id=row.retry_of_id, local_date=row.local_date, source=row.source,
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip
