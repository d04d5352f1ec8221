"""The thin edge: a route says who may come and what it takes and gives; this parses, calls one function, and renders."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache, reduce
from operator import getitem
from typing import Any

import falcon
import orjson
from pydantic import TypeAdapter

from ivy_engine.actions import sign_in
from ivy_engine.domain.audit import Actor
from ivy_engine.domain.errors import Forbidden, IvyError, Stale
from ivy_engine.engine import Ivy
from ivy_engine.web import fresh, idempotency
from ivy_engine.web.cursors import Key, cut, written
from ivy_engine.web.idempotency import Outcome
from ivy_engine.web.limits import RateLimits
from ivy_engine.web.reading import all_problems, bearer, ids, parsed, read_json, single
from ivy_engine.web.schemas.base import Body
from ivy_engine.web.schemas.lists import PageMeta

Values = Mapping[str, Any]


class Door(Enum):
    """Who may come in."""

    PUBLIC = "public"
    MEMBER = "member"
    LOOPBACK = "loopback"  # the simulator (CONTRACT 3)


@dataclass(frozen=True)
class Asks:
    """How a route goes on that must ask a provider before it answers: its handler only writes the row and gives its id.

    `work` asks and gives the answer; `after` gives it from the row when the process died in between.
    """

    work: Callable[["Asked", str], Any]
    after: Callable[["Asked", str], Any]


@dataclass(frozen=True)
class Route:
    """One line of the table in app.py: what is served, and what /openapi.json says about it.

    `answer` is the type of `data`, a model or an expression of models (`list[Workout]`, `Score | None`); `meta` stands beside
    it when a handler gives a Page. Path parameters are ids unless `free` names them. With `roles`, only members of these come
    in. `limit` is the setting under `[limits]` by which each member's requests are counted, beside those that hold for every
    client. `refuses` names the refusals that do not follow from all of this. `asked_at` is the path within `data` of a field
    that only says when it was asked.
    """

    method: str
    path: str
    handler: Callable[["Asked"], Any]
    answer: Any
    door: Door = Door.MEMBER
    meta: type[PageMeta] | None = None
    body: type[Body] | None = None
    query: type[Body] | None = None
    status: int = 200
    free: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    limit: str | None = None
    refuses: tuple[type[IvyError], ...] = ()
    asked_at: tuple[str, ...] = ()
    asks: Asks | None = None

    @property
    def takes_keys(self) -> bool:
        """Whether `Idempotency-Key` counts (CONTRACT 2)."""
        return self.method != "GET" and idempotency.takes_keys(self.path)


@dataclass(frozen=True)
class Asked:
    """A request that has been understood."""

    ivy: Ivy
    who: Any  # store.sign_in.Who; None at a public door
    body: Any
    query: Any
    params: Mapping[str, str]
    user_agent: str | None

    @property
    def actor(self) -> Actor:
        """Who acts, for permissions and the audit log."""
        return Actor(self.who.id, self.who.role)


@dataclass(frozen=True)
class Page:
    """A handler's answer that is one page of a list; `more` stands beside the figures in `meta`.

    `next_key` says where the next page begins: it becomes `meta.nextCursor`, and is None on the last page.
    """

    rows: Sequence[Any]
    total: int
    page: int
    limit: int
    next_key: Key | None
    more: Values = field(default_factory=dict)

    @classmethod
    def cut(
        cls, found: Sequence[Any], total: int, asked_for: Any, key: Callable[[Any], Key], more: Values | None = None
    ) -> "Page":
        """The page of a query's `page` and `limit`; `found` has one row more than asked for if there are more."""
        rows, next_key = cut(found, asked_for.limit, key)
        return cls(rows, total, asked_for.page, asked_for.limit, next_key, more or {})

    @property
    def meta(self) -> Values:
        """The figures of the route's `meta` model."""
        return {
            "page": self.page,
            "limit": self.limit,
            "total": self.total,
            "total_pages": -(-self.total // self.limit),
            "next_cursor": written(self.next_key) if self.next_key is not None else None,
            **self.more,
        }


class Endpoint:
    """A Falcon resource for all methods of one path."""

    def __init__(self, ivy: Ivy, routes: Sequence[Route], limits: RateLimits) -> None:
        self._ivy = ivy
        self._limits = limits
        self._running = idempotency.Asking()
        self._reading = next((route for route in routes if route.method == "GET"), None)
        for route in routes:
            setattr(self, f"on_{route.method.lower()}", self._responder(route))

    def _responder(self, route: Route) -> Callable[..., None]:
        def respond(req: falcon.Request, resp: falcon.Response, **params: str) -> None:
            who = self._admitted(route, req, resp)
            sent = read_json(req) if route.method != "GET" else {}
            with all_problems() as reading:
                asked = Asked(
                    ivy=self._ivy,
                    who=who,
                    params=reading(ids, params, route.free),
                    query=reading(parsed, route.query, single(req.params), "query") if route.query else None,
                    body=reading(parsed, route.body, sent, "body") if route.body else None,
                    user_agent=req.user_agent,
                )
                reading(idempotency.check_key, req)
            if route.method == "GET":
                _give_fresh(route, req, resp, _done(route, asked))
            else:
                _give(resp, self._changed(route, req, asked, sent))

        return respond

    def _admitted(self, route: Route, req: falcon.Request, resp: falcon.Response) -> Any:
        """Who asks: 401 without a token, 403 for a role that may not, 429 over the member's own limit."""
        if route.door is not Door.MEMBER:
            return None
        who = sign_in.who(self._ivy, bearer(req))
        if route.roles and who.role not in route.roles:
            raise Forbidden("Your role does not allow this.")
        if route.limit:
            self._limits.count(route.limit, who.id, req, resp)
        return who

    def _changed(self, route: Route, req: falcon.Request, asked: Asked, sent: Any) -> Outcome:
        """What changes something: once for an Idempotency-Key, and only what the client has seen (CONTRACT 2)."""

        def work() -> Outcome:
            if route.method == "PATCH":
                self._check_current(req, asked)
            return _done(route, asked)

        claim = idempotency.claim(self._ivy, req, asked.who.id if asked.who else None, sent)
        if route.asks is not None:
            return self._asking(route, route.asks, asked, claim)
        if claim is not None:
            return idempotency.once(self._ivy, claim, work)
        if req.get_header("If-Match") is None:
            return work()
        with self._ivy.db.write():
            return work()

    def _asking(self, route: Route, asks: Asks, asked: Asked, claim: idempotency.Claim | None) -> Outcome:
        """The row first, in a transaction of its own; no provider is asked inside one (DESIGN 3.8)."""

        def work(row_id: str) -> Outcome:
            return Outcome(route.status, rendered(route.answer, asks.work(asked, row_id)))

        def after(row_id: str) -> Outcome:
            return Outcome(route.status, rendered(route.answer, asks.after(asked, row_id)), replayed=True)

        if claim is not None:
            return self._running.once(self._ivy, claim, lambda: str(route.handler(asked)), work, after)
        with self._ivy.db.write():
            row_id = str(route.handler(asked))
        return work(row_id)

    def _check_current(self, req: falcon.Request, asked: Asked) -> None:
        """If-Match against what a GET of this path answers now. Inside the write that follows."""
        if req.get_header("If-Match") is not None and not fresh.still_current(req, self._tag_now(asked)):
            raise Stale("This was changed in the meantime. Please load it again.")

    def _tag_now(self, asked: Asked) -> str | None:
        if self._reading is None:
            return None  # nobody can have seen a tag of this path
        query = parsed(self._reading.query, {}, "query") if self._reading.query else None
        return _tag_of(self._reading, _done(self._reading, replace(asked, query=query, body=None)))


def _done(route: Route, asked: Asked) -> Outcome:
    return Outcome(route.status, rendered(route.answer, route.handler(asked), route.meta))


def _give_fresh(route: Route, req: falcon.Request, resp: falcon.Response, outcome: Outcome) -> None:
    """With its entity tag, or 304 when the client has it already."""
    _give(resp, outcome)
    if not route.path.startswith("/api/") or outcome.status != 200:
        return
    tag = _tag_of(route, outcome)
    resp.set_header("ETag", f'W/"{tag}"' if route.asked_at else f'"{tag}"')
    if fresh.already_seen(req, tag):
        resp.status, resp.data = 304, None


def _tag_of(route: Route, outcome: Outcome) -> str:
    """The answer's entity tag; a weak one does not mind when it was asked."""
    if not route.asked_at:
        return fresh.tag_of(outcome.body)
    told = orjson.loads(outcome.body)
    *where, name = ("data", *route.asked_at)
    reduce(getitem, where, told).pop(name)
    return fresh.tag_of(orjson.dumps(told))


def _give(resp: falcon.Response, outcome: Outcome) -> None:
    resp.status = outcome.status
    resp.content_type = falcon.MEDIA_JSON
    resp.data = outcome.body
    if outcome.replayed:
        resp.set_header("Idempotent-Replayed", "true")


def rendered(answer: Any, value: Any, meta: type[PageMeta] | None = None) -> bytes:
    """The envelope of RULEBOOK 7.1 around what a handler gave."""
    rows, beside = (value.rows, value.meta) if isinstance(value, Page) else (value, None)
    envelope: dict[str, Any] = {"success": True, "data": _plain(answer, rows)}
    if meta is not None:
        envelope["meta"] = _plain(meta, beside)
    return orjson.dumps(envelope)


def _plain(answer: Any, value: Any) -> Any:
    """What a declared type lets out of a value."""
    adapter = adapter_of(answer)
    seen = adapter.validate_python(value, from_attributes=True)
    return adapter.dump_python(seen, mode="json", by_alias=True, exclude_unset=True)


@cache
def adapter_of(answer: Any) -> TypeAdapter[Any]:
    return TypeAdapter(answer)
