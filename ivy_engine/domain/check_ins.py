"""When somebody who has gone quiet, or is ill, is asked how they are (R-12, R-18)."""

from datetime import date, datetime, timedelta

QUIET_AFTER = timedelta(days=3)
WHEN_QUIET = timedelta(days=7)  # at most one question in so many local dates
WHEN_SICK = timedelta(days=3)


def gone_quiet(last_contact: datetime | None, now: datetime) -> bool:
    """More than three days without an answered call, a message or a logged workout (R-18); nobody starts out quiet."""
    return last_contact is not None and now - last_contact > QUIET_AFTER


def may_come_again(span: timedelta, last: date | None, today: date) -> bool:
    """Whether the last check-in, or what it is counted from, lies so many local dates back."""
    return last is None or today - last >= span
