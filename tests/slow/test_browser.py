"""The pages of the running program in a real browser: readable on a phone and on a desk, nothing broken or from elsewhere."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.process import Engine
from tests.slow.chromium import chromium

pytestmark = pytest.mark.slow
every_width = pytest.mark.parametrize("width", [360, 1280])
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A gym with one member, a whole day behind it."""
    with Engine(tmp_path_factory.mktemp("browser") / "data") as engine:
        driver = engine.driver
        driver.clock("2026-05-03T23:30:00Z")
        person = driver.member(phone="+447700900101", firstName="<b>Ana</b>")
        person.patch("/api/users/me", {"morningCallTime": "07:00", "eveningCallTime": "20:00", "callFrequency": 7})
        person.post("/api/users/me/onboard")
        driver.advance("2026-05-04T17:30:00Z")
        person.complete(person.get("/api/workouts", status="PLANNED")[0])
        driver.advance("2026-05-04T21:00:00Z")
        yield engine


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser: Browser, engine: Engine) -> Iterator[Open]:
    """Opens a page; at the end, nothing may have been complained about and nobody else asked."""
    complaints: list[str] = []
    hosts: set[str | None] = set()
    contexts = []

    def open_page(path: str, width: int, **options: str) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda message: complaints.append(f"{message.text} {message.location}") if message.type != "log" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(f"{request.url} failed"))
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        response = page.goto(engine.url + path)
        assert response is not None
        assert response.status == 200
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert hosts == {urlsplit(engine.url).netloc}


@every_width
def test_the_front_page_can_be_read(opened: Open, tmp_path: Path, width: int) -> None:
    """CONTRACT 4: phone first; a page that scrolls sideways cannot be read on one."""
    page = opened("/", width)
    page.screenshot(path=tmp_path / f"front-{width}.png", full_page=True)
    assert page.locator("h1").is_visible()
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate(OUTSIDE) == []


# Every part of the page that sticks out of its column
OUTSIDE = """() => {
  const main = document.querySelector('main');
  const edge = main.getBoundingClientRect().right - parseFloat(getComputedStyle(main).paddingRight);
  return [...main.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > edge + 0.5)
    .map(e => [e.tagName, e.textContent.trim().slice(0, 40), e.getBoundingClientRect().right - edge]);
}"""


@every_width
def test_the_front_page_in_the_dark(opened: Open, tmp_path: Path, width: int) -> None:
    """Text and ground differ as far as the web's accessibility rules ask (4.5 to 1), by day and by night."""
    for scheme in ("light", "dark"):
        page = opened("/", width, color_scheme=scheme)
        page.screenshot(path=tmp_path / f"front-{width}-{scheme}.png", full_page=True)
        assert page.evaluate(FAINT) == []


# Every text whose contrast with the nearest painted ground is under 4.5 to 1
FAINT = """() => {
  const parts = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = colour => colour.slice(0, 3).map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    const colour = parts(getComputedStyle(e).backgroundColor);
    return colour.length === 3 || colour[3] > 0 ? colour : ground(e.parentElement);
  };
  return [...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.getClientRects().length)
    .map(e => {
      const [a, b] = [light(parts(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
      return [e.textContent.trim().slice(0, 40), (a + 0.05) / (b + 0.05)];
    })
    .filter(([, ratio]) => ratio < 4.5);
}"""


@every_width
def test_every_link_leads_somewhere(opened: Open, engine: Engine, width: int) -> None:
    page = opened("/", width)
    links = page.eval_on_selector_all("a", "all => all.map(a => a.href)")
    assert len(links) >= 4
    for link in links:
        assert link.startswith(engine.url), f"{link} leads out of the house"
        assert page.request.get(link).status == 200, link


@every_width
def test_links_can_be_hit_and_reached_by_keyboard(opened: Open, width: int) -> None:
    """Each link takes the focus in its turn and shows it."""
    page = opened("/", width)
    texts = page.eval_on_selector_all("a", "all => all.map(a => a.textContent)")
    for text in texts:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == text
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_the_front_page_says_what_runs(opened: Open) -> None:
    """R-168: simulated providers are announced; the day is told without names or numbers (R-160)."""
    page = opened("/", 1280)
    text = page.locator("main").inner_text()
    for said in ("simulated", "2026-05-04 21:00:00 UTC", "running", "call: evening review", "completion confirmation"):
        assert said in text
    for private in ("Ana", "7700900101", "member1@example.com"):
        assert private not in page.content()


def test_the_first_start_has_a_front_page_too(browser: Browser, tmp_path: Path) -> None:
    """Before anything has happened."""
    with Engine(tmp_path / "data") as engine:
        page = browser.new_page(viewport={"width": 360, "height": 800})
        page.goto(engine.url)
        page.screenshot(path=tmp_path / "first-start-360.png", full_page=True)
        assert "Nothing to show yet." in page.locator("main").inner_text()
        assert page.evaluate(OUTSIDE) == []
        page.close()


def test_the_page_is_whole_without_javascript(opened: Open) -> None:
    """CONTRACT 4."""
    page = opened("/", 360, java_script_enabled=False)
    assert page.locator("h2").all_inner_texts() == ["What runs", "Providers", "What happened last", "Where to go next"]


def test_headings_and_tables_are_marked_up(opened: Open) -> None:
    """What a screen reader goes by: a language, a title, one outline without gaps, heads for every table."""
    page = opened("/", 1280)
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title()
    levels = page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.locator("table").count() == 2
    assert page.locator("th:not([scope])").count() == 0


@pytest.fixture
def preference_page(engine: Engine) -> str:
    """Its path, as the last line of a mail has it."""
    mail = engine.driver.outbox(kind="email", limit=1)[0]
    return str(mail["body"].splitlines()[-1].partition(engine.url)[2])


@every_width
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_preference_page_can_be_read(opened: Open, preference_page: str, tmp_path: Path, width: int, scheme: str) -> None:
    page = opened(preference_page, width, color_scheme=scheme)
    page.screenshot(path=tmp_path / f"preferences-{width}-{scheme}.png", full_page=True)
    assert page.locator("h1").inner_text() == "What Ivy writes to you about"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(FAINT) == []
    assert page.eval_on_selector_all("label, button", "all => all.map(e => e.getBoundingClientRect().height >= 44)") == [True] * 7


def test_the_preference_page_saves_without_javascript_and_says_so(opened: Open, preference_page: str, tmp_path: Path) -> None:
    """On a phone, signed out; a reload saves nothing a second time."""
    page = opened(preference_page, 360, java_script_enabled=False)
    page.get_by_label("Weekly summary").uncheck()
    page.get_by_role("button", name="Save").click()
    page.screenshot(path=tmp_path / "preferences-saved-360.png", full_page=True)
    said = page.get_by_role("status").inner_text()
    assert "Switched off: Weekly summary." in said
    page.reload()
    assert page.get_by_role("status").inner_text() == said
    assert page.get_by_label("Weekly summary").is_checked() is False
    page.get_by_label("Weekly summary").check()
    page.get_by_role("button", name="Save").click()
    assert "Switched off" not in page.get_by_role("status").inner_text()


def test_the_preference_page_goes_by_keyboard(opened: Open, preference_page: str) -> None:
    page = opened(preference_page, 1280)
    for number in range(7):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        assert page.evaluate("document.activeElement.tagName") == ("INPUT" if number < 6 else "BUTTON")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()


def test_a_wrong_preference_link_is_told_in_a_sentence(browser: Browser, engine: Engine, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    answer = page.goto(f"{engine.url}/preferences?token=x")
    page.screenshot(path=tmp_path / "preferences-refused-360.png", full_page=True)
    assert (answer.status if answer else None) == 400
    assert page.get_by_role("alert").is_visible()
    assert page.evaluate(OUTSIDE) == []
    page.close()
