"""`/api/donations`: charities, the own ledger, the wallet."""

from typing import Any

from ivy_engine.actions import giving, receipts, wallets
from ivy_engine.domain.members import SUPERADMIN
from ivy_engine.web import cursors
from ivy_engine.web.endpoint import Asked, Page


def charities(asked: Asked) -> Any:
    """The charities that members give to.

    Active ones, by name.
    """
    return giving.charities(asked.ivy)


def charity(asked: Asked) -> Any:
    """One charity.

    Also one that is no longer active.
    """
    return giving.charity(asked.ivy, asked.params["id"])


def listed(asked: Asked) -> Any:
    """What was given.

    The own ledger, newest first.
    """
    query = asked.query
    charity_id = str(query.charity_id) if query.charity_id else None
    wanted = giving.Filter(query.donation_type, charity_id, query.start_date, query.end_date)
    after = cursors.after(query.cursor, cursors.instant, cursors.text)
    found, total = giving.donations(asked.ivy, asked.who.id, wanted, after=after, page=query.page, limit=query.limit)
    return Page.cut(found, total, query, lambda row: (row.created_at.isoformat(), row.id))


def wallet(asked: Asked) -> Any:
    """The impact wallet.

    Limits, what was given this month and today, and the room that is left (R-53).
    """
    return wallets.impact_wallet(asked.ivy, asked.who.id)


def change_wallet(asked: Asked) -> Any:
    """Change the limits.

    Up to what the tier allows (R-61); the daily cap is at most the monthly limit.
    """
    body = asked.body
    operator = asked.who.role == SUPERADMIN
    return wallets.change_limits(asked.ivy, asked.who.id, body.monthly_limit, body.daily_cap, may_exceed_tier=operator)


def give(asked: Asked) -> Any:
    """Give for a member.

    By an operator, beyond the wallet's limits (R-58).
    """
    body = asked.body
    return giving.give_manually(asked.ivy, asked.actor, str(body.user_id), str(body.charity_id), body.amount, body.currency)


def receipt(asked: Asked) -> Any:
    """The receipt of a month.

    The member's own local month; the current one so far when none is named. Whoever gave gets it by mail on the first of the
    next month (R-62).
    """
    return receipts.receipt(asked.ivy, asked.who.id, asked.query.month)


def stats(asked: Asked) -> Any:
    """Sums of what was given.

    By charity and by kind, the largest first.
    """
    return giving.donation_stats(asked.ivy, asked.who.id)
