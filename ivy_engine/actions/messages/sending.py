"""Messages leave when they are due, if they are still wanted then (R-110 to R-117)."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from ivy_engine import fault_points
from ivy_engine.actions import contacts, mail_links
from ivy_engine.actions.messages import delivery, writing
from ivy_engine.domain import kindness, messages, pauses, preferences, retries, zones
from ivy_engine.engine import Ivy
from ivy_engine.plugins.contract import MailRequest, Messenger, ProviderError, TextRequest
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store import streaks as day_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member
from ivy_engine.store.messages import Message
from ivy_engine.wording import templates

log = logging.getLogger(__name__)
WHILE_AWAY = ("restart", "sick_checkin", "wellbeing_check", "completion_confirmation", "streak_update")


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
        if not _may_leave(ivy, row, member, now):
            return False
        free_text = messages.free_text(member.last_whatsapp_at, now)
    fault_points.reach("message.claimed")
    try:
        provider_id = _hand_over(ivy, row, member, free_text)
    except ProviderError as error:
        _not_sent(ivy, message_id, error)
        return False
    fault_points.reach("message.accepted")
    with ivy.db.write():
        row, _ = _row_and_member(message_id)
        delivery.sent(ivy, row, provider_id, ivy.clock.now())
        fault_points.reach("message.recording")
    fault_points.reach("message.recorded")
    return True


def _may_leave(ivy: Ivy, row: Message, member: Member, now: datetime) -> bool:
    """Put off until the quiet hours end, dropped with its reason, or counted for the day on which it leaves (R-116, R-117)."""
    zone = member_rows.clock_zone(member)
    by_phone = row.channel != "EMAIL"
    welcome_at = messages.welcome_at(now, zone, writing.quiet_hours(ivy))
    if by_phone and welcome_at > now and not row.any_hour:
        row.due_at, row.claimed_by, row.tries = welcome_at, None, row.tries - 1
        message_rows.save(row)
        return False
    why_not = refusal(ivy, row, member, now)
    if why_not:
        delivery.fail(row, why_not)
        return False
    if by_phone and not row.is_reply:
        row.counted_on = zones.local_date(now, zone)
        message_rows.save(row)
    return True


def refusal(ivy: Ivy, row: Message, member: Member, now: datetime) -> str | None:
    """Why a message that was written is no longer to be sent. Inside a write."""
    kind = templates.kind(row.template or "")
    if row.channel == "EMAIL":
        held = member.hold_since is not None and kind.voluntary is not None  # nothing celebratory meanwhile
        wanted = preferences.read(member.preferences).wants(kind.voluntary) and not held
        return None if member.is_active and wanted else "not_wanted" if member.is_active else "member_inactive"
    refusals: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("not_wanted", lambda: not writing.welcome(member, kind) or not _chosen(row, member, kind)),
        ("purpose_passed", lambda: _purpose_passed(row, member, now)),
        ("away", lambda: not kind.in_hold and _away(row, member)),
        ("ceiling", lambda: not row.is_reply and _ceiling_reached(ivy, row, member, now)),
        ("silence", lambda: kind.ask and not _may_ask(ivy, member, now)),
    )
    return next((name for name, holds in refusals if holds()), None)


def _chosen(row: Message, member: Member, kind: templates.Kind) -> bool:
    return bool(row.is_reply or preferences.read(member.preferences).wants(kind.voluntary))


def _away(row: Message, member: Member) -> bool:
    """R-12: no nudge to somebody who is away, but the one of the morning of coming back."""
    away = pauses.withheld(member.status, member.keep_structure)
    return bool(away and not row.is_reply and row.template not in WHILE_AWAY)


def _purpose_passed(row: Message, member: Member, now: datetime) -> bool:
    if row.expires_at is not None and now >= row.expires_at:
        return True
    if row.template in ("workout_reminder", "completion_check", "minimum_check") and row.workout_id:
        workout = workout_rows.of_member(member.id, row.workout_id)
        moved = (
            workout is not None and row.template == "workout_reminder" and (row.params or {}).get("time") != workout.planned_time
        )
        return workout is None or workout.status != "PLANNED" or moved
    return row.template == "day_log_check" and _day_is_told(member, zones.local_date(now, member_rows.clock_zone(member)))


def _day_is_told(member: Member, today: date) -> bool:
    """Nobody is asked how a day went that they have told of: something is done, skipped or put off, and nothing is open."""
    planned = workout_rows.planned_on(member.id, today)
    told = bool(planned) and all(row.status != "PLANNED" for row in planned)
    return told or bool(workout_rows.done_on(member.id, today)) or day_rows.rest_declared(member.id, today)


def _ceiling_reached(ivy: Ivy, row: Message, member: Member, now: datetime) -> bool:
    """So many automatic messages a day, and no more (R-117)."""
    today = zones.local_date(now, member_rows.clock_zone(member))
    already: int = message_rows.counted_on(member.id, today) - (row.counted_on == today)
    return bool(already >= ivy.settings.rules.messages_per_day)


def _may_ask(ivy: Ivy, member: Member, now: datetime) -> bool:
    """Who has left three questions unanswered is asked once whether to go on (R-117, kindness)."""
    contact = contacts.last_contact(member)
    asks = [name for name in templates.names() if templates.kind(name).ask]
    unanswered = message_rows.asked_since(member.id, asks, contact)
    key = f"still_welcome:{member.id}:{contact.isoformat() if contact else ''}"
    asked = message_rows.is_written(key)
    may = kindness.may_ask(unanswered, asked)
    if may is kindness.May.ASK_TO_GO_ON:
        writing.queue(ivy, member, "still_welcome", {"name": member.first_name}, writing.About(once_key=key))
    week_began = now - kindness.WEEK
    within = message_rows.asked_since(member.id, asks, week_began) < kindness.budget(contact, now)
    return may is kindness.May.ASK and within


def _hand_over(ivy: Ivy, row: Message, member: Member, free_text: bool) -> str:
    if row.channel == "EMAIL":
        if ivy.providers.mail is None:
            raise ProviderError("e-mail is off", permanent=True)
        return ivy.providers.mail.send(_mail(ivy, row, member))
    params = row.params or {}
    messenger: Messenger | None = ivy.providers.whatsapp if row.channel == "WHATSAPP" else ivy.providers.sms
    if messenger is None:
        raise ProviderError(f"{row.channel.lower()} is off", permanent=True)
    kind, language = templates.kind(row.template or ""), preferences.read(member.preferences).language
    request = TextRequest(
        message_id=row.id,
        to=member.phone or "",
        template=row.template,
        params=templates.approved(row.template or "", params, language),
        body=row.body or "",
        free_text=free_text,
        language=language,
        buttons=kind.buttons,
    )
    return messenger.send(request).provider_id


def _mail(ivy: Ivy, row: Message, member: Member) -> MailRequest:
    """With the link to the preference page, and with one that switches the mail off, if it can be."""
    template, params = row.template or "", row.params or {}
    kind, language = templates.kind(template), preferences.read(member.preferences).language
    page = mail_links.page(ivy, member.id)
    return MailRequest(
        message_id=row.id,
        to=member.email,
        template=template,
        subject=templates.render(template, params, "subject", language),
        body=f"{row.body}\n\n{templates.footer(page, language)}",
        params=params,
        html=_html(template, params, page, language),
        unsubscribe_url=mail_links.one_click(ivy, member.id, kind.voluntary) if kind.voluntary else None,
    )


def _html(template: str, params: Mapping[str, str], page: str, language: str) -> str | None:
    """Where the wording has an HTML part."""
    if templates.source(template, "html", language) is None:
        return None
    return f"{templates.render(template, params, 'html', language)}\n{templates.footer_html(page, language)}"


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
        delivery.fail(row, str(error)[:200])
        delivery.fall_back(ivy, row, member, now)


def _row_and_member(message_id: str) -> tuple[Message, Member]:
    row = message_rows.by_id(message_id)
    member = member_rows.by_id(row.member_id) if row else None
    if row is None or member is None:
        raise LookupError(f"message {message_id} or its member is gone")
    return row, member
