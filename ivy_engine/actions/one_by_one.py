"""Jobs that do something for each member, or each workout, whose time has come."""

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
    """Ids of those who are due, or of these only those `among` some; longest due first."""
    with ivy.db.read():
        due = when.keys(ivy.clock.now())
    return [one for one in due if not among or one in among]


def each(ivy: Ivy, when: DueColumn, ids: Iterable[str], work: Callable[[Ivy, str, datetime], int], what: str) -> int:
    """Do `work` for each of them, in a transaction of its own; the sum of what it answers.

    One for whom it fails does not hold up the others: it is logged, and looked at again in a quarter of an hour.
    """
    return sum(_one(ivy, when, one, work, what) for one in ids)


def _one(ivy: Ivy, when: DueColumn, one: str, work: Callable[[Ivy, str, datetime], int], what: str) -> int:
    now = ivy.clock.now()
    try:
        with ivy.db.write():
            return work(ivy, one, now)
    except Exception:
        log.exception("%s of %s failed", what, one)
        with ivy.db.write():
            when.later(one, now + AGAIN)
        return 0
