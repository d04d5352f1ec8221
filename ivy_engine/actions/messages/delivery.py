"""What becomes of messages that were handed over: statuses move forward, what does not arrive goes by SMS (R-111, R-112)."""

import logging
from collections.abc import Sequence
from datetime import datetime

from ivy_engine.actions import consents, one_by_one
from ivy_engine.actions.messages import writing
from ivy_engine.domain import messages, zones
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store import questions
from ivy_engine.store.members import Member
from ivy_engine.store.messages import CHECK, Message
from ivy_engine.store.questions import Question
from ivy_engine.wording import templates

log = logging.getLogger(__name__)
OPTED_OUT = frozenset({"131050", "21610"})


def sent(ivy: Ivy, row: Message, provider_id: str, now: datetime) -> None:
    """Remember the provider's id; a status event may have been faster. The question that it asks is open now. Inside a write."""
    kind = templates.kind(row.template or "")
    if row.channel == "EMAIL":
        row.mail_id, row.params, row.body = provider_id, None, None  # a sign-in link does not stay in our rows
    elif row.channel == "WHATSAPP":
        row.whatsapp_id = row.whatsapp_id or provider_id
    else:
        row.twilio_sid = row.twilio_sid or provider_id
    if row.status == "QUEUED":
        row.status, row.sent_at = "SENT", now
        if kind.urgent and row.channel == "WHATSAPP":
            row.check_at = now + messages.DELIVERED_WITHIN
        if kind.opens:
            _ask(ivy, row, kind.opens, now)
    row.due_at = None
    message_rows.save(row)


def _ask(ivy: Ivy, row: Message, kind: str, now: datetime) -> None:
    questions.add(
        Question(
            id=ivy.clock.new_id(), member_id=row.member_id, kind=kind, workout_id=row.workout_id, about=row.asks_about,
            asked_at=now, expires_at=_open_until(kind, row, now),
        )
    )  # fmt: skip


def _open_until(kind: str, row: Message, now: datetime) -> datetime:
    """Twelve hours; what is still to be done today cannot be agreed on tomorrow."""
    until = now + messages.ANSWERED_WITHIN
    member = member_rows.existing(row.member_id)
    return min(until, zones.next_day_start(now, member.timezone)) if kind == "rescue" else until


def fail(row: Message, reason: str) -> None:
    row.status, row.failed_reason, row.due_at, row.check_at = "FAILED", reason, None, None
    if row.channel == "EMAIL":
        row.params, row.body = None, None
    message_rows.save(row)


def fall_back(ivy: Ivy, failed: Message, member: Member, now: datetime) -> None:
    """The same content by SMS, once."""
    if failed.channel != "WHATSAPP" or ivy.providers.sms is None:
        return
    row = Message(
        id=ivy.clock.new_id(), member_id=member.id, channel="SMS", message_type=failed.message_type,
        template=failed.template, params=failed.params, body=failed.body, is_reply=failed.is_reply, any_hour=failed.any_hour,
        fallback_of_id=failed.id, call_id=failed.call_id, workout_id=failed.workout_id, asks_about=failed.asks_about,
        expires_at=failed.expires_at, due_at=now, created_at=now,
    )  # fmt: skip
    writing.add(ivy, row, now)


def apply_status(ivy: Ivy, update: messages.StatusUpdate) -> None:
    """A status event: only forward (R-111); our own id finds a message whose sending was never answered. Inside a write."""
    row = message_rows.by_provider_id(update.channel, update.provider_id)
    if row is None and update.message_id:
        row = message_rows.by_id(update.message_id)
        if row is not None and row.channel == update.channel and row.status in ("QUEUED", "SENT"):
            sent(ivy, row, update.provider_id, update.at or ivy.clock.now())
    if row is None or row.direction != "OUTBOUND":
        log.info("a %s status for a message that is not ours", update.channel.lower())
        return
    if not messages.moves(row.status, update.status):
        return
    if update.status == "FAILED":
        _undelivered(ivy, row, update.error or "the provider gave no reason")
        return
    at = update.at or ivy.clock.now()
    row.status, row.due_at = update.status, None
    if update.status == "DELIVERED":
        row.delivered_at, row.check_at = at, None
    elif update.status == "READ":
        row.read_at, row.delivered_at, row.check_at = at, row.delivered_at or at, None
    else:
        row.sent_at = row.sent_at or at
    message_rows.save(row)


def _undelivered(ivy: Ivy, row: Message, reason: str) -> None:
    """By SMS instead, unless the provider says that the member wants no messages (PROVIDERS 2.7, 3.6)."""
    now = ivy.clock.now()
    fail(row, reason)
    member = member_rows.existing(row.member_id)
    if reason in OPTED_OUT:
        consents.record(ivy, member, "messages", False, "whatsapp" if row.channel == "WHATSAPP" else "sms", now)
    else:
        fall_back(ivy, row, member, now)


def next_check(ivy: Ivy) -> datetime | None:
    return one_by_one.next_due(ivy, CHECK)


def check_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """What is urgent and was not delivered in ten minutes goes by SMS (J-16); how many did."""
    due = one_by_one.whose_time_has_come(ivy, CHECK, ids)
    return one_by_one.each(ivy, CHECK, due, _give_up, "the delivery of message")


def _give_up(ivy: Ivy, message_id: str, now: datetime) -> int:
    row = message_rows.by_id(message_id)
    if row is None or row.check_at is None or row.check_at > now or row.status != "SENT":
        return 0
    fail(row, "not delivered in time")
    fall_back(ivy, row, member_rows.existing(row.member_id), now)
    return 1
