"""Dialling stops for everybody, goes on, or is let go on by an operator (D-14)."""

import logging
from datetime import datetime, timedelta

from ivy_engine.actions import alerts, audit
from ivy_engine.domain.audit import Actor
from ivy_engine.domain.calls import halts, states
from ivy_engine.domain.errors import Conflict
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import halts as halt_rows
from ivy_engine.store.calls import Call

log = logging.getLogger(__name__)
PROBE_AGAIN = timedelta(seconds=15)  # a probe that rings lets the others go at once; this is for one of which nobody hears


def in_the_way(now: datetime) -> datetime | None:
    """Until when no call may be dialled: the wait lasts, or one call tries whether it is over. None if nothing is in the way."""
    halt = halt_rows.current()
    if halt.stands(now):
        return halt.until
    probe = call_rows.by_id(halt.probe_id) if halt.wants_probe(now) and halt.probe_id else None
    return now + PROBE_AGAIN if probe is not None and probe.status == states.IN_PROGRESS else None


def tried_by(call: Call, now: datetime) -> None:
    """A call is dialled: the first one after a refused account is the probe. Inside the write that records the attempt."""
    halt = halt_rows.current()
    if halt.wants_probe(now):
        halt_rows.save(halts.probed_by(halt, call.id))


def refused(ivy: Ivy, call: Call, why: str, now: datetime, retry_after: timedelta | None = None) -> None:
    """Stop dialling; operators are told by mail when it is our account. Inside a write."""
    before = halt_rows.current()
    after = halts.refused(before, why, call.dialled_at, now, retry_after)
    if after == before or after.until is None:
        return
    halt_rows.save(after)
    log.error("all calls wait until %s, because of %s: %s", after.until, after.why, call.last_error)
    if after.why == halts.ACCOUNT and before.why != halts.ACCOUNT:
        told = {"reason": call.last_error or "no reason was given", "until": f"{after.until:%H:%M}"}
        alerts.tell_operators(ivy, "dialling_paused", told)


def got_through(ivy: Ivy, call: Call, now: datetime) -> int:
    """A call has rung: whoever was held is due; how many. Inside a write."""
    before = halt_rows.current()
    after = halts.got_through(before, call.dialled_at)
    return 0 if after == before else _end(after, now)


def resume(ivy: Ivy, actor: Actor) -> int:
    """An operator lets dialling go on at once; how many calls were held. 409 when nothing is paused. Inside a write."""
    if halt_rows.current().why is None:
        raise Conflict("Dialling is not paused.")
    audit.record(ivy, actor, "dialling_resumed", None, "as an operator")
    return _end(halts.Halt(), ivy.clock.now())


def _end(halt: halts.Halt, now: datetime) -> int:
    halt_rows.save(halt)
    return call_rows.free(now, "halt")
