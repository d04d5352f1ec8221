"""When nobody can be rung: our account is refused, or no line is free. How long dialling waits, and who tries again (D-14)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

ACCOUNT, LINES = "account", "lines"
ACCOUNT_WAIT = timedelta(minutes=15)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=15)


@dataclass(frozen=True)
class Halt:
    """The last time that dialling was stopped, until a call that was dialled since has got through.

    `waits` counts the refusals in a row for want of a line; `probe_id` is the call that tries whether our account is taken again.
    """

    why: str | None = None
    at: datetime | None = None
    until: datetime | None = None
    waits: int = 0
    probe_id: str | None = None

    def stands(self, now: datetime) -> bool:
        return self.until is not None and now < self.until

    def wants_probe(self, now: datetime) -> bool:
        """The wait is over, and whether our account is taken again is for one call to find out."""
        return self.why == ACCOUNT and not self.stands(now)


def refused(halt: Halt, why: str, dialled_at: datetime | None, now: datetime, retry_after: timedelta | None = None) -> Halt:
    """After a call was refused for a reason that would meet any other call as well.

    Calls that were dialled before the halt was ordered are refused with it: they make it no longer.
    """
    if not _dialled_since(halt, dialled_at) and (why == halt.why or halt.why == ACCOUNT):
        return halt
    if why == ACCOUNT:
        return Halt(ACCOUNT, now, now + max(ACCOUNT_WAIT, retry_after or ACCOUNT_WAIT))
    waits = halt.waits + 1
    wait = min(FIRST_WAIT * int(2 ** min(waits - 1, 10)), LONGEST_WAIT)
    return Halt(LINES, now, now + max(wait, retry_after or wait), waits)


def got_through(halt: Halt, dialled_at: datetime | None) -> Halt:
    """After a call has rung. One that was dialled before the halt says nothing about it."""
    return Halt() if _dialled_since(halt, dialled_at) else halt


def probed_by(halt: Halt, call_id: str) -> Halt:
    return replace(halt, probe_id=call_id)


def _dialled_since(halt: Halt, dialled_at: datetime | None) -> bool:
    return halt.at is None or (dialled_at is not None and dialled_at > halt.at)
