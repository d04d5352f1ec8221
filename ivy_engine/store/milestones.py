"""Milestones that members have reached."""

from datetime import datetime

from ivy_engine.store.db import db, to_ms


def reach(member_id: str, name: str, now: datetime) -> bool:
    """True the first time only."""
    sql = "INSERT OR IGNORE INTO milestone (member_id, name, reached_at) VALUES (?, ?, ?)"
    return db.changed(sql, member_id, name, to_ms(now)) == 1
