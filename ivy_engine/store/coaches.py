"""Which coach looks after which member."""

from datetime import datetime

from ivy_engine.store.db import db, to_ms


def assign(coach_id: str, member_id: str, now: datetime) -> bool:
    """False if the coach had that member already."""
    sql = "INSERT OR IGNORE INTO coach_assignment (coach_id, member_id, created_at) VALUES (?, ?, ?)"
    return db.changed(sql, coach_id, member_id, to_ms(now)) == 1


def is_assigned(coach_id: str, member_id: str) -> bool:
    return db.row("SELECT 1 FROM coach_assignment WHERE coach_id = ? AND member_id = ?", coach_id, member_id) is not None


def members_of(coach_id: str) -> list[str]:
    """Ids of the coach's members, in the order of assignment."""
    rows = db.rows("SELECT member_id FROM coach_assignment WHERE coach_id = ? ORDER BY created_at, member_id", coach_id)
    return [row[0] for row in rows]


def leave_members(coach_id: str) -> int:
    """Somebody who is no coach any more has no members; how many they had."""
    return db.changed("DELETE FROM coach_assignment WHERE coach_id = ?", coach_id)


def leave_coaches(member_id: str) -> int:
    """A member without coaches from now on; how many they had."""
    return db.changed("DELETE FROM coach_assignment WHERE member_id = ?", member_id)
