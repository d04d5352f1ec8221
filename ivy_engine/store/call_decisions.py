"""Why a call was made or not made: one row for each decision of the gate."""

import json
from datetime import datetime
from typing import NamedTuple

from ivy_engine.domain.calls.gate import Decision
from ivy_engine.store.db import db, from_ms, to_ms


class Decided(NamedTuple):
    at: datetime
    allowed: bool
    reasons: tuple[str, ...]


def add(decision_id: str, call_id: str, at: datetime, decision: Decision) -> None:
    reasons = json.dumps(list(decision.reasons))
    db.changed("INSERT INTO call_decision VALUES (?, ?, ?, ?, ?)", decision_id, call_id, to_ms(at), decision.allowed, reasons)


def about(call_id: str) -> list[Decided]:
    """The decisions about one call, oldest first."""
    rows = db.rows("SELECT at, allowed, reasons FROM call_decision WHERE call_id = ? ORDER BY at, id", call_id)
    return [Decided(from_ms(row[0]), bool(row[1]), tuple(json.loads(row[2]))) for row in rows]
