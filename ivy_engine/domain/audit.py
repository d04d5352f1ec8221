"""Who did something to somebody else's data (R-167)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """`role` is a member's role, or the door that needs no member."""

    id: str | None
    role: str


COMMAND_LINE = Actor(None, "command_line")
SIMULATOR = Actor(None, "simulator")
