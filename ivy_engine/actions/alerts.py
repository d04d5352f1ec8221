"""What operators are told without asking: something is wrong that only a person can mend."""

from collections.abc import Mapping

from ivy_engine.actions.messages import writing
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows


def tell_operators(ivy: Ivy, template: str, params: Mapping[str, str]) -> int:
    """Write a mail to everybody with the role, or named in `security.operator_emails`; how many. Inside a write."""
    named = {address.strip().lower() for address in ivy.settings.security.operator_emails}
    people = {member.id: member for member in (*member_rows.operators(), *member_rows.by_emails(named))}
    for member in people.values():
        writing.queue_mail(ivy, member, template, {"name": member.first_name, **params})
    return len(people)
