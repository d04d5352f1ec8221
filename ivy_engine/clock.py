"""The only door to time and randomness: now(), ids, tokens. Virtual when a simulator has set it."""

import secrets
import threading
import time
import uuid
from datetime import UTC, datetime


class Clock:
    """Wall clock, or a virtual clock that stands still until it is set.

    Instants are UTC with whole milliseconds, which is what the database and the wire keep.
    """

    def __init__(self, virtual: datetime | None = None) -> None:
        self._virtual = virtual
        self._lock = threading.Lock()
        self._last_id = (0, 0)

    def now(self) -> datetime:
        return self._virtual or self.wall()

    def wall(self) -> datetime:
        """The machine's time, for what strangers stamp: webhook signatures, uptime, logs."""
        return _milliseconds(datetime.now(UTC))

    def monotonic(self) -> float:
        return time.monotonic()

    @property
    def virtual(self) -> bool:
        return self._virtual is not None

    def set(self, instant: datetime | None) -> None:
        """Stand still at `instant`; None goes back to the wall clock."""
        self._virtual = None if instant is None else _milliseconds(instant.astimezone(UTC))

    def new_id(self) -> str:
        """A UUIDv7 whose order is the order of creation, also within one millisecond of a clock that stands still."""
        milliseconds = int(self.now().timestamp() * 1000)
        with self._lock:
            last, count = self._last_id
            count = count + 1 if milliseconds == last else 0
            self._last_id = (milliseconds, count)
        counter = count & 0x3FFFFFF
        high = (milliseconds << 16) | 0x7000 | counter >> 14
        low = 0b10 << 62 | (counter & 0x3FFF) << 48 | secrets.randbits(48)
        return str(uuid.UUID(int=high << 64 | low))

    def new_token(self) -> str:
        """32 random bytes as 64 hex characters."""
        return secrets.token_hex(32)

    def new_code(self) -> str:
        """Six random digits."""
        return f"{secrets.randbelow(1_000_000):06d}"


def _milliseconds(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
