"""Which web pages may call: CORS headers on every answer, preflights that ask nobody (CONTRACT 1)."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ivy_engine import jobs
from ivy_engine.engine import Ivy
from ivy_engine.settings import Limits, Web
from ivy_engine.web.app import create_app
from ivy_engine.web.cors import origin_of
from tests.conftest import START

PAGE = "http://localhost:3000"
STRANGER = "https://evil.example"
PREFLIGHT = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization"}


@pytest.fixture
def client(open_engine: Callable[..., Ivy]) -> Iterator[httpx.Client]:
    """An engine that serves two requests a minute under /api."""
    ivy = open_engine(limits=Limits(api="2/60", auth="off"), web=Web(frontend_url="https://App.example:443/front"))
    jobs.prepare(ivy)
    jobs.set_clock(ivy, START)
    with httpx.Client(transport=httpx.WSGITransport(create_app(ivy)), base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("GET", "/api/donations/charities", {}, 200),
        ("GET", "/api/users/me", {}, 401),
        ("GET", "/api/nothing", {}, 404),
        ("DELETE", "/api/users", {}, 405),
        ("POST", "/api/users", {"json": {}}, 422),
        ("GET", "/health", {}, 200),
        ("GET", "/", {}, 200),
        ("WEBSOCKET", "/api/users", {}, 400),
    ],
)
def test_every_answer_can_be_read(client: httpx.Client, method: str, path: str, more: Any, status: int) -> None:
    response = client.request(method, path, headers={"Origin": PAGE}, **more)
    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == PAGE
    assert response.headers["Vary"] == "Origin"
    assert "RateLimit-Reset" in response.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert response.headers["X-Request-Id"]


def test_a_refusal_for_too_many_and_a_304_can_be_read(client: httpx.Client) -> None:
    tag = client.get("/api/donations/charities").headers["ETag"]
    same = client.get("/api/donations/charities", headers={"Origin": PAGE, "If-None-Match": tag})
    spent = client.get("/api/donations/charities", headers={"Origin": PAGE})
    assert (same.status_code, spent.status_code) == (304, 429)
    for response in (same, spent):
        assert response.headers["Access-Control-Allow-Origin"] == PAGE
        assert response.headers["Vary"] == "Origin"


def test_our_own_mistake_can_be_read(open_engine: Callable[..., Ivy], monkeypatch: pytest.MonkeyPatch) -> None:
    ivy = open_engine()
    monkeypatch.setattr(ivy.simulator, "faults", lambda: 1 / 0)
    with httpx.Client(transport=httpx.WSGITransport(create_app(ivy)), base_url="http://127.0.0.1") as client:
        response = client.get("/simulator/faults", headers={"Origin": PAGE})
    assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (500, PAGE)


@pytest.mark.parametrize("path", ["/api/users/me", "/api/auth/verify", "/api/nothing", "/nothing", "/webhooks/stripe"])
def test_a_preflight_needs_no_token_and_is_not_counted(client: httpx.Client, path: str) -> None:
    for _ in range(4):
        response = client.options(path, headers={"Origin": PAGE, **PREFLIGHT})
        assert (response.status_code, response.content) == (204, b"")
        assert response.headers["Access-Control-Allow-Origin"] == PAGE
        assert "PATCH" in response.headers["Access-Control-Allow-Methods"]
        assert {"Authorization", "Idempotency-Key", "If-Match"} <= set(
            response.headers["Access-Control-Allow-Headers"].split(", ")
        )
        assert int(response.headers["Access-Control-Max-Age"]) > 0
        assert "RateLimit-Limit" not in response.headers
    assert client.get("/api/nothing").headers["RateLimit-Remaining"] == "1"


def test_a_stranger_is_served_but_may_not_read(client: httpx.Client) -> None:
    for origin in (STRANGER, "null", "http://localhost:3000.evil.example", "http://localhost:30000", PAGE + "/", PAGE.upper()):
        preflight = client.options("/api/users/me", headers={"Origin": origin, **PREFLIGHT})
        answer = client.get("/health", headers={"Origin": origin})
        assert (preflight.status_code, answer.status_code) == (204, 200)
        for response in (preflight, answer):
            assert not [name for name in response.headers if name.startswith("access-control")]
            assert response.headers["Vary"] == "Origin"


def test_the_engines_own_page_and_the_frontend_may_read(client: httpx.Client) -> None:
    for origin in ("http://127.0.0.1:8080", "https://app.example", "http://127.0.0.1:3000"):
        assert client.get("/health", headers={"Origin": origin}).headers["Access-Control-Allow-Origin"] == origin
    assert "Access-Control-Allow-Origin" not in client.get("/health").headers


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Ivy.Example/x?y", "https://ivy.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://a.example:80", "http://a.example"),
        ("https://a.example:80", "https://a.example:80"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://::1:8080", "http://::1:8080"),
    ],
)
def test_an_origin_is_written_as_browsers_do(url: str, origin: str) -> None:
    assert origin_of(url) == origin
