"""What a member may choose about messages: the channel, the language, which kinds, a bedtime."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ivy_engine.domain.errors import invalid

CHANNELS = ("whatsapp", "sms")
VOLUNTARY = ("reminders", "celebrations", "pulse", "summaries", "check_ins", "receipts")


@dataclass(frozen=True)
class Preferences:
    """The defaults are what somebody gets who has chosen nothing. `bedtime` is HH:MM."""

    channel: str = "whatsapp"
    language: str = "en-GB"
    reminders: bool = True
    celebrations: bool = True
    pulse: bool = True
    summaries: bool = True
    check_ins: bool = True
    receipts: bool = True
    bedtime: str | None = None

    def wants(self, kind: str | None) -> bool:
        """Whether messages of a voluntary kind are wanted; what has no kind cannot be switched off."""
        return kind is None or bool(getattr(self, kind))


def check_channel(channel: str) -> str:
    """422 for a channel that cannot be preferred."""
    if channel not in CHANNELS:
        raise invalid("channel", f"use one of {', '.join(CHANNELS)}")
    return channel


def read(stored: Mapping[str, Any] | None) -> Preferences:
    known = {field.name for field in fields(Preferences)}
    return Preferences(**{name: value for name, value in (stored or {}).items() if name in known})


def stored(chosen: Preferences) -> dict[str, Any] | None:
    """Only what differs from the defaults."""
    defaults = asdict(Preferences())
    return {name: value for name, value in asdict(chosen).items() if value != defaults[name]} or None
