"""Consents as they were given and withdrawn, each with its time, its source and the text that was agreed to (R-165)."""

from datetime import datetime
from typing import NamedTuple

from ivy_engine.store.db import db, from_ms, to_ms


class Given(NamedTuple):
    """The latest word on one kind of consent."""

    kind: str
    granted: bool
    source: str
    text_version: str
    at: datetime


def add(row_id: str, member_id: str, given: Given) -> None:
    db.changed(
        "INSERT INTO consent (id, member_id, kind, granted, source, text_version, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        row_id, member_id, given.kind, given.granted, given.source, given.text_version, to_ms(given.at),
    )  # fmt: skip


def latest(member_id: str) -> dict[str, Given]:
    """The newest row of each kind."""
    rows = db.rows(
        "SELECT kind, granted, source, text_version, at FROM consent WHERE member_id = ? ORDER BY kind, at, id", member_id
    )
    return {row[0]: Given(row[0], bool(row[1]), row[2], row[3], from_ms(row[4])) for row in rows}
