"""Messages are written with the change that causes them; whether they leave is decided when they are sent (R-110, R-116)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ivy_engine.domain import members, messages, preferences, zones
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store.members import Member
from ivy_engine.store.messages import Message
from ivy_engine.wording import templates

JOB = "send_due_messages"


@dataclass(frozen=True)
class About:
    """What a message belongs to and when it may leave."""

    workout_id: str | None = None
    call_id: str | None = None
    once_key: str | None = None  # a second message with this key is not written
    channel: str | None = None  # the one that was asked for, whatever the member prefers
    reply_by: str | None = None  # a direct answer, on the channel the member wrote on: exempt from quiet hours
    at_chosen_time: bool = False  # the member chose the time: exempt too
    not_before: datetime | None = None
    expires_at: datetime | None = None  # when its purpose has passed; otherwise as the catalogue says (`lasts`)
    asks_about: str | None = None  # what a yes would mean, beside the workout


def queue(ivy: Ivy, member: Member, template: str, params: Mapping[str, str], about: About) -> str | None:
    """Write a message to a member who wants it; its id, or None if there is none. Inside a write."""
    kind = templates.kind(template)
    chosen = preferences.read(member.preferences)
    if not welcome(member, kind) or (about.reply_by is None and not chosen.wants(kind.voluntary)):
        return None
    now = ivy.clock.now()
    row = _row(ivy, member, _channel(ivy, chosen, about), template, params, now)
    zone = member_rows.clock_zone(member)
    earliest = about.not_before or now
    row.any_hour = about.reply_by is not None or about.at_chosen_time
    row.due_at = earliest if row.any_hour else messages.welcome_at(earliest, zone, quiet_hours(ivy))
    row.expires_at = about.expires_at or (zones.next_day_start(earliest, zone) if kind.lasts == "day" else None)
    row.workout_id, row.call_id, row.once_key = about.workout_id, about.call_id, about.once_key
    row.is_reply, row.asks_about = about.reply_by is not None, about.asks_about
    return add(ivy, row, now)


def welcome(member: Member, kind: templates.Kind) -> bool:
    """Whether a message may be sent to the member at all: consent (R-120), and nothing but help during a safety hold (R-151)."""
    if member.hold_since is not None and not kind.in_hold:
        return False
    who = member_rows.standing(member)
    return members.messageable(who) or (kind.despite_stop and who.is_active and who.has_phone)


def queue_mail(ivy: Ivy, member: Member, template: str, params: Mapping[str, str], once_key: str | None = None) -> str | None:
    """Write an e-mail, due at once, unless the member has switched its kind off. Inside a write."""
    now = ivy.clock.now()
    if not preferences.read(member.preferences).wants(templates.kind(template).voluntary):
        return None
    row = _row(ivy, member, "EMAIL", template, params, now)
    row.due_at, row.once_key = now, once_key
    return add(ivy, row, now)


def quiet_hours(ivy: Ivy) -> messages.QuietHours:
    return messages.quiet_hours(ivy.settings.rules.quiet_hours)


def _channel(ivy: Ivy, chosen: preferences.Preferences, about: About) -> str:
    if about.reply_by is not None or about.channel is not None:
        return about.reply_by or about.channel or ""
    return "WHATSAPP" if ivy.providers.whatsapp and chosen.channel == "whatsapp" else "SMS"


def _row(ivy: Ivy, member: Member, channel: str, template: str, params: Mapping[str, str], now: datetime) -> Message:
    language = preferences.read(member.preferences).language
    return Message(
        id=ivy.clock.new_id(), member_id=member.id, channel=channel, message_type=templates.kind(template).type,
        template=template, params=dict(params), body=templates.render(template, params, language=language), created_at=now,
    )  # fmt: skip


def add(ivy: Ivy, row: Message, now: datetime) -> str | None:
    """Store it once; whoever sends is woken when it is due."""
    if not message_rows.add_once(row):
        return None
    if row.due_at <= now:
        ivy.later(JOB, row.id)
    message_id: str = row.id
    return message_id
