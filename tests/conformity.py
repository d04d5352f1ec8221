"""Holds answers to /openapi.json: a status, a header or a field that it does not know fails the test that saw it."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import httpx
import jsonschema_rs

from ivy_engine.web.app import API, SIMULATOR
from ivy_engine.web.endpoint import Route
from ivy_engine.web.openapi.document import document

Json = Any
OURS = {"ETag", "Idempotent-Replayed", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After", "Allow"}


class Conformity:
    """The document, ready to judge. Objects of answers are closed here: what is not described is not allowed."""

    def __init__(self, told: Json) -> None:
        self.document = told
        components = told["components"]
        self._closed = {"components": {"schemas": _closed(components["schemas"])}}
        self._paths = [(_pattern(path), path) for path in sorted(told["paths"], key=lambda path: path.count("{"))]
        self._validators: dict[tuple[str, str, int], Any] = {}

    def operation(self, method: str, path: str) -> tuple[str, Json] | None:
        """The template of a path and what the document says about the method; None where it says nothing."""
        for pattern, template in self._paths:
            if pattern.fullmatch(path):
                found = self.document["paths"][template].get(method.lower())
                return (template, found) if found else None
        return None

    def check(self, response: httpx.Response) -> None:
        """AssertionError when the answer is not as described. 404 and 405 of no operation are nobody's."""
        request = response.request
        found = self.operation(request.method, request.url.path.rstrip("/") or "/")
        if found is None:
            return
        template, operation = found
        asked = f"{request.method} {template} answered {response.status_code}"
        told = operation["responses"].get(str(response.status_code))
        assert told is not None, f"{asked}, which is not described: {response.text[:300]}"
        told = self.resolved(told)
        self._check_headers(asked, told, response)
        content = told.get("content", {})
        if not content:
            assert response.content == b"", f"{asked} with a body"
            return
        media = response.headers["Content-Type"].partition(";")[0]
        assert media in content, f"{asked} with {media}"
        if media == "application/json":
            self._check_body(asked, (template, request.method, response.status_code), content[media]["schema"], response.json())

    def _check_headers(self, asked: str, told: Json, response: httpx.Response) -> None:
        described = told.get("headers", {})
        for name in OURS & set(_canonical(response.headers)):
            assert name in described, f"{asked} with the header {name}, which is not described"
        for name, header in described.items():
            header = self.resolved(header)
            assert name in response.headers or not header["required"], f"{asked} without the header {name}"
            if name in response.headers and header["schema"]["type"] == "integer":
                int(response.headers[name])

    def _check_body(self, asked: str, key: tuple[str, str, int], schema: Json, body: Json) -> None:
        if key not in self._validators:
            self._validators[key] = jsonschema_rs.Draft202012Validator({**_closed(schema), **self._closed})
        problem = next(self._validators[key].iter_errors(body), None)
        assert problem is None, f"{asked}: {problem}"

    def resolved(self, part: Json) -> Json:
        """What a reference within the document stands for."""
        while "$ref" in part:
            found = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            part = found
        return part


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))


def _canonical(headers: httpx.Headers) -> Iterable[str]:
    known = {name.lower(): name for name in OURS}
    return (known[name] for name in headers if name in known)


def _closed(schema: Json) -> Json:
    """Objects with named properties have no others. (A named schema may have the name of a property: `Reference`.)"""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: value if name in ("examples", "example") else _closed(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed["additionalProperties"] = False
    return closed


@cache
def conformity(routes: tuple[Route, ...] = (*API, *SIMULATOR)) -> Conformity:
    return Conformity(document(routes))


def _judge(response: httpx.Response) -> None:
    response.read()
    conformity().check(response)


AS_DESCRIBED: Any = {"response": [_judge]}  # event hooks of every test's client
