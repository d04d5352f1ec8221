"""What a member agrees to, each by itself: kinds, sources, the text that was agreed to (R-120, R-165)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["calls", "messages", "recording", "coach", "calendar_titles"]
Source = Literal["api", "onboarding", "call", "whatsapp", "sms"]
KINDS: tuple[Kind, ...] = ("calls", "messages", "recording", "coach", "calendar_titles")
# Which wording people agreed to: a new one whenever what they are asked changes its meaning
TEXT_VERSION = "2026-11"


@dataclass(frozen=True)
class Consent:
    """The latest word on one kind; `granted` is None, and the others too, for somebody who was never asked.

    `text_version` is also None for a consent from before there was a history.
    """

    granted: bool | None = None
    at: datetime | None = None
    source: str | None = None
    text_version: str | None = None


@dataclass(frozen=True)
class Consents:
    calls: Consent
    messages: Consent
    recording: Consent
    coach: Consent
    calendar_titles: Consent
