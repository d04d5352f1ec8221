"""Roles and assignments: granted by the command line and the simulator, never through the API (RULEBOOK 2.1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from ivy_engine.actions import audit
from ivy_engine.domain import members
from ivy_engine.domain.audit import Actor
from ivy_engine.domain.errors import Conflict, NotFound, invalid
from ivy_engine.engine import Ivy
from ivy_engine.store import coaches as coach_rows
from ivy_engine.store import companies
from ivy_engine.store import members as member_rows
from ivy_engine.store.members import Member


@dataclass(frozen=True)
class Granted:
    """Who has which role now, for which company, with which members assigned."""

    id: str
    email: str
    role: str
    company_id: str | None
    members: tuple[str, ...]


def grant_role(ivy: Ivy, actor: Actor, email: str, role: str, company_id: str | None = None) -> Granted:
    """Give a member a role. A company admin needs a company: the one that is named, or their own.

    404 for an unknown e-mail or company. Whoever is no coach any more has no assigned members.
    """
    if role not in members.ROLES:
        raise invalid("role", f"use one of {', '.join(members.ROLES)}")
    with ivy.db.write():
        member = _by_email(email)
        if company_id is not None:
            if companies.by_id(company_id) is None:
                raise NotFound("There is no such company.")
            member.company_id = company_id
        if role == members.ADMIN and member.company_id is None:
            raise invalid("companyId", "a company admin needs a company")
        member.role, member.updated_at = role, ivy.clock.now()
        member_rows.save(member)
        if role != members.COACH:
            coach_rows.leave_members(member.id)
        audit.record(ivy, actor, "role_granted", member.id, role)
        return _granted(member)


def assign(ivy: Ivy, actor: Actor, coach_email: str, member_ids: Sequence[str]) -> Granted:
    """Put members, by id or e-mail, into a coach's care. 404 for somebody unknown, 409 if the first is no coach."""
    now = ivy.clock.now()
    with ivy.db.write():
        coach = _by_email(coach_email)
        if coach.role != members.COACH:
            raise Conflict(f"{coach.email} is not a coach.")
        for named in member_ids:
            member = _by_email(named) if "@" in named else member_rows.existing(named)
            if member.id == coach.id:
                raise Conflict("A coach cannot be their own member.")
            if coach_rows.assign(coach.id, member.id, now):
                audit.record(ivy, actor, "coach_assigned", member.id, f"coach {coach.id}")
        return _granted(coach)


def _by_email(email: str) -> Member:
    member = member_rows.by_email(email.strip().lower())
    if member is None:
        raise NotFound(f"There is no member {email}.")
    return member


def _granted(member: Member) -> Granted:
    return Granted(member.id, member.email, member.role, member.company_id, tuple(coach_rows.members_of(member.id)))
