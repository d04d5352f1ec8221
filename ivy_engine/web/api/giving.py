"""`/api/donations`: charities, the own ledger, the wallet."""

from typing import Any

from ivy_engine.actions import giving, wallets
from ivy_engine.domain.members import SUPERADMIN
from ivy_engine.web import cursors
from ivy_engine.web.endpoint import Asked, Page


def charities(asked: Asked) -> Any:
    return giving.charities(asked.ivy)


def charity(asked: Asked) -> Any:
    return giving.charity(asked.ivy, asked.params["id"])


def donations(asked: Asked) -> Any:
    query = asked.query
    charity_id = str(query.charity_id) if query.charity_id else None
    wanted = giving.Filter(query.donation_type, charity_id, query.start_date, query.end_date)
    after = cursors.after(query.cursor, cursors.instant, cursors.text)
    found, total = giving.donations(asked.ivy, asked.who.id, wanted, after=after, page=query.page, limit=query.limit)
    rows, next_key = cursors.cut(found, query.limit, lambda row: (row.created_at.isoformat(), row.id))
    return Page(rows, total, query.page, query.limit, next_key)


def wallet(asked: Asked) -> Any:
    return wallets.impact_wallet(asked.ivy, asked.who.id)


def change_wallet(asked: Asked) -> Any:
    body = asked.body
    operator = asked.who.role == SUPERADMIN
    return wallets.change_limits(asked.ivy, asked.who.id, body.monthly_limit, body.daily_cap, may_exceed_tier=operator)


def give(asked: Asked) -> Any:
    body = asked.body
    return giving.give_manually(asked.ivy, asked.actor, str(body.user_id), str(body.charity_id), body.amount, body.currency)


def stats(asked: Asked) -> Any:
    return giving.donation_stats(asked.ivy, asked.who.id)
