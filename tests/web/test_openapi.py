"""/openapi.json: valid, complete, made of what is served, and its examples fit what they are examples of (CONTRACT 2)."""

import json
from typing import Any

import falcon.inspect
import httpx
import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from ivy_engine.engine import Ivy
from ivy_engine.settings import Simulator
from ivy_engine.web.app import API, SIMULATOR, create_app, routes_of
from ivy_engine.web.errors import REFUSALS
from ivy_engine.web.openapi import operations
from ivy_engine.web.openapi.document import document
from ivy_engine.web.openapi.examples import of_parameter
from tests.conformity import Conformity, conformity
from tests.driver import Driver

Json = Any
PAGES = {"/", "/docs", "/preferences", "/unsubscribe"}
TOLD = conformity().document
OPERATIONS = [
    pytest.param(path, method, operation, id=operation["operationId"])
    for path, methods in TOLD["paths"].items()
    for method, operation in methods.items()
]


def test_it_is_valid() -> None:
    assert TOLD["openapi"] == "3.1.0"
    validate(TOLD, cls=OpenAPIV31SpecValidator)


@pytest.mark.parametrize("mounted", [True, False])
def test_it_describes_what_is_served_and_nothing_else(open_engine: Any, mounted: bool) -> None:
    app = create_app(open_engine(simulator=Simulator(enabled=mounted)))
    served = {
        (route.path, method.method)
        for route in falcon.inspect.inspect_routes(app)
        for method in route.methods
        if not method.internal and route.path not in PAGES
    }
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://127.0.0.1") as client:
        told = client.get("/openapi.json").json()
    assert {(path, method.upper()) for path, methods in told["paths"].items() for method in methods} == served
    assert ("/simulator/clock", "GET") in served if mounted else not any(path.startswith("/simulator") for path, _ in served)


def test_it_is_answered_with_a_tag(driver: Driver) -> None:
    first = driver.client.get("/openapi.json")
    assert first.json()["servers"] == [{"url": "/"}]
    again = driver.client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_names_are_names_and_every_route_says_what_it_does() -> None:
    names = [operation.values[2]["operationId"] for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert all(name.isalnum() for name in names)
    for route in (*API, *SIMULATOR):
        assert operations.told(route)[0], f"{route.handler.__module__}.{route.handler.__name__} has no docstring"
    assert all(tag["description"] for tag in TOLD["tags"])


def test_every_code_has_an_answer_somewhere() -> None:
    told = {code for name in TOLD["components"]["responses"] for code in name.split(".")}
    assert told == set(REFUSALS)


def test_no_class_name_stands_as_a_title() -> None:
    titles = [part["title"] for part in _parts(TOLD["components"]) if isinstance(part.get("title"), str)]
    assert titles == []


def _parts(part: Json) -> list[Json]:
    if isinstance(part, list):
        return [found for item in part for found in _parts(item)]
    if not isinstance(part, dict):
        return []
    return [part, *(found for item in part.values() for found in _parts(item))]


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_every_example_fits_its_schema(path: str, method: str, operation: Json) -> None:
    judge = conformity()
    for parameter in operation.get("parameters", []):
        parameter = judge.resolved(parameter)
        _check(parameter["schema"], [of_parameter(parameter)])
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    answers = [judge.resolved(answer) for answer in operation["responses"].values()]
    for told in (*bodies, *answers):
        for media in told.get("content", {}).values():
            _check(media["schema"], _examples(media))
        for header in told.get("headers", {}).values():
            header = judge.resolved(header)
            _check(header["schema"], [header["example"]])


def _examples(media: Json) -> list[Json]:
    found = [media["example"]] if "example" in media else [one["value"] for one in media["examples"].values()]
    assert found
    return found


def _check(schema: Json, examples: list[Json]) -> None:
    judge = jsonschema_rs.Draft202012Validator({**schema, "components": TOLD["components"]}, validate_formats=True)
    for example in examples:
        assert [str(problem) for problem in judge.iter_errors(example)] == []


def test_the_command_prints_what_the_address_answers(driver: Driver) -> None:
    printed = document(routes_of(simulator_mounted=True), "http://127.0.0.1:8080")
    answered = driver.client.get("/openapi.json").json()
    assert json.loads(json.dumps({**printed, "servers": [{"url": "/"}]})) == answered
    assert printed["servers"] == [{"url": "http://127.0.0.1:8080"}]


def answer_of(
    status: int = 200, body: Json = None, headers: Json = None, method: str = "GET", path: str = "/api/users/me"
) -> Any:
    request = httpx.Request(method, f"http://127.0.0.1{path}")
    head = {"X-Request-Id": "1", "ETag": '"a"', **(headers or {})}
    return httpx.Response(status, json=body, headers=head, request=request)


def test_what_is_not_described_is_seen(driver: Driver) -> None:
    """The judge of every test's answers: a status, a field, a header, a code, a media type too many, or one too few."""
    judge = Conformity(document((*API, *SIMULATOR)))
    me = driver.member().call("GET", "/api/users/me").json()
    judge.check(answer_of(200, me))
    error = {"message": "No.", "code": "UNAUTHORIZED", "requestId": "1"}
    for wrong in (
        answer_of(202, me),
        answer_of(200, {**me, "more": 1}),
        answer_of(200, {**me, "data": {**me["data"], "secret": "x"}}),
        answer_of(200, {**me, "data": {name: value for name, value in me["data"].items() if name != "goal"}}),
        answer_of(200, me, {"Retry-After": "1"}),
        answer_of(200, me, {"X-Request-Id": ""}, path="/api/stats"),
        answer_of(401, {"success": False, "error": {**error, "code": "FORBIDDEN"}}),
        answer_of(401, {"success": False, "error": {**error, "details": []}}),
        answer_of(429, {"success": False, "error": {**error, "code": "RATE_LIMITED"}}),
        httpx.Response(200, text="x", headers={"X-Request-Id": "1", "ETag": "a"}, request=answer_of().request),
    ):
        with pytest.raises(AssertionError):
            judge.check(wrong)


def test_the_simulator_is_not_described_where_it_is_not_mounted(ivy: Ivy) -> None:
    assert not [tag for tag in document(routes_of(simulator_mounted=False))["tags"] if tag["name"] == "simulator"]
