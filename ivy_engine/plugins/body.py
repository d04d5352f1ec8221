"""Reading a webhook's JSON body: whatever a stranger sends is either read or Malformed, and what is read can be stored."""

import json
from collections.abc import Mapping
from typing import Any

from ivy_engine.plugins.contract import Malformed


def read_object(raw: bytes) -> Mapping[str, Any]:
    """The JSON object of a body. Half an emoji (a lone surrogate) becomes a question mark instead of losing the rest."""
    try:
        body = _storable(json.loads(raw))
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(body, dict):
        raise Malformed("the body is not a JSON object")
    return body


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    return value


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str | None:
    """The value if it is text with something in it."""
    return value if isinstance(value, str) and value else None
