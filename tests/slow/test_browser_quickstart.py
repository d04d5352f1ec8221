"""The quickstart's page in a real browser, with the demo gym started as the quickstart says."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, expect

from tests.slow.chromium import chromium
from tests.slow.test_browser import FAINT
from tests.test_quickstart import ADDRESS, PAGE, QUICKSTART, Demo, demo

pytestmark = pytest.mark.slow
CHARLIE = "charlie@demo.example"
FRONTEND = "http://localhost:3000"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ThreadingHTTPServer]:
    """Serves what lies in `frontend`, as `python3 -m http.server` would."""
    (tmp_path / "frontend").mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path / "frontend")))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def origin(server: ThreadingHTTPServer) -> str:
    return f"http://localhost:{server.server_port}"


@pytest.fixture
def gym(origin: str, tmp_path: Path) -> Iterator[Demo]:
    """The demo with the settings that the quickstart names, and the page with the demo's address."""
    settings = re.search(r"\$ (IVY_.*) make demo\n", QUICKSTART)
    assert settings
    named = dict(setting.split("=") for setting in settings[1].replace(FRONTEND, origin).split())
    with demo(tmp_path, **named) as gym:
        (tmp_path / "frontend" / "index.html").write_text(PAGE.replace(ADDRESS, gym.url), "utf-8")
        yield gym


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@dataclass
class Watched:
    """What the pages of a test have asked for, and what the browser complained about."""

    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("request", lambda request: self.requests.append(request))
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type != "log":
            self.complaints.append(message.text)

    def pardon(self, words: str) -> None:
        """A browser notes every refusal: this one was meant."""
        assert len(self.complaints) == 1
        assert words in self.complaints.pop()

    def sent(self, method: str, path: str) -> list[Request]:
        return [one for one in self.requests if one.method == method and re.fullmatch(path, urlsplit(one.url).path)]


@pytest.fixture
def watched(gym: Demo, origin: str) -> Iterator[Watched]:
    """At the end, nobody but the page's own server and the engine was asked, and there is no complaint left."""
    watched = Watched()
    yield watched
    hosts = {urlsplit(request.url).netloc for request in watched.requests if not request.url.startswith("data:")}
    assert hosts == {urlsplit(origin).netloc, urlsplit(gym.url).netloc}
    assert watched.complaints == []


Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, watched: Watched, origin: str) -> Iterator[Open]:
    contexts = []

    def open_page(path: str = "/", width: int = 1280, **options: str) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        watched.watch(page)
        page.goto(origin + path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def sign_in(page: Page) -> None:
    page.get_by_label("E-mail").fill(CHARLIE)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("status")).to_contain_text("Hello")


def plan(page: Page, activity: str, date: str | None = None) -> None:
    page.get_by_label("Activity").fill(activity)
    if date is not None:
        page.get_by_label("Date").fill(date)
    page.get_by_role("button", name="Plan it").click()


def member(page: Page, gym: Demo) -> httpx.Client:
    """Whoever is signed in on the page, without the page."""
    token = page.evaluate("sessionStorage.getItem('token')")
    return httpx.Client(base_url=gym.url, headers={"Authorization": f"Bearer {token}"})


def kept(page: Page, gym: Demo, path: str) -> Any:
    with member(page, gym) as client:
        return client.get(path).raise_for_status().json()["data"]


@pytest.mark.parametrize("width", [360, 1280])
def test_plan_complete_and_see_the_streak(opened: Open, gym: Demo, watched: Watched, tmp_path: Path, width: int) -> None:
    page = opened(width=width)
    page.screenshot(path=tmp_path / f"sign-in-{width}.png", full_page=True)
    sign_in(page)
    expect(page.locator("#streak")).to_have_text("0 days")
    plan(page, "Run")
    expect(page.get_by_role("status")).to_have_text("Planned.")
    plan(page, "Swim", "2031-05-04")
    expect(page.get_by_role("status")).to_have_text("Planned.")

    run = page.get_by_role("button", name="Done: Run")
    place = run.bounding_box()
    assert place
    run.dblclick()
    expect(page.get_by_role("status")).to_have_text("Done. Your streak: 1 day. £1.00 to Mind.")
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    expect(page.locator("#streak")).to_have_text("1 day")
    expect(page.locator("#gifts")).to_have_text("£1.00 to Mind")
    expect(page.get_by_role("listitem").filter(has_text="Run")).to_contain_text("Done")
    assert {workout["activity"]: workout["status"] for workout in kept(page, gym, "/api/workouts")} == {
        "Run": "COMPLETED", "Swim": "PLANNED",
    }  # fmt: skip
    assert len(kept(page, gym, "/api/donations")) == 1
    (clicked,) = watched.sent("POST", "/api/workouts/.*/complete")
    assert clicked.headers["idempotency-key"]
    page.screenshot(path=tmp_path / f"done-{width}.png", full_page=True)

    page.reload()
    expect(page.get_by_role("status")).to_have_text("Hello Charlie.")
    expect(page.locator("#streak")).to_have_text("1 day")
    expect(page.get_by_role("button", name="Done:")).to_have_count(1)


def test_the_seventh_day_brings_a_bonus(opened: Open, gym: Demo) -> None:
    """Six days pass behind the page's back; what the seventh earns stands beside its own gift."""
    page = opened()
    sign_in(page)
    with member(page, gym) as charlie:
        for _ in range(6):
            now = charlie.get("/simulator/clock").json()["data"]["now"]
            planned = charlie.post("/api/workouts", json={"plannedDate": now, "activity": "Walk"}).json()["data"]
            charlie.post(f"/api/workouts/{planned['id']}/complete", json={"status": "COMPLETED"}).raise_for_status()
            charlie.post("/simulator/advance", json={"seconds": 86400}).raise_for_status()
    plan(page, "Row")
    page.get_by_role("button", name="Done: Row").click()
    expect(page.get_by_role("status")).to_have_text("Done. Your streak: 7 days. £1.00 to Mind, £3.00 to Mind.")


def test_a_bad_date_is_told_and_shown(opened: Open, watched: Watched, tmp_path: Path) -> None:
    page = opened(width=360)
    sign_in(page)
    plan(page, "Run", "1999-05-04")
    expect(page.get_by_role("alert")).to_have_text("That did not work. body.plannedDate: this date is out of range")
    expect(page.get_by_label("Date")).to_have_attribute("aria-invalid", "true")
    page.screenshot(path=tmp_path / "bad-date.png", full_page=True)
    watched.pardon("422")
    plan(page, "Run", "2031-05-04")
    expect(page.get_by_role("alert")).to_be_empty()
    expect(page.locator("[aria-invalid]")).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("Planned.")


def test_a_double_click_and_a_lost_answer_plan_once(opened: Open, gym: Demo, watched: Watched) -> None:
    """The first answer never arrives; pressing the button again repeats the request with its key."""
    page = opened()
    sign_in(page)
    page.route("**/api/workouts", _lose_the_answer, times=1)
    plan(page, "Run")
    expect(page.get_by_role("alert")).to_have_text("That did not work. The engine does not answer. Please try again.")
    watched.pardon("net::ERR_FAILED")
    page.get_by_role("button", name="Plan it").dblclick()
    expect(page.get_by_role("status")).to_have_text("Planned.")
    first, second = watched.sent("POST", "/api/workouts")
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert len(kept(page, gym, "/api/workouts")) == 1
    plan(page, "Run")
    expect(page.get_by_role("button", name="Done: Run")).to_have_count(2)  # a second run is meant


def _lose_the_answer(route: Route) -> None:
    route.fetch()
    route.abort()


def test_a_token_that_has_ended_brings_the_sign_in_form_back(opened: Open, gym: Demo, watched: Watched) -> None:
    page = opened()
    sign_in(page)
    plan(page, "Run")
    expect(page.get_by_role("button", name="Done: Run")).to_be_visible()
    with member(page, gym) as charlie:
        charlie.post("/api/auth/logout").raise_for_status()
    page.get_by_role("button", name="Done: Run").click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.locator("#home")).to_be_hidden()
    expect(page.get_by_role("alert")).to_contain_text("sign in again")
    assert page.evaluate("sessionStorage.length") == 0
    watched.pardon("401")
    sign_in(page)
    expect(page.get_by_role("button", name="Done: Run")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("E-mail")).to_be_visible()


def test_the_link_in_the_mail_leads_to_the_page(opened: Open, gym: Demo, origin: str) -> None:
    httpx.post(f"{gym.url}/api/auth/magic-link", json={"email": CHARLIE}).raise_for_status()
    (mail,) = httpx.get(f"{gym.url}/simulator/outbox?template=magic_link&limit=1&to={CHARLIE}").json()["data"]
    link = f"{origin}/?token={mail['token']}"
    assert link in mail["body"]
    page = opened(link.removeprefix(origin))
    expect(page.get_by_role("status")).to_have_text("Hello Charlie.")
    assert page.url == f"{origin}/"


def test_an_address_that_nobody_has_gets_no_mail(opened: Open) -> None:
    page = opened()
    page.get_by_label("E-mail").fill("nobody@demo.example")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("status")).to_contain_text("If this address is registered")


@pytest.mark.parametrize("width", [360, 1280])
def test_it_can_be_read_on_a_phone_and_on_a_desk_by_day_and_by_night(opened: Open, tmp_path: Path, width: int) -> None:
    for scheme in ("light", "dark"):
        page = opened(width=width, color_scheme=scheme)
        assert page.evaluate(FAINT) == []
        sign_in(page)
        plan(page, f"{scheme} and long without end ".replace(" ", "-") * 8)
        expect(page.get_by_role("status")).to_have_text("Planned.")
        page.get_by_role("button", name=f"Done: {scheme}").click()
        expect(page.get_by_role("status")).to_contain_text("Done.")
        page.screenshot(path=tmp_path / f"{scheme}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.evaluate(FAINT) == []
