"""How often somebody may ask, on the engine's clock (RULEBOOK 7.1, S-4)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest

from ivy_engine import jobs
from ivy_engine.clock import Clock
from ivy_engine.domain.rates import Rate
from ivy_engine.engine import Ivy
from ivy_engine.settings import Limits, SettingsError, Web, load
from ivy_engine.web.app import create_app
from ivy_engine.web.endpoint import Endpoint, Route
from ivy_engine.web.limits import RateLimits, Windows
from tests.conftest import START
from tests.driver import Driver

Call = Callable[..., httpx.Response]
MINUTE = timedelta(minutes=1)
LINK = {"email": "nobody@example.com"}


@pytest.fixture
def engine(open_engine: Callable[..., Ivy]) -> Callable[..., Ivy]:
    """Opens an engine with limits, whose clock stands still."""

    def opened(web: Web | None = None, **limits: str) -> Ivy:
        ivy = open_engine(limits=Limits(**limits), web=web or Web())
        jobs.prepare(ivy)
        jobs.set_clock(ivy, START)
        return ivy

    return opened


@pytest.fixture
def from_peer() -> Iterator[Callable[..., Call]]:
    """Requests as they come from an address."""
    with ExitStack() as clients:
        apps: dict[int, Any] = {}

        def calls(ivy: Ivy, peer: str = "203.0.113.5", app: Any = None) -> Call:
            app = app or apps.setdefault(id(ivy), create_app(ivy))
            transport = httpx.WSGITransport(app, remote_addr=peer)
            return clients.enter_context(httpx.Client(transport=transport, base_url="http://127.0.0.1")).request

        yield calls


def move(ivy: Ivy, **by: float) -> None:
    jobs.set_clock(ivy, START + timedelta(**by))


def told(response: httpx.Response) -> tuple[int, int, int]:
    return (
        int(response.headers["RateLimit-Limit"]),
        int(response.headers["RateLimit-Remaining"]),
        int(response.headers["RateLimit-Reset"]),
    )


def test_s4_six_magic_links(engine: Callable[..., Ivy], from_peer: Callable[..., Call]) -> None:
    ivy = engine()
    call = from_peer(ivy)
    for number in range(5):
        move(ivy, minutes=number)
        assert call("POST", "/api/auth/magic-link", json=LINK).status_code == 200
    move(ivy, minutes=14, seconds=59.5)
    sixth = call("POST", "/api/auth/magic-link", json=LINK)
    assert (sixth.status_code, sixth.json()["error"]["code"]) == (429, "RATE_LIMITED")
    assert sixth.json()["error"]["requestId"] == sixth.headers["X-Request-Id"]
    assert sixth.headers["Retry-After"] == "1"
    assert told(sixth) == (5, 0, 1)
    move(ivy, minutes=15)
    assert call("POST", "/api/auth/magic-link", json=LINK).status_code == 200


def test_links_and_verifications_count_together(engine: Callable[..., Ivy], from_peer: Callable[..., Call]) -> None:
    call = from_peer(engine(auth="2/900"))
    assert told(call("POST", "/api/auth/magic-link", json=LINK)) == (2, 1, 900)
    assert told(call("POST", "/api/auth/verify", json={"token": "x"})) == (2, 0, 900)
    assert call("POST", "/api/auth/verify", json={"token": "x"}).status_code == 429
    assert call("GET", "/api/auth/me").status_code == 401  # not one of the two


@pytest.mark.parametrize("path", ["/api/auth/verify/", "//api/auth/verify", "/api//auth/verify", "/api/auth/verify//"])
def test_slashes_are_no_way_around(engine: Callable[..., Ivy], from_peer: Callable[..., Call], path: str) -> None:
    call = from_peer(engine(auth="1/900"))
    call("POST", "/api/auth/verify", json={"token": "x"})
    assert call("POST", f"http://127.0.0.1{path}", json={"token": "x"}).status_code == 429


def test_everything_under_api_counts(engine: Callable[..., Ivy], from_peer: Callable[..., Call]) -> None:
    call = from_peer(engine(api="4/60"))
    assert told(call("GET", "/api/nothing")) == (4, 3, 60)
    assert told(call("DELETE", "/api/users")) == (4, 2, 60)
    assert told(call("GET", "/api/users/me")) == (4, 1, 60)
    assert call("OPTIONS", "/api/users", headers={"Origin": "x", "Access-Control-Request-Method": "POST"}).status_code == 204
    assert told(call("GET", "/api/donations/charities")) == (4, 0, 60)
    refused = call("GET", "/api/nothing")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    for path in ("/health", "/", "/simulator/clock", "/webhooks/whatsapp", "/static/ivy.css", "/apian"):
        free = call("GET", path, headers={"Host": "127.0.0.1"})
        assert free.status_code != 429
        assert "RateLimit-Limit" not in free.headers


def test_the_tightest_limit_is_told(engine: Callable[..., Ivy], from_peer: Callable[..., Call]) -> None:
    call = from_peer(engine(api="3/60", auth="5/900"))
    assert told(call("POST", "/api/auth/verify", json={"token": "x"})) == (3, 2, 60)
    call("GET", "/api/nothing")
    call("GET", "/api/nothing")
    refused = call("POST", "/api/auth/verify", json={"token": "x"})
    assert (refused.status_code, told(refused)) == (429, (3, 0, 60))


def test_what_one_limit_refuses_another_does_not_count(engine: Callable[..., Ivy], from_peer: Callable[..., Call]) -> None:
    ivy = engine(api="1/60", auth="2/900")
    call = from_peer(ivy)
    for _ in range(5):
        call("POST", "/api/auth/verify", json={"token": "x"})
    move(ivy, seconds=60)
    assert call("POST", "/api/auth/verify", json={"token": "x"}).status_code == 400


def test_off_is_off(engine: Callable[..., Ivy], from_peer: Callable[..., Call]) -> None:
    call = from_peer(engine(api="off", auth="off"))
    responses = [call("POST", "/api/auth/verify", json={"token": "x"}) for _ in range(120)]
    assert {response.status_code for response in responses} == {400}
    assert "RateLimit-Limit" not in responses[0].headers


def test_each_client_has_its_own(engine: Callable[..., Ivy], from_peer: Callable[..., Call]) -> None:
    ivy = engine(api="1/60")
    for peer in ("203.0.113.5", "203.0.113.6", "2001:db8:0:1::1", "2001:db8:0:2::1"):
        assert from_peer(ivy, peer)("GET", "/api/nothing").status_code == 404
    for peer in ("203.0.113.5", "::ffff:203.0.113.6", "2001:db8:0:1:ffff::9"):
        assert from_peer(ivy, peer)("GET", "/api/nothing").status_code == 429


@pytest.mark.parametrize(
    ("peer", "passed_on", "client"),
    [
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),  # nobody whom we trust says so
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),  # the left part is what the client claims
        ("10.0.0.1", "198.51.100.1, 192.0.2.7,10.9.9.9", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, nonsense, 10.9.9.9", "10.9.9.9"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "2001:db8:0:1::7", "2001:db8:0:1::"),
        ("", "198.51.100.1", "nobody"),
    ],
)
def test_the_client_behind_proxies(
    engine: Callable[..., Ivy], from_peer: Callable[..., Call], peer: str, passed_on: str | None, client: str
) -> None:
    ivy = engine(Web(trusted_proxies=("10.0.0.0/8", "192.0.2.7")), api="1/60")
    headers = {} if passed_on is None else {"X-Forwarded-For": passed_on}
    assert from_peer(ivy, peer)("GET", "/api/nothing", headers=headers).status_code == 404
    for other in {"203.0.113.5", "198.51.100.1", "10.0.0.1", "10.9.9.9", "10.0.0.3", "2001:db8:0:1::"} - {client}:
        assert from_peer(ivy, other)("GET", "/api/nothing").status_code == 404
    if client != "nobody":
        assert from_peer(ivy, client)("GET", "/api/nothing").status_code == 429


@pytest.mark.parametrize("value", ["proxy.example", "10.0.0.0/33", "10.0.0.1/8", "1.2.3"])
def test_a_trusted_proxy_is_an_address_or_a_network(value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"web\.trusted_proxies.*address") as refused:
        load(None, {"IVY_WEB__TRUSTED_PROXIES": f"192.0.2.7,{value}"})
    assert value.partition("/")[0] in str(refused.value)


def test_a_members_own_limit(engine: Callable[..., Ivy], from_peer: Callable[..., Call]) -> None:
    """Per member, from wherever: a stranger at the same address is not held back."""
    ivy = engine(api="100/60", auth="off", call_start="1/60")
    app, limits = create_app(ivy), RateLimits(ivy)
    route = Route("POST", "/api/ring", lambda asked: {"who": asked.who.id}, Any, limit="call_start")
    app.add_route("/api/ring", Endpoint(ivy, [route], limits))
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://127.0.0.1") as client:
        driver = Driver(client, settle=lambda: jobs.run(ivy, "send_due_messages"))
        ana, ben = driver.member(), driver.member()
        assert told(ana.call("POST", "/api/ring")) == (1, 0, 60)
        assert driver.error(ana.call("POST", "/api/ring"), 429)["code"] == "RATE_LIMITED"
        assert driver.error(client.post("/api/ring"), 401)["code"] == "UNAUTHORIZED"
        ben.post("/api/ring")
        move(ivy, seconds=60)
        ana.post("/api/ring")


def test_windows_that_are_over_are_dropped() -> None:
    clock = Clock(START)
    windows = Windows(clock, Rate(2, MINUTE))
    for number in range(50):
        windows.hit(f"client {number}")
    clock.set(START + timedelta(seconds=30))
    windows.hit("client 0")
    windows.hit("late")
    assert len(windows) == 51
    clock.set(START + timedelta(seconds=60))
    assert windows.hit("late").count == 2
    assert len(windows) == 1


def test_a_clock_that_is_set_back_begins_anew() -> None:
    clock = Clock(START)
    windows = Windows(clock, Rate(1, MINUTE))
    windows.hit("client")
    assert windows.hit("client").refused
    clock.set(START - timedelta(days=1))
    hit = windows.hit("client")
    assert (hit.refused, hit.reset, len(windows)) == (False, 60, 1)
