"""Messages that members and operators ask for, and the list of one's own (RULEBOOK 7.3, R-113, R-117)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ivy_engine.actions import audit
from ivy_engine.actions.messages import sending, writing
from ivy_engine.domain import messages, preferences, zones
from ivy_engine.domain.audit import Actor
from ivy_engine.domain.errors import Forbidden, Invalid, Problem, invalid
from ivy_engine.domain.members import SUPERADMIN, WEEKDAYS
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store import streaks as day_rows
from ivy_engine.store.members import Member
from ivy_engine.store.messages import Message
from ivy_engine.wording import templates

NUDGE = "motivational_nudge"
# What members may have sent to themselves: it claims nothing that has not happened, and a yes to it changes nothing by itself
TO_ONESELF = frozenset({
    NUDGE, "workout_reminder", "completion_check", "bedtime_nudge", "weekly_summary", "stats_reply", "help_menu",
})  # fmt: skip
# What only comes when its reason is there: help, and what became of a consent
NEVER_ASKED_FOR = frozenset({"safety_resources", "health_concern", "wellbeing_check", "stopped", "started"})


@dataclass(frozen=True)
class Wanted:
    """What a request asks for. `user_id` is whom an operator writes to, `message_type` only a check."""

    channel: str
    template: str
    params: Mapping[str, str]
    message_type: str | None = None
    user_id: str | None = None


def listed(
    ivy: Ivy, member_id: str, channel: str | None, *, after: tuple[datetime, str] | None, page: int, limit: int
) -> tuple[list[messages.Message], int]:
    """One's own messages, the newest first, and how many there are; one more than `limit` if there are more."""
    with ivy.db.read():
        rows, total = message_rows.page(member_id, channel, after, 0 if after else (page - 1) * limit, limit)
        return [_value(row) for row in rows], total


def send(ivy: Ivy, actor: Actor, wanted: Wanted) -> messages.Message:
    """Write a message of a template, to oneself or as an operator to anybody, audited (R-167).

    It leaves as every other does: not in quiet hours, and within the day's ceiling. 403 for somebody else's phone or a template
    that is not to be asked for, 422 for a template or parameters that do not fit, 409 when it would not be sent.
    """
    with ivy.db.write():
        member = _whose(ivy, actor, wanted.user_id)
        _check(actor, wanted)
        return _value(_write(ivy, member, wanted))


def _whose(ivy: Ivy, actor: Actor, member_id: str | None) -> Member:
    if member_id is None or member_id == actor.id:
        return member_rows.existing(actor.id or "")
    if actor.role != SUPERADMIN:
        raise Forbidden("Only an operator may write to somebody else.")
    member = member_rows.existing(member_id)
    audit.record(ivy, actor, "message_sent", member_id, "as an operator")
    return member


def _check(actor: Actor, wanted: Wanted) -> None:
    if wanted.template not in templates.names() or templates.kind(wanted.template).mail:
        raise invalid("templateId", "there is no such template")
    if wanted.template in NEVER_ASKED_FOR:
        raise Forbidden("This message only comes when there is a reason for it.")
    if actor.role != SUPERADMIN and wanted.template not in TO_ONESELF:
        raise Forbidden("Only an operator may send this message.")
    kind = templates.kind(wanted.template)
    problems = [Problem(f"body.templateParams.{name}", "this is needed") for name in kind.params if name not in wanted.params]
    problems += [
        Problem(f"body.templateParams.{name}", "this template has no such parameter")
        for name in wanted.params
        if name not in kind.params
    ]
    if (wanted.message_type or kind.type).lower() != kind.type:
        problems.append(Problem("body.messageType", f"a message of this template is of the type {kind.type}"))
    if problems:
        raise Invalid(*problems)


def _write(ivy: Ivy, member: Member, wanted: Wanted) -> Message:
    """The row, or 409 with the reason why it would not be sent."""
    now = ivy.clock.now()
    why_not = _unwelcome(member, templates.kind(wanted.template))
    once_key = None
    if why_not is None and wanted.template == NUDGE:
        today = zones.local_date(now, member_rows.clock_zone(member))
        once_key = f"{NUDGE}:{member.id}:{today}"
        why_not = "rest_day" if _rests_on(member, today) else "nudged" if message_rows.is_written(once_key) else None
    if why_not:
        raise messages.refuse(why_not)
    message_id = writing.queue(
        ivy, member, wanted.template, wanted.params, writing.About(channel=wanted.channel, once_key=once_key)
    )
    row = message_rows.by_id(message_id or "")
    if row is None:
        raise LookupError(f"the message to member {member.id} was not written")
    if row.expires_at is not None and row.due_at is not None and row.expires_at <= row.due_at:
        raise messages.refuse("too_late")
    why_not = sending.refusal(ivy, row, member, now)
    if why_not:
        raise messages.refuse(why_not)
    return row


def _unwelcome(member: Member, kind: templates.Kind) -> str | None:
    """What stands between the member and any message of a kind (R-120, R-151), in the order in which it is told."""
    against = {
        "inactive": not member.is_active,
        "no_phone": member.phone is None,
        "safety_hold": member.hold_since is not None and not kind.in_hold,
        "no_consent": member.message_consent is not True,
        "switched_off": not preferences.read(member.preferences).wants(kind.voluntary),
    }
    return next((reason for reason, holds in against.items() if holds), None)


def _rests_on(member: Member, day: date) -> bool:
    """Declared, or not one of the member's days."""
    off = bool(member.preferred_days) and WEEKDAYS[day.weekday()] not in member.preferred_days
    return off or day_rows.rest_declared(member.id, day)


def _value(row: Message) -> messages.Message:
    """What a mail says is not shown: it may carry a link that signs in."""
    return messages.Message(
        id=row.id, user_id=row.member_id, channel=row.channel, direction=row.direction, message_type=row.message_type,
        template=row.template, body=None if row.channel == "EMAIL" else row.body, status=row.status,
        whatsapp_id=row.whatsapp_id, twilio_sid=row.twilio_sid, fallback_of_id=row.fallback_of_id, call_id=row.call_id,
        workout_id=row.workout_id, failed_reason=row.failed_reason, created_at=row.created_at, sent_at=row.sent_at,
        delivered_at=row.delivered_at, read_at=row.read_at,
    )  # fmt: skip
