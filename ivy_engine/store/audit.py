"""The audit log: reads and changes of somebody's data by an operator or a coach (R-167)."""

from datetime import datetime
from typing import NamedTuple

from ivy_engine.store.db import db, from_ms, to_ms


class AuditRow(NamedTuple):
    id: str
    at: datetime
    actor_id: str | None
    actor_role: str
    action: str
    member_id: str | None
    why: str


def add(row: AuditRow) -> None:
    db.changed("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", row.id, to_ms(row.at), *row[2:])


def about(member_id: str) -> list[AuditRow]:
    """What was done to one member's data, oldest first."""
    rows = db.rows("SELECT * FROM audit WHERE member_id = ? ORDER BY at, id", member_id)
    return [AuditRow(row[0], from_ms(row[1]), *row[2:]) for row in rows]
