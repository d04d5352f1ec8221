"""Where the next page of a list begins: an opaque text made of the last row's place in the order (CONTRACT 2)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import orjson

from ivy_engine.domain.errors import Invalid, Problem

Key = tuple[str | int, ...]
Row = TypeVar("Row")


def written(key: Key) -> str:
    """A cursor, fit to stand in a URL."""
    return urlsafe_b64encode(orjson.dumps(key)).rstrip(b"=").decode()


def after(cursor: str | None, *readers: Callable[[Any], Any]) -> tuple[Any, ...] | None:
    """The place that a cursor names, each part read by its reader; None without a cursor.

    422 VALIDATION_ERROR when it is not one of ours (D-10).
    """
    if cursor is None:
        return None
    try:
        parts = orjson.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        if not isinstance(parts, list):
            raise TypeError
        return tuple(reader(part) for reader, part in zip(readers, parts, strict=True))
    except (ValueError, TypeError):
        raise Invalid(Problem("query.cursor", "this is not a cursor of this list; begin without one")) from None


def text(part: Any) -> str:
    if not isinstance(part, str):
        raise TypeError
    return part


def day(part: Any) -> date:
    return date.fromisoformat(part)


def instant(part: Any) -> datetime:
    moment = datetime.fromisoformat(part)
    if moment.utcoffset() is None:
        raise ValueError("an instant has a zone")
    return moment


def cut(rows: Sequence[Row], limit: int, key: Callable[[Row], Key]) -> tuple[Sequence[Row], Key | None]:
    """The rows of one page, and the key of the last one if there are more: stores read one row more than asked for."""
    shown = rows[:limit]
    return shown, key(shown[-1]) if len(rows) > limit else None
