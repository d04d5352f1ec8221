"""The monthly receipt: by mail on the first of the next month (J-10), and at any time by the API (R-62)."""

from collections.abc import Sequence
from datetime import date, datetime

from ivy_engine.actions import giving, rhythms
from ivy_engine.actions.messages import writing
from ivy_engine.domain import receipts, zones
from ivy_engine.domain.money import Money
from ivy_engine.engine import Ivy
from ivy_engine.store import giving as ledger
from ivy_engine.store import members as member_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member


def receipt(ivy: Ivy, member_id: str, month: str | None) -> receipts.Receipt:
    """`GET /api/donations/receipts`: a local month as a request writes it (`2026-05`), the current one so far without it.

    422 for anything else and for a month to come.
    """
    now = ivy.clock.now()
    with ivy.db.read():
        member = member_rows.existing(member_id)
        today = zones.local_date(now, member.timezone)
        first = receipts.month(month) if month is not None else today.replace(day=1)
        receipts.check_not_to_come(first, today)
        return _receipt(ivy, member, first)


def _receipt(ivy: Ivy, member: Member, first: date) -> receipts.Receipt:
    currency, account = ivy.settings.giving.currency, ledger.account_of(member.id)
    shares, month = giving.given_in(ivy, account, first), receipts.month_name(first)
    return receipts.Receipt(
        number=receipts.number(month, account),
        month=month,
        completions=workout_rows.completed_between(member.id, first, zones.next_month(first)),
        total=Money(sum(share.amount.minor for share in shares), currency),
        by_charity=shares,
        impact_equivalent=receipts.impact(shares),
        lifetime=Money(ledger.sums_through_month(account, first).total, currency),
    )


def mail_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """On the 1st at 09:00 local, to whoever gave in the month before; how many mails were written (J-10)."""
    return rhythms.take_turns(ivy, rhythms.RECEIPT, ids, _mail, "the monthly receipt of member")


def _mail(ivy: Ivy, member: Member, now: datetime) -> int:
    last = zones.local_date(now, member.timezone) - zones.DAY
    given = _receipt(ivy, member, last.replace(day=1))
    if not given.total.minor:
        return 0
    key, words = f"receipt:{member.id}:{given.month}", _words(member, given, f"{last:%B %Y}")
    return int(writing.queue_mail(ivy, member, "receipt", words, once_key=key) is not None)


def _words(member: Member, given: receipts.Receipt, month: str) -> dict[str, str]:
    return {
        "name": member.first_name,
        "number": given.number,
        "month": month,
        "completions": str(given.completions),
        "total": given.total.exact,
        "charities": "|".join(f"{_in_a_line(share.charity.name)}: {share.amount.exact}" for share in given.by_charity),
        "impact": (given.impact_equivalent or "").removeprefix("about "),
        "lifetime": given.lifetime.exact,
    }


def _in_a_line(name: str) -> str:
    """The lines are told apart by a stroke."""
    return name.replace("|", "/")
