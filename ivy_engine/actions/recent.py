"""What happened last, without names, numbers or words: for the first page."""

from dataclasses import dataclass
from datetime import datetime

from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import messages as message_rows


@dataclass(frozen=True)
class Happened:
    at: datetime
    what: str
    status: str


def happened(ivy: Ivy, limit: int) -> list[Happened]:
    """The latest calls that were due and messages, newest first."""
    now = ivy.clock.now()
    with ivy.db.read():
        calls = call_rows.latest(limit * 4)
        messages = message_rows.latest(limit)
    events = [
        Happened(call.started_at or call.scheduled_at, f"call: {_words(call.call_type)}", _words(call.status))
        for call in calls
        if (call.started_at or call.scheduled_at) <= now
    ]
    events += [
        Happened(message.created_at, f"{_CHANNELS[message.channel]} {_way(message)}", _words(message.status))
        for message in messages
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)[:limit]


_CHANNELS = {"WHATSAPP": "WhatsApp", "SMS": "SMS", "EMAIL": "e-mail"}


def _way(message: message_rows.Message) -> str:
    return "from a member" if message.direction == "INBOUND" else f"to a member: {_words(message.template or 'message')}"


def _words(name: str) -> str:
    return name.replace("_", " ").lower()
