"""The one row that says whether dialling has stopped, and why."""

from ivy_engine.domain.calls.halts import Halt
from ivy_engine.store.db import db, from_ms, to_ms


def current() -> Halt:
    found = db.row("SELECT why, halted_at, halted_until, waits, probe_id FROM dialling WHERE id = 1")
    if found is None or found[0] is None:
        return Halt()
    why, at, until, waits, probe_id = found
    return Halt(why, from_ms(at), from_ms(until), waits, probe_id)


def save(halt: Halt) -> None:
    db.changed(
        "UPDATE dialling SET why = ?, halted_at = ?, halted_until = ?, waits = ?, probe_id = ? WHERE id = 1",
        halt.why, halt.at and to_ms(halt.at), halt.until and to_ms(halt.until), halt.waits, halt.probe_id,
    )  # fmt: skip
