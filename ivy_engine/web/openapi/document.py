"""`/openapi.json`: OpenAPI 3.1, made of the route table and the models it names (CONTRACT 2). Nothing is written twice."""

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from ivy_engine import __version__
from ivy_engine.web.endpoint import Door, Route
from ivy_engine.web.errors import REFUSALS
from ivy_engine.web.openapi import operations
from ivy_engine.web.openapi.examples import examples_of, examples_of_answer
from ivy_engine.web.openapi.headers import HEADERS, PARAMETERS, SENT, TOLD
from ivy_engine.web.openapi.outside import OUTSIDE, Outside
from ivy_engine.web.openapi.schemas import Schema, gathered, referred_to
from ivy_engine.web.schemas.failure import REQUEST_ID, Failure
from ivy_engine.web.schemas.outside import Received

JSON = "application/json"
ANYTHING = {"type": "object", "additionalProperties": True}
UNCHANGED = "`If-None-Match` names what is there: nothing has changed."
ABOUT = """Everything is JSON in one envelope: `{"success": true, "data": ..., "meta"?: ...}`, and for every refusal
`{"success": false, "error": {"message": ..., "code": ...}}`.

- **Signing in**: a link by mail gives an access token; send it as `Authorization: Bearer ...`. 401 only means "not signed in".
- **Dates** that are calendar dates are written as their midnight in UTC. **Money** is a number of major units.
- **Safe retries**: an `Idempotency-Key` on POST, PUT, PATCH and DELETE gives the same answer again for 24 hours.
- **Caching**: GET answers with an `ETag`; `If-None-Match` gives 304, `If-Match` on PATCH gives 412 when it is stale.
- **Lists** come in pages; `meta.nextCursor` leads on without gaps while rows are added.
- An unknown address is 404 `NOT_FOUND`; a method that an address does not take is 405 `METHOD_NOT_ALLOWED` with `Allow`.
- Unknown query parameters and unknown keys of a body are ignored; wrong ones are 422."""


def document(routes: Sequence[Route], server: str = "/") -> Schema:
    """The whole document; `server` is the address that paths are relative to."""
    return _Writer(routes).document(server)


class _Writer:
    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes
        bodies = [model for route in routes for model in (route.body, route.query) if model]
        answers = [model for route in routes for model in (route.answer, route.meta) if model]
        self._schemas, self._named = gathered(bodies, [*answers, *(answer for one in OUTSIDE for answer in one.types), Failure])
        self._refusals: dict[str, Schema] = {}

    def document(self, server: str) -> Schema:
        paths: dict[str, Schema] = {}
        for route in self._routes:
            paths.setdefault(route.path, {})[route.method.lower()] = self._operation(route)
        for one in OUTSIDE:
            paths.setdefault(one.path, {})[one.method.lower()] = self._outside(one)
        self._refused(["METHOD_NOT_ALLOWED"])  # of no operation, and yet an answer
        return {
            "openapi": "3.1.0",
            "info": {"title": "Ivy engine", "version": __version__, "description": ABOUT},
            "servers": [{"url": server}],
            "tags": self._tags(),
            "paths": paths,
            "components": {
                "schemas": {name: self._named[name] for name in sorted(referred_to([paths, self._refusals], self._named))},
                "parameters": PARAMETERS,
                "headers": HEADERS,
                "responses": dict(sorted(self._refusals.items())),
                "securitySchemes": {
                    "session": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                    **{name: {"type": "apiKey", "in": "header", "name": name} for name in _signatures()},
                },
            },
        }

    def _tags(self) -> list[Schema]:
        """A chapter for each module of handlers, in the order of the table."""
        found: dict[str, str] = {}
        for route in self._routes:
            about = (inspect.getdoc(inspect.getmodule(route.handler)) or "").partition(": ")[2]
            found.setdefault(operations.tag_of(route), about[:1].upper() + about[1:])
        found["outside"] = "Webhooks of the providers, and what machines ask."
        return [{"name": name, "description": about} for name, about in found.items()]

    def _operation(self, route: Route) -> Schema:
        summary, description = operations.told(route)
        body = {"requestBody": self._body(route)} if route.body else {}
        return {
            "operationId": operations.name_of(route),
            "tags": [operations.tag_of(route)],
            "summary": summary,
            **({"description": description} if description else {}),
            "security": [{"session": []}] if route.door is Door.MEMBER else [],
            "parameters": self._parameters(route),
            **body,
            "responses": {str(route.status): self._answer(route), **self._unchanged(route), **self._failures(route)},
        }

    def _parameters(self, route: Route) -> list[Schema]:
        found: list[Schema] = []
        for one in operations.path_parameters(route):
            schema = {"type": "string", **({"format": "uuid"} if one.is_id else {})}
            found.append({"name": one.name, "in": "path", "required": True, "schema": schema, "example": one.example})
        if route.query:
            query = self._resolved(self._schemas[route.query])
            found += [self._query_parameter(name, part) for name, part in query["properties"].items()]
        return found + [{"$ref": f"#/components/parameters/{name}"} for name in SENT if SENT[name](route)]

    def _query_parameter(self, name: str, part: Schema) -> Schema:
        """Null is a value of JSON; in a query, what is not given is left out."""
        options = [one for one in part.get("anyOf", []) if one.get("type") != "null"]
        schema = {**{key: value for key, value in part.items() if key != "anyOf"}, **_either(options)}
        described = {"description": schema.pop("description")} if "description" in schema else {}
        schema["examples"] = examples_of(schema, self._named)
        return {"name": name, "in": "query", **described, "schema": schema}

    def _body(self, route: Route) -> Schema:
        schema = self._schemas[route.body]
        meant = self._resolved(schema)
        required = bool({"required", "if", "not"} & set(meant))  # an empty body would not do
        return {"required": required, "content": {JSON: _media(schema, examples_of(schema, self._named))}}

    def _answer(self, route: Route) -> Schema:
        data, meta = self._schemas[route.answer], self._schemas[route.meta] if route.meta else None
        shown = examples_of_answer(_envelope(data, meta), self._named)
        return {
            "description": HTTPStatus(route.status).phrase,
            "headers": _headers(route, route.status),
            "content": {JSON: _media(_envelope(data, meta), shown)},
        }

    def _unchanged(self, route: Route) -> Schema:
        if not operations.answers_with_tag(route):
            return {}
        return {"304": {"description": UNCHANGED, "headers": _headers(route, 304)}}

    def _failures(self, route: Route) -> Schema:
        return self._by_status(operations.codes_of(route))

    def _by_status(self, codes: Iterable[str]) -> Schema:
        grouped: dict[int, list[str]] = {}
        for code in codes:
            grouped.setdefault(REFUSALS[code].status, []).append(code)
        return {str(status): self._refused(together) for status, together in sorted(grouped.items())}

    def _refused(self, codes: Sequence[str]) -> Schema:
        """A reference to the answer that may carry these codes, all of one status."""
        name = ".".join(codes)
        if name not in self._refusals:
            status = REFUSALS[codes[0]].status
            shown = {code: {"value": _failed(code)} for code in codes}
            self._refusals[name] = {
                "description": " ".join(f"`{code}`: {REFUSALS[code].when}" for code in codes),
                "headers": _headers(None, status),
                "content": {JSON: {"schema": self._failure(name, codes), "examples": shown}},
            }
        return {"$ref": f"#/components/responses/{name}"}

    def _failure(self, name: str, codes: Sequence[str]) -> Schema:
        """The failure envelope with just these codes, as a schema with a name."""
        error = self._named["Refused"]
        properties = {**error["properties"], "code": {"type": "string", "enum": list(codes)}}
        if "VALIDATION_ERROR" not in codes:
            del properties["details"]
        if "TIER_REQUIRED" not in codes:
            del properties["requiredTier"]
        title = "Refusal" + "".join(word.capitalize() for word in re.split("[._]", name))
        self._named[title] = {
            "type": "object",
            "properties": {"success": {"type": "boolean", "const": False}, "error": {**error, "properties": properties}},
            "required": ["success", "error"],
        }
        return {"$ref": f"#/components/schemas/{title}"}

    def _outside(self, one: Outside) -> Schema:
        answers: Schema = {}
        parameters = [*one.parameters, *([{"$ref": "#/components/parameters/If-None-Match"}] if one.tagged else [])]
        names = ["X-Request-Id", *(["ETag"] if one.tagged else [])]
        for status, answer in one.answers.items():
            schema = {"type": "string", "examples": [answer]} if isinstance(answer, str) else self._schemas[answer]
            schema = _envelope(schema, None) if answer is Received else schema
            answers[str(status)] = {
                "description": HTTPStatus(status).phrase,
                "headers": _references(names),
                "content": {one.media: _media(schema, examples_of(schema, self._named))},
            }
        if one.tagged:
            answers["304"] = {"description": UNCHANGED, "headers": _references(names)}
        sent = {"requestBody": {"required": True, "content": {one.takes: {"schema": ANYTHING, "example": one.sends}}}}
        return {
            "operationId": one.name,
            "tags": ["outside"],
            "summary": one.summary,
            "security": self._signed(one),
            **({"parameters": parameters} if parameters else {}),
            **(sent if one.takes else {}),
            "responses": {**answers, **self._by_status(one.codes)},
        }

    def _signed(self, one: Outside) -> list[Schema]:
        """With the simulator, this machine may leave the signature out (CONTRACT 3)."""
        if one.signature is None:
            return []
        return [{one.signature: []}, *([{}] if any(route.door is Door.LOOPBACK for route in self._routes) else [])]

    def _resolved(self, schema: Schema) -> Schema:
        return self._named[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _envelope(data: Schema, meta: Schema | None) -> Schema:
    beside = {"meta": meta} if meta else {}
    properties = {"success": {"type": "boolean", "const": True}, "data": data, **beside}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _media(schema: Schema, shown: Sequence[Any]) -> Schema:
    if len(shown) == 1:
        return {"schema": schema, "example": shown[0]}
    return {"schema": schema, "examples": {f"{number}": {"value": one} for number, one in enumerate(shown, 1)}}


def _either(options: Sequence[Schema]) -> Schema:
    if not options:
        return {}
    return dict(options[0]) if len(options) == 1 else {"anyOf": list(options)}


def _headers(route: Route | None, status: int) -> Schema:
    return _references([name for name in TOLD if TOLD[name](route, status)])


def _references(names: Iterable[str]) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _failed(code: str) -> Mapping[str, Any]:
    error: dict[str, Any] = {"message": REFUSALS[code].says, "code": code, "requestId": REQUEST_ID}
    if code == "VALIDATION_ERROR":
        path, _, message = REFUSALS[code].says.partition(": ")
        error["details"] = [{"path": path, "message": message}]
    if code == "TIER_REQUIRED":
        error["requiredTier"] = "ELITE"
    return {"success": False, "error": error}


def _signatures() -> list[str]:
    return [one.signature for one in OUTSIDE if one.signature]
