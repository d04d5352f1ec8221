"""A message as it came in."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Received:
    """A message from a stranger's or member's phone. `text` is None for what is not text (a voice note, a picture)."""

    channel: str  # WHATSAPP or SMS
    provider_id: str
    from_number: str  # E.164
    kind: str  # text, button, audio, ...
    text: str | None
    button: str | None
    sent_at: datetime | None
