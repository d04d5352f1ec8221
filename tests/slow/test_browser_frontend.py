"""A frontend from another origin, in a real browser: preflights, readable refusals, what real forms send (CONTRACT 1)."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.process import Engine
from tests.slow.chromium import chromium

pytestmark = pytest.mark.slow

PAGE = """<!doctype html><title>A frontend</title>
<form id="sign-up">
  <input name="email" value="Ana@Example.com"><input name="firstName" value="Ana"><input name="lastName" value="Li">
  <input name="track" value="fitness"><input name="goal" value="Run 5K"><input name="phone" value="">
  <input name="timezone" value="Europe/London">
</form>
<form id="settings">
  <input name="phone" type="tel" value="+44 20 7946 0018"><textarea name="goal"></textarea>
  <input name="morningCallTime" type="time" value="07:05"><input name="eveningCallTime" type="time" value="">
  <input name="callFrequency" type="number" value="3">
</form>
<form id="workout">
  <input name="plannedDate" type="date" value="2026-11-23"><input name="plannedTime" type="time" value="">
  <input name="activity" value="Run">
</form>
<script>
  const formBody = id => Object.fromEntries([...new FormData(document.getElementById(id))]
    .map(([name, value]) => [name, name === 'callFrequency' ? Number(value) : value]));
  const call = async (base, method, path, token, body, headers = {}) => {
    const answer = await fetch(base + path, {method, headers: {...headers,
      ...(token ? {Authorization: 'Bearer ' + token} : {}), ...(body ? {'Content-Type': 'application/json'} : {})},
      body: body ? JSON.stringify(body) : undefined});
    const read = name => answer.headers.get(name);
    return {status: answer.status, body: await answer.json(), requestId: read('X-Request-Id'),
      remaining: read('RateLimit-Remaining'), retryAfter: read('Retry-After'), etag: read('ETag'),
      replayed: read('Idempotent-Replayed')};
  };
</script>"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[str]:
    """A web server of a frontend's own."""
    folder = tmp_path / "frontend"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page()


class Frontend:
    """What the page's script does, one request at a time."""

    def __init__(self, page: Page, base: str) -> None:
        self._page, self._base = page, base
        self.token: str | None = None

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        given = [self._base, method, path, self.token, body, {name.replace("_", "-"): value for name, value in headers.items()}]
        return self._page.evaluate("given => call(...given)", given)

    def form(self, name: str) -> Any:
        return self._page.evaluate("formBody(" + repr(name) + ")")

    def twice(self, method: str, path: str, body: Any) -> list[Any]:
        """A double click: both requests leave before either is answered."""
        given = [self._base, method, path, self.token, body]
        found: list[Any] = self._page.evaluate("given => Promise.all([call(...given), call(...given)])", given)
        return found


def test_a_frontend_of_another_origin(page: Page, origin: str, tmp_path: Path) -> None:
    with Engine(tmp_path / "data", IVY_WEB__CORS_ORIGINS=origin) as engine:
        page.goto(origin)
        frontend = Frontend(page, engine.url)
        signed_up = frontend.call("POST", "/api/users", frontend.form("sign-up"))
        assert (signed_up["status"], signed_up["body"]["data"]["phone"]) == (201, None)
        token = engine.driver.until(lambda: engine.driver.outbox(kind="email"))[0]["token"]
        verified = frontend.call("POST", "/api/auth/verify", {"token": token})["body"]["data"]
        frontend.token = verified["accessToken"]

        saved = frontend.call("PATCH", "/api/users/me", frontend.form("settings"))["body"]["data"]
        assert (saved["phone"], saved["goal"], saved["morningCallTime"]) == ("+442079460018", "", "07:05")
        assert (saved["eveningCallTime"], saved["callFrequency"]) == (None, 3)
        assert set(saved) == set(verified["user"]), "the client replaces the user it holds"

        planned = frontend.call("POST", "/api/workouts", frontend.form("workout"), Idempotency_Key="a click")
        again = frontend.call("POST", "/api/workouts", frontend.form("workout"), Idempotency_Key="a click")
        assert (planned["status"], again["replayed"], again["body"]) == (201, "true", planned["body"])
        workout = planned["body"]["data"]
        assert (workout["plannedDate"], workout["plannedTime"]) == ("2026-11-23T00:00:00.000Z", None)

        path = f"/api/workouts/{workout['id']}"
        for method, where, body in (
            ("POST", f"{path}/complete", {"status": "COMPLETED"}),
            ("POST", "/api/users/me/onboard", {}),
            ("PATCH", "/api/users/me", {"goal": "Swim"}),
        ):
            first, second = frontend.twice(method, where, body)
            assert (first["status"], second["status"]) == (200, 200)
        assert frontend.call("GET", "/api/stats")["body"]["data"]["workouts"]["total"] == 1

        lists = frontend.call("GET", "/api/workouts?limit=10&page=1")
        assert isinstance(lists["body"]["data"], list)
        assert lists["etag"]
        for refused, status in (
            (frontend.call("GET", "/api/workouts?limit=0"), 422),
            (frontend.call("GET", "/api/nothing"), 404),
            (frontend.call("DELETE", "/api/workouts"), 405),
            (frontend.call("PATCH", path, {"goal": "x"}, If_Match='"old"'), 412),
        ):
            assert refused["status"] == status, "a refusal that a browser cannot read is an opaque network error"
            assert refused["body"]["error"]["message"]
            assert refused["requestId"] == refused["body"]["error"]["requestId"]
        frontend.token = "nonsense"
        assert frontend.call("GET", "/api/users/me")["status"] == 401
        assert engine.stop() == 0


def test_the_limit_is_readable_and_preflights_are_free(page: Page, origin: str, tmp_path: Path) -> None:
    with Engine(tmp_path / "data", IVY_WEB__CORS_ORIGINS=origin, IVY_LIMITS__API="6/600") as engine:
        page.goto(origin)
        frontend = Frontend(page, engine.url)
        frontend.token = "nonsense"  # with it every request is preflighted, at least the first time
        answers = [frontend.call("GET", f"/api/workouts?page={number}") for number in range(1, 8)]
        assert [answer["status"] for answer in answers] == [401] * 6 + [429]
        assert [answer["remaining"] for answer in answers] == ["5", "4", "3", "2", "1", "0", "0"]
        assert 0 < int(answers[-1]["retryAfter"]) <= 600
        assert answers[-1]["body"]["error"]["code"] == "RATE_LIMITED"


def test_an_origin_that_is_not_listed_reads_nothing(page: Page, origin: str, tmp_path: Path) -> None:
    with Engine(tmp_path / "data") as engine:
        page.goto(origin)
        with pytest.raises(Exception, match="Failed to fetch"):
            Frontend(page, engine.url).call("GET", "/api/donations/charities")
