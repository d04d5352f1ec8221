"""What a request says: its token, the ids in its path, its body, its values as a model."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import takewhile
from typing import Any
from uuid import UUID

import falcon
import orjson
from pydantic import ValidationError

from ivy_engine.domain.errors import BadRequest, Invalid, Problem
from ivy_engine.web.schemas.base import Body

MEGABYTE = 1024 * 1024
BODY_LIMIT = MEGABYTE


class _Twice:
    """The value of a parameter that was given more than once: no model takes it."""


_TWICE = _Twice()


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


@contextmanager
def all_problems() -> Iterator[Callable[..., Any]]:
    """What is wrong with path, query, body and headers is told together: 422 at the end, if anything is."""
    found: list[Problem] = []

    def reading(read: Callable[..., Any], *given: Any) -> Any:
        try:
            return read(*given)
        except Invalid as refusal:
            found.extend(refusal.problems)
            return None

    yield reading
    if found:
        raise Invalid(*found)


def single(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """The query's parameters; one that is given twice is told by its own name."""
    twice = [name for name, value in query.items() if isinstance(value, list)]
    return {**query, **dict.fromkeys(twice, _TWICE)}


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


# pydantic's kinds of problems in a person's words; what is not here is said as pydantic says it
_SENTENCES: Mapping[str, str] = {
    "missing": "this is needed",
    "model_type": "send a JSON object",
    "string_type": "write text",
    "bool_type": "write true or false",
    "list_type": "write a list",
    "dict_type": "send a JSON object",
    "string_too_short": "write at least {min_length} characters",
    "string_too_long": "write at most {max_length} characters",
    "too_long": "give at most {max_length}",
    "greater_than_equal": "this must be at least {ge}",
    "less_than_equal": "this must be at most {le}",
    "literal_error": "use one of {expected}",
    "uuid_parsing": "this is not an id",
    "uuid_type": "this is not an id",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "int_parsing_size": "write a whole number",
    "int_from_float": "write a whole number",
    "float_type": "write a number",
    "float_parsing": "write a number",
    "finite_number": "write a number",
    "decimal_type": "write a number",
    "timezone_aware": "write an ISO date-time with its offset",
    "datetime_from_date_parsing": "write an ISO date-time with its offset",
}


def _problem(place: str, item: Any) -> Problem:
    """One problem, by the name of its field: which part of a list it is, and which reading failed, is no name."""
    named = list(takewhile(lambda part: isinstance(part, str) and re.fullmatch(r"[A-Za-z]\w*", part), item["loc"]))
    path = ".".join((place, *named))
    if item["input"] is _TWICE:
        return Problem(path, "give this once")
    empty = item["type"] == "string_too_short" and item["ctx"]["min_length"] == 1
    told = "this must not be empty" if empty else _SENTENCES.get(item["type"])
    if told is None:
        return Problem(path, item["msg"].removeprefix("Value error, "))
    return Problem(path, told.format(**item.get("ctx", {})))
