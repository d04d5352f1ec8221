"""Events that come in by webhooks: kept once, then handled in one transaction each (DESIGN 2, R-114)."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from ivy_engine import fault_points
from ivy_engine.actions import billing, sign_in
from ivy_engine.actions.calls import events
from ivy_engine.actions.inbound import hearing
from ivy_engine.actions.messages import delivery
from ivy_engine.domain import retries
from ivy_engine.domain.calls import states
from ivy_engine.domain.errors import IvyError
from ivy_engine.domain.inbound.received import Received
from ivy_engine.domain.messages import StatusUpdate
from ivy_engine.engine import Ivy
from ivy_engine.plugins.contract import Incoming, ReportedEvent, dump_event, load_event
from ivy_engine.store import inbound as inbound_rows
from ivy_engine.store.inbound import InboundEvent

log = logging.getLogger(__name__)
JOB = "handle_inbound"
LINK_REQUEST = "link_request"
TRIES = 8
BACKOFF = timedelta(seconds=2)


def receive(ivy: Ivy, provider: str, incoming: Sequence[Incoming]) -> int:
    """Keep the events of one webhook, each once; how many are new. They are handled by a job."""
    now = ivy.clock.now()
    new = []
    with ivy.db.write():
        for item in incoming:
            row = InboundEvent(
                id=ivy.clock.new_id(), provider=provider, event_id=item.event_id, kind=item.kind,
                payload=dump_event(item.event, item.kind), due_at=now, received_at=now,
            )  # fmt: skip
            if inbound_rows.add_once(row):
                new.append(row.id)
        if new:
            ivy.later(JOB, *new)
        fault_points.reach("webhook.keeping")
    fault_points.reach("webhook.kept")
    return len(new)


def link_requested(ivy: Ivy, email: str) -> None:
    """Somebody asks for a sign-in link.

    The address is kept and looked up by a job: whether it is known or not, the answer takes as long (C-29).
    """
    now = ivy.clock.now()
    row_id = ivy.clock.new_id()
    row = InboundEvent(
        id=row_id, provider="sign_in", event_id=row_id, kind=LINK_REQUEST, payload=email, due_at=now, received_at=now
    )
    with ivy.db.write():
        inbound_rows.add_once(row)
        ivy.later(JOB, row_id)


def next_due(ivy: Ivy) -> datetime | None:
    with ivy.db.read():
        return inbound_rows.next_due()


def handle_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """Handle what is due, or of it only the given rows; how many were handled (J-16b)."""
    with ivy.db.read():
        due = inbound_rows.due(ivy.clock.now())
    return sum(_handle(ivy, row_id) for row_id in due if not ids or row_id in ids)


def _handle(ivy: Ivy, row_id: str) -> bool:
    """Effect and mark in one transaction: a kill leaves both undone. A failure keeps the row with its error."""
    now = ivy.clock.now()
    try:
        with ivy.db.write():
            row = inbound_rows.waiting(row_id, now)
            if row is None:
                return False
            fault_points.reach("event.handling")
            if row.kind == LINK_REQUEST:
                sign_in.send_requested_link(ivy, row.payload)
                row.payload = None  # who asks to sign in is nobody's business afterwards
            else:
                known = _take_effect(ivy, load_event(row.kind, row.payload))
                row.payload = row.payload if known else None  # of strangers nothing is kept but that they wrote
            row.status, row.handled_at, row.due_at, row.error = "HANDLED", now, None, None
            inbound_rows.save(row)
    except IvyError as refusal:
        _failed(ivy, row_id, f"{refusal.code}: {refusal.message}", final=True)
        return False
    except Exception as error:
        log.exception("inbound event %s could not be handled", row_id)
        _failed(ivy, row_id, type(error).__name__, final=False)
        return False
    fault_points.reach("event.handled")
    return True


def _failed(ivy: Ivy, row_id: str, reason: str, final: bool) -> None:
    now = ivy.clock.now()
    with ivy.db.write():
        row = inbound_rows.waiting(row_id, now)
        if row is None:
            return
        row.tries, row.error = row.tries + 1, reason[:300]
        if final or row.tries >= TRIES:
            row.status, row.due_at = "FAILED", None
        else:
            row.due_at = now + retries.delay(row.tries, BACKOFF)
        inbound_rows.save(row)


def _take_effect(ivy: Ivy, event: ReportedEvent) -> bool:
    """Whether it was anybody's whom we know."""
    if isinstance(event, states.Event):
        events.apply(ivy, event)
    elif isinstance(event, StatusUpdate):
        delivery.apply_status(ivy, event)
    elif isinstance(event, Received):
        return hearing.hear(ivy, event)
    else:
        billing.apply(ivy, event)
    return True
