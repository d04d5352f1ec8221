"""Jobs that do something for each member whose time has come."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from ivy_engine.engine import Ivy
from ivy_engine.store.due import DueColumn

log = logging.getLogger(__name__)
AGAIN = timedelta(minutes=15)


def next_due(ivy: Ivy, when: DueColumn) -> datetime | None:
    """When somebody's time comes next."""
    with ivy.db.read():
        return when.next()


def whose_time_has_come(ivy: Ivy, when: DueColumn, among: Sequence[str] = ()) -> list[str]:
    """Ids of the members who are due, or of these only those `among` some; longest due first."""
    with ivy.db.read():
        due = when.keys(ivy.clock.now())
    return [member_id for member_id in due if not among or member_id in among]


def each(ivy: Ivy, when: DueColumn, member_ids: Iterable[str], work: Callable[[Ivy, str, datetime], int], what: str) -> int:
    """Do `work` for each member, in a transaction of its own; the sum of what it answers.

    One for whom it fails does not hold up the others: it is logged, and looked at again in a quarter of an hour.
    """
    return sum(_one(ivy, when, member_id, work, what) for member_id in member_ids)


def _one(ivy: Ivy, when: DueColumn, member_id: str, work: Callable[[Ivy, str, datetime], int], what: str) -> int:
    now = ivy.clock.now()
    try:
        with ivy.db.write():
            return work(ivy, member_id, now)
    except Exception:
        log.exception("%s of member %s failed", what, member_id)
        with ivy.db.write():
            when.later(member_id, now + AGAIN)
        return 0
