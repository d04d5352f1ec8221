"""What a request says: its token, the ids in its path, its body, its values as a model."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import falcon
import orjson
from pydantic import ValidationError

from ivy_engine.domain.errors import BadRequest, Invalid, Problem
from ivy_engine.web.schemas.base import Body

MEGABYTE = 1024 * 1024
BODY_LIMIT = MEGABYTE


def bearer(req: falcon.Request) -> str | None:
    """The token of the Authorization header."""
    scheme, _, token = (req.auth or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def ids(params: Mapping[str, str], free: tuple[str, ...]) -> Mapping[str, str]:
    """The path's parameters; those not `free` are ids: UUIDs, in lower case. 422 for any other (C-23)."""
    checked = dict(params)
    for name, value in params.items():
        if name in free:
            continue
        try:
            checked[name] = str(UUID(value.encode("ascii").decode()))  # digits of other scripts are no digits of an id
        except ValueError:
            raise Invalid(Problem(f"params.{name}", "this is not an id")) from None
    return checked


def read_json(req: falcon.Request) -> Any:
    """The body as a JSON value; no body is an empty object. 400, 413 or 415 when it cannot be."""
    raw = read_raw(req, BODY_LIMIT)
    if not raw.strip():
        return {}
    kind = (req.content_type or "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise falcon.HTTPUnsupportedMediaType(description="Send the body as application/json.")
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not valid JSON: {error}.") from None


def read_raw(req: falcon.Request, limit: int) -> bytes:
    """The whole body, or 413."""
    if (req.content_length or 0) > limit:
        raise falcon.HTTPContentTooLarge(description=f"A body may have at most {limit // MEGABYTE} MB.")
    raw: bytes = req.bounded_stream.read(limit + 1)
    if len(raw) > limit:
        raise falcon.HTTPContentTooLarge(description=f"A body may have at most {limit // MEGABYTE} MB.")
    return raw


def parsed(model: type[Body], values: Any, place: str) -> Body:
    """The values as a model, or 422 with every problem; `place` (body, query) begins their paths."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Invalid(*(_problem(place, item) for item in error.errors())) from None


def _problem(place: str, item: Any) -> Problem:
    path = ".".join(str(part) for part in (place, *item["loc"]))
    if item["type"] == "model_type":
        return Problem(path, "send a JSON object")
    return Problem(path, item["msg"].removeprefix("Value error, "))
