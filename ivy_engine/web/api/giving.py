"""`/api/donations`: charities, the own ledger, the wallet."""

from typing import Any

from ivy_engine.actions import giving
from ivy_engine.web.endpoint import Asked, Page


def charities(asked: Asked) -> Any:
    return giving.charities(asked.ivy)


def charity(asked: Asked) -> Any:
    return giving.charity(asked.ivy, asked.params["id"])


def donations(asked: Asked) -> Any:
    query = asked.query
    charity_id = str(query.charity_id) if query.charity_id else None
    rows, total = giving.donations(asked.ivy, asked.who.id, query.donation_type, charity_id, query.page, query.limit)
    return Page(rows, total, query.page, query.limit)


def wallet(asked: Asked) -> Any:
    return giving.impact_wallet(asked.ivy, asked.who.id)


def stats(asked: Asked) -> Any:
    return giving.donation_stats(asked.ivy, asked.who.id)
