"""The engine's clock, and what a former process left behind."""

from datetime import datetime

from ivy_engine.domain import messages
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import clockwork
from ivy_engine.store import messages as message_rows


def set_clock(ivy: Ivy, instant: datetime | None) -> None:
    """Stand still at `instant`, or go back to the wall clock; kept in the database at once. Runs nothing."""
    ivy.clock.set(instant)
    with ivy.db.write():
        clockwork.save_virtual_now(ivy.clock.now() if ivy.clock.virtual else None)


def take_over(ivy: Ivy) -> int:
    """What a killed process held is due again (DESIGN 3.1); how many rows. Called once, by whoever holds the folder."""
    now = ivy.clock.now()
    with ivy.db.write():
        released = call_rows.release_former(ivy.run, now)
        return released + message_rows.release_former(ivy.run, now + messages.STATUS_GRACE)
