"""Messages out: written with the change that causes them, sent by a job, moved on by the provider's status events."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivy_engine import fault_points
from ivy_engine.domain import members, messages, retries, zones
from ivy_engine.engine import Ivy
from ivy_engine.plugins.contract import MailRequest, Messenger, ProviderError, TextRequest
from ivy_engine.store import calls as call_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store import streaks as day_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member
from ivy_engine.store.messages import Message
from ivy_engine.wording import templates

log = logging.getLogger(__name__)
JOB = "send_due_messages"
OF_THE_DAY = ("missed_call", "second_miss_options", "day_log_check")


@dataclass(frozen=True)
class About:
    """What a message belongs to and when it may leave."""

    workout_id: str | None = None
    call_id: str | None = None
    once_key: str | None = None  # a second message with this key is not written
    reply_by: str | None = None  # a direct answer, on the channel the member wrote on: exempt from quiet hours
    at_chosen_time: bool = False  # the member chose the time: exempt too
    not_before: datetime | None = None


def queue(ivy: Ivy, member: Member, template: str, params: Mapping[str, str], about: About) -> str | None:
    """Write an automatic message to a member who wants them; its id, or None if there is none. Inside a write."""
    if not members.messageable(member_rows.standing(member)):
        return None
    now = ivy.clock.now()
    quiet = messages.quiet_hours(ivy.settings.rules.quiet_hours)
    exempt = about.reply_by is not None or about.at_chosen_time
    channel = about.reply_by or ("WHATSAPP" if ivy.providers.whatsapp else "SMS")
    row = _row(ivy, member, channel, template, params, now)
    earliest = about.not_before or now
    row.due_at = earliest if exempt else messages.welcome_at(earliest, member_rows.clock_zone(member), quiet)
    row.workout_id, row.call_id, row.once_key = about.workout_id, about.call_id, about.once_key
    row.is_reply = about.reply_by is not None
    return _add(ivy, row, now)


def queue_mail(ivy: Ivy, member: Member, template: str, params: Mapping[str, str]) -> str | None:
    """Write an e-mail, due at once. Inside a write."""
    now = ivy.clock.now()
    row = _row(ivy, member, "EMAIL", template, params, now)
    row.due_at = now
    return _add(ivy, row, now)


def _row(ivy: Ivy, member: Member, channel: str, template: str, params: Mapping[str, str], now: datetime) -> Message:
    return Message(
        id=ivy.clock.new_id(), member_id=member.id, channel=channel, message_type=messages.TYPES[template],
        template=template, params=dict(params), body=templates.render(template, params), created_at=now,
    )  # fmt: skip


def _add(ivy: Ivy, row: Message, now: datetime) -> str | None:
    if not message_rows.add_once(row):
        return None
    if row.due_at <= now:
        ivy.later(JOB, row.id)
    message_id: str = row.id
    return message_id


def next_due(ivy: Ivy) -> datetime | None:
    with ivy.db.read():
        return message_rows.next_due()


def send_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """Send what is due, or of it only the given rows; how many left (J-16a)."""
    with ivy.db.read():
        due = message_rows.due(ivy.clock.now())
    return sum(_try(ivy, message_id) for message_id in due if not ids or message_id in ids)


def _try(ivy: Ivy, message_id: str) -> bool:
    try:
        return _send(ivy, message_id)
    except Exception as error:  # one message that cannot be sent must not hold up the others
        log.exception("message %s could not be sent", message_id)
        _not_sent(ivy, message_id, ProviderError(type(error).__name__, permanent=False))
        return False


def _send(ivy: Ivy, message_id: str) -> bool:
    now = ivy.clock.now()
    with ivy.db.write():
        if not message_rows.claim(message_id, ivy.run, now, now + messages.LEASE):
            return False
        row, member = _row_and_member(message_id)
        refusal = _refusal(ivy, row, member)
        if refusal:
            _fail(row, refusal)
            return False
        free_text = row.is_reply and messages.free_text(member.last_whatsapp_at, now)
    fault_points.reach("message.claimed")
    try:
        provider_id = _hand_over(ivy, row, member, free_text)
    except ProviderError as error:
        _not_sent(ivy, message_id, error)
        return False
    fault_points.reach("message.accepted")
    with ivy.db.write():
        row, _ = _row_and_member(message_id)
        _sent(row, provider_id, ivy.clock.now())
        fault_points.reach("message.recording")
    fault_points.reach("message.recorded")
    return True


def _refusal(ivy: Ivy, row: Message, member: Member) -> str | None:
    """Why a message that was written is no longer to be sent."""
    if row.channel == "EMAIL":
        return None if member.is_active else "member_inactive"
    if not members.messageable(member_rows.standing(member)):
        return "not_wanted"
    if row.template == "workout_reminder" and row.workout_id:
        workout = workout_rows.of_member(member.id, row.workout_id)
        return None if workout is not None and workout.status == "PLANNED" else "purpose_passed"
    if row.template in OF_THE_DAY and row.call_id:
        return _day_is_over(ivy, row, member)
    return None


def _day_is_over(ivy: Ivy, row: Message, member: Member) -> str | None:
    """What is about a day's call is not said on another day; and nobody is asked how a day went that they have told of."""
    call = call_rows.by_id(row.call_id or "")
    now = ivy.clock.now()
    if call is None or zones.local_date(now, member_rows.clock_zone(member)) != call.local_date:
        return "purpose_passed"
    if row.template != "day_log_check":
        return None
    told = workout_rows.done_on(member.id, call.local_date) or day_rows.rest_declared(member.id, call.local_date)
    return "purpose_passed" if told else None


def _hand_over(ivy: Ivy, row: Message, member: Member, free_text: bool) -> str:
    params = row.params or {}
    if row.channel == "EMAIL":
        if ivy.providers.mail is None:
            raise ProviderError("e-mail is off", permanent=True)
        template = row.template or ""
        subject = templates.render(template, params, "subject")
        return ivy.providers.mail.send(MailRequest(row.id, member.email, template, subject, row.body or "", params))
    messenger: Messenger | None = ivy.providers.whatsapp if row.channel == "WHATSAPP" else ivy.providers.sms
    if messenger is None:
        raise ProviderError(f"{row.channel.lower()} is off", permanent=True)
    request = TextRequest(row.id, member.phone or "", row.template, params, row.body or "", free_text)
    return messenger.send(request).provider_id


def _sent(row: Message, provider_id: str, now: datetime) -> None:
    """Remember the provider's id; a status event may have been faster."""
    if row.channel == "EMAIL":
        row.mail_id, row.params, row.body = provider_id, None, None  # a sign-in link does not stay in our rows
    elif row.channel == "WHATSAPP":
        row.whatsapp_id = row.whatsapp_id or provider_id
    else:
        row.twilio_sid = row.twilio_sid or provider_id
    if row.status == "QUEUED":
        row.status, row.sent_at = "SENT", now
    row.due_at = None
    message_rows.save(row)


def _not_sent(ivy: Ivy, message_id: str, error: ProviderError) -> None:
    """Try again later (three tries, R-110), or fail and fall back to SMS (R-112)."""
    now = ivy.clock.now()
    log.warning("message %s was not sent: %s", message_id, error)
    with ivy.db.write():
        row, member = _row_and_member(message_id)
        if row.status != "QUEUED":
            return
        if not error.permanent and row.tries < messages.TRIES:
            row.due_at = now + (error.retry_after or retries.delay(row.tries, messages.BACKOFF))
            row.claimed_by = None
            message_rows.save(row)
            return
        _fail(row, str(error)[:200])
        _fall_back(ivy, row, member, now)


def _fail(row: Message, reason: str) -> None:
    row.status, row.failed_reason, row.due_at = "FAILED", reason, None
    if row.channel == "EMAIL":
        row.params, row.body = None, None
    message_rows.save(row)


def _fall_back(ivy: Ivy, failed: Message, member: Member, now: datetime) -> None:
    """The same content by SMS, once."""
    if failed.channel != "WHATSAPP" or ivy.providers.sms is None:
        return
    row = Message(
        id=ivy.clock.new_id(), member_id=member.id, channel="SMS", message_type=failed.message_type,
        template=failed.template, params=failed.params, body=failed.body, is_reply=failed.is_reply,
        fallback_of_id=failed.id, call_id=failed.call_id, workout_id=failed.workout_id, due_at=now, created_at=now,
    )  # fmt: skip
    _add(ivy, row, now)


def apply_status(ivy: Ivy, update: messages.StatusUpdate) -> None:
    """A status event: only forward (R-111); our own id finds a message whose sending was never answered. Inside a write."""
    row = message_rows.by_provider_id(update.channel, update.provider_id)
    if row is None and update.message_id:
        row = message_rows.by_id(update.message_id)
        if row is not None and row.channel == update.channel and row.status in ("QUEUED", "SENT"):
            _sent(row, update.provider_id, update.at or ivy.clock.now())
    if row is None or row.direction != "OUTBOUND":
        log.info("a %s status for a message that is not ours", update.channel.lower())
        return
    if not messages.moves(row.status, update.status):
        return
    at = update.at or ivy.clock.now()
    row.status, row.due_at = update.status, None
    if update.status == "DELIVERED":
        row.delivered_at = at
    elif update.status == "READ":
        row.read_at, row.delivered_at = at, row.delivered_at or at
    elif update.status == "FAILED":
        row.failed_reason = update.error
        member = member_rows.by_id(row.member_id)
        if member is not None:
            _fall_back(ivy, row, member, ivy.clock.now())
    else:
        row.sent_at = row.sent_at or at
    message_rows.save(row)


def _row_and_member(message_id: str) -> tuple[Message, Member]:
    row = message_rows.by_id(message_id)
    member = member_rows.by_id(row.member_id) if row else None
    if row is None or member is None:
        raise LookupError(f"message {message_id} or its member is gone")
    return row, member
