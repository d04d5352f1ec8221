"""The thin edge: a route says what it takes and gives; this parses, calls one function, and renders."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

import falcon
import orjson
from pydantic import BaseModel, ValidationError

from ivy_engine.actions import sign_in
from ivy_engine.domain.errors import BadRequest, Invalid, Problem
from ivy_engine.engine import Ivy
from ivy_engine.web.schemas.base import Answer, Body

MEGABYTE = 1024 * 1024
BODY_LIMIT = MEGABYTE
Values = Mapping[str, Any]


class Door(Enum):
    """Who may come in."""

    PUBLIC = "public"
    MEMBER = "member"
    LOOPBACK = "loopback"  # the simulator (CONTRACT 3)


@dataclass(frozen=True)
class Route:
    """One line of the table in app.py. Path parameters are ids unless `free` names them."""

    method: str
    path: str
    handler: Callable[["Asked"], Any]
    answer: type[Answer] | None
    door: Door = Door.MEMBER
    body: type[Body] | None = None
    query: type[Body] | None = None
    status: int = 200
    free: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A request that has been understood."""

    ivy: Ivy
    who: Any  # store.sign_in.Who; None at a public door
    body: Any
    query: Any
    params: Mapping[str, str]
    user_agent: str | None


@dataclass(frozen=True)
class Page:
    """A handler's answer that is one page of a list."""

    rows: Sequence[Any]
    total: int
    page: int
    limit: int

    @property
    def meta(self) -> Values:
        pages = -(-self.total // self.limit)
        return {"page": self.page, "limit": self.limit, "total": self.total, "totalPages": pages}


@dataclass(frozen=True)
class As:
    """A handler's answer in another shape than the route's usual one."""

    answer: type[Answer]
    value: Any


class Endpoint:
    """A Falcon resource for all methods of one path."""

    def __init__(self, ivy: Ivy, routes: Sequence[Route]) -> None:
        self._ivy = ivy
        for route in routes:
            setattr(self, f"on_{route.method.lower()}", self._responder(route))

    def _responder(self, route: Route) -> Callable[..., None]:
        def respond(req: falcon.Request, resp: falcon.Response, **params: str) -> None:
            asked = Asked(
                ivy=self._ivy,
                who=sign_in.who(self._ivy, bearer(req)) if route.door is Door.MEMBER else None,
                params=_checked(params, route.free),
                query=_parsed(route.query, dict(req.params), "query") if route.query else None,
                body=_parsed(route.body, read_json(req), "body") if route.body else None,
                user_agent=req.user_agent,
            )
            resp.status = route.status
            send(resp, route.answer, route.handler(asked))

        return respond


def bearer(req: falcon.Request) -> str | None:
    """The token of the Authorization header."""
    scheme, _, token = (req.auth or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _checked(params: Mapping[str, str], free: tuple[str, ...]) -> Mapping[str, str]:
    """Ids in the path are UUIDs, in lower case (C-23)."""
    checked = dict(params)
    for name, value in params.items():
        if name in free:
            continue
        try:
            checked[name] = str(UUID(value))
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


def _parsed(model: type[Body], values: Any, place: str) -> Body:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Invalid(*(_problem(place, item) for item in error.errors())) from None


def _problem(place: str, item: Any) -> Problem:
    path = ".".join(str(part) for part in (place, *item["loc"]))
    if item["type"] == "model_type":
        return Problem(path, "send a JSON object")
    return Problem(path, item["msg"].removeprefix("Value error, "))


def send(resp: falcon.Response, answer: type[Answer] | None, value: Any) -> None:
    """The envelope of RULEBOOK 7.1 around what the handler gave."""
    meta = None
    if isinstance(value, As):
        answer, value = value.answer, value.value
    if isinstance(value, Page):
        meta, value = value.meta, value.rows
    envelope: dict[str, Any] = {"success": True, "data": _rendered(answer, value)}
    if meta is not None:
        envelope["meta"] = meta
    resp.content_type = falcon.MEDIA_JSON
    resp.data = orjson.dumps(envelope)


def _rendered(answer: type[Answer] | None, value: Any) -> Any:
    if answer is None or value is None:
        return value
    if isinstance(value, list | tuple):
        return [_rendered(answer, item) for item in value]
    model: BaseModel = answer.model_validate(value)
    return model.model_dump(mode="json", by_alias=True)
