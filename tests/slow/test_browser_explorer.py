"""`/docs` in a real browser without any network: a demo member signs in at a click, and a request is made from the page."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.process import Engine
from tests.slow.chromium import chromium

pytestmark = pytest.mark.slow
NO_NETWORK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@pytest.fixture
def page() -> Iterator[Page]:
    """At the end nothing may have been complained about, and nobody but this machine asked."""
    complaints: list[str] = []
    hosts: set[str | None] = set()
    with chromium(NO_NETWORK) as browser:
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        yield page
    assert [said for said in complaints if "status of 401" not in said] == []  # of the request that is made before signing in
    assert hosts <= {"127.0.0.1", None}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine(tmp_path / "data") as engine:
        yield engine


def open_explorer(page: Page, engine: Engine, width: int = 1280) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{engine.url}/docs")
    expect(page.locator("#operations-workouts-workoutsPlan")).to_be_visible()


def execute(page: Page, operation: str) -> str:
    """Open an operation by the keyboard, press its button as it stands; the status that came back.

    A click of the mouse waits for two frames in which nothing moves, and a loaded machine may draw none for half a minute.
    """
    chapter = page.locator(f"#operations-{operation}")
    chapter.locator(".opblock-summary-control").press("Enter")
    chapter.locator("button.execute").press("Enter")
    return chapter.locator(".live-responses-table tbody .response-col_status").first.inner_text().split()[0]


@pytest.mark.parametrize("width", [360, 1280])
def test_signed_in_at_a_click_and_a_workout_is_planned(page: Page, engine: Engine, width: int) -> None:
    """The examples that stand in the forms do, signed in; nothing that may be left out is filled in."""
    open_explorer(page, engine, width)
    assert execute(page, "users-usersMine") == "401"
    page.locator("#sign-in").click()
    expect(page.locator("#signed-in")).to_contain_text("Signed in as Demo (explorer@example.com)")
    assert execute(page, "workouts-workoutsPlan") == "201"
    assert execute(page, "workouts-workoutsListed") == "200"
    assert execute(page, "users-usersChange") == "200"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    explorer = engine.driver.member_again(engine.driver.named("explorer@example.com"))
    assert [row["activity"] for row in explorer.get("/api/workouts")] == ["Morning run"]
    assert explorer.get("/api/users/me")["weeklyGoal"] == 3


def test_a_second_click_is_the_same_member(page: Page, engine: Engine) -> None:
    open_explorer(page, engine)
    for _ in range(3):
        page.locator("#sign-in").click()
        expect(page.locator("#signed-in")).to_contain_text("explorer@example.com")
    assert engine.driver.member_again(engine.driver.named("explorer@example.com")).get("/api/users/me")["firstName"] == "Demo"


def test_without_the_simulator_there_is_no_button(page: Page, tmp_path: Path) -> None:
    with Engine(tmp_path / "closed", IVY_SIMULATOR__ENABLED="false") as engine:
        open_explorer(page, engine)
        expect(page.locator("#sign-in")).to_have_count(0)
        expect(page.locator("#operations-tag-simulator")).to_have_count(0)


def test_what_goes_wrong_is_said(page: Page, engine: Engine) -> None:
    open_explorer(page, engine)
    page.route("**/simulator/sign-in", lambda route: route.fulfill(json={"success": False, "error": {"message": "Not now."}}))
    page.locator("#sign-in").click()
    expect(page.locator("#signed-in")).to_have_text("That did not work: Not now.")
    expect(page.locator("#sign-in")).to_be_enabled()
