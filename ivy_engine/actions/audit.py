"""The audit log: who looked at or changed somebody else's data, what, why and when (R-167)."""

from ivy_engine.domain.audit import Actor
from ivy_engine.engine import Ivy
from ivy_engine.store import audit as audit_rows
from ivy_engine.store.audit import AuditRow


def record(ivy: Ivy, actor: Actor, action: str, member_id: str | None, why: str) -> None:
    """Write one line. Inside a write: what is not written down is not done."""
    audit_rows.add(AuditRow(ivy.clock.new_id(), ivy.clock.now(), actor.id, actor.role, action, member_id, why))
