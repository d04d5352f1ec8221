"""Points at which a test lets this process die, as a power cut would. No setting arms one: only a program that imports this."""

import os
import signal
import sys
import threading

POINTS = frozenset(
    {
        "dial.due",  # nothing is claimed yet
        "dial.claiming",  # in the transaction that claims
        "dial.claimed",
        "dial.asking",  # the provider is asked next
        "dial.accepted",  # the provider rings, and we have not written so
        "dial.recording",  # in the transaction that says so
        "dial.recorded",
        "webhook.keeping",  # in the transaction that keeps its events
        "webhook.kept",  # not answered yet
        "event.handling",  # in the transaction of effect and mark, before the effect
        "event.handled",
        "call.ended",  # the end is written, what follows is not; one transaction
        "ladder.retry",  # the next attempt is written, the messages are not
        "ladder.climbed",  # all that follows is written, nothing is committed
        "ladder.in_touch",  # a workout is done and retries are off, nothing is given yet
        "effects.begun",
        "effects.halfway",  # the report has taken effect, the plan has not
        "effects.marked",  # written with their mark, not committed
        "message.claimed",
        "message.accepted",  # the provider sends it, and we have not written so
        "message.recording",  # in the transaction that says so
        "message.recorded",
    }
)
_lock = threading.Lock()
_left: dict[str, int] = {}  # how often an armed point is still to be reached


def arm(name: str, times: int = 1) -> None:
    """Let the process die by SIGKILL when it reaches a point the `times`-th time. ValueError for a point that is not there."""
    if name not in POINTS or times < 1:
        raise ValueError(f"there is no fault point {name}, or it cannot be reached the {times}th time")
    _left[name] = times


def reach(name: str) -> None:
    """Here the process may be made to die; nothing happens unless somebody has armed this point."""
    if not _left:
        return
    with _lock:
        left = _left.get(name, 0)
        if left > 1:
            _left[name] = left - 1
        elif left == 1:
            _die(name)


def _die(name: str) -> None:
    sys.stderr.write(f"fault point {name}: the process dies\n")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGKILL)
