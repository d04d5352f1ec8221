"""Lists by cursor: every row once, whatever is added meanwhile, and no cursor but ours (CONTRACT 2, D-10)."""

from base64 import urlsafe_b64encode
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from ivy_engine.domain.errors import Invalid
from ivy_engine.engine import Ivy
from ivy_engine.web import cursors
from ivy_engine.web.app import create_app
from ivy_engine.web.endpoint import Door, Endpoint, Page, Route
from ivy_engine.web.limits import RateLimits
from ivy_engine.web.schemas.lists import PageMeta
from tests.driver import Driver, Person

DAY = timedelta(days=1)


def walked(person: Person, path: str, **query: Any) -> list[list[Any]]:
    """All pages of a list, from the first to the one without a next cursor."""
    pages, cursor = [], None
    while True:
        answer = person.call("GET", path, **query, **({"cursor": cursor} if cursor else {})).json()
        pages.append(answer["data"])
        cursor = answer["meta"]["nextCursor"]
        if cursor is None:
            return pages


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


def test_workouts_by_cursor_are_those_by_page(driver: Driver) -> None:
    ana = driver.member()
    for number in range(25):
        ana.plan(f"2026-05-{1 + number % 3:02d}")
    pages = walked(ana, "/api/workouts", limit=10)
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [row for page in pages for row in page] == ana.get("/api/workouts", limit=100)
    assert pages == [ana.get("/api/workouts", limit=10, page=number) for number in (1, 2, 3)]


def test_the_last_page_has_no_next(driver: Driver) -> None:
    """Also when it is full, and when there is nothing at all."""
    ana = driver.member()
    assert ana.call("GET", "/api/workouts").json()["meta"] == {
        "page": 1, "limit": 20, "total": 0, "totalPages": 0, "nextCursor": None,
    }  # fmt: skip
    for _ in range(4):
        ana.plan("2026-05-04")
    assert [len(page) for page in walked(ana, "/api/workouts", limit=2)] == [2, 2]
    beyond = ana.call("GET", "/api/workouts", limit=2, page=9).json()
    assert (beyond["data"], beyond["meta"]["nextCursor"]) == ([], None)


def test_with_a_cursor_the_page_is_ignored(driver: Driver) -> None:
    ana = driver.member()
    for _ in range(3):
        ana.plan("2026-05-04")
    cursor = ana.call("GET", "/api/workouts", limit=1).json()["meta"]["nextCursor"]
    plain, paged = (ana.call("GET", "/api/workouts", limit=1, cursor=cursor, **more).json() for more in ({}, {"page": 3}))
    assert plain["data"] == paged["data"]
    assert (plain["meta"]["page"], paged["meta"]["page"]) == (1, 3)
    assert plain["meta"]["total"] == paged["meta"]["total"] == 3


def test_rows_that_come_meanwhile_move_nothing(driver: Driver) -> None:
    ana = driver.member()
    known = [ana.plan("2026-05-04")["id"] for _ in range(4)]
    first = ana.call("GET", "/api/workouts", limit=2).json()
    for day in ("2026-05-04", "2026-05-09"):
        ana.plan(day)
    rest = ana.get("/api/workouts", limit=10, cursor=first["meta"]["nextCursor"])
    assert [row["id"] for row in first["data"] + rest] == known[::-1]


def test_filters_hold_behind_a_cursor(driver: Driver) -> None:
    ana = driver.member()
    for number in range(6):
        workout = ana.plan("2026-05-04")
        if number % 2:
            ana.complete(workout, "SKIPPED")
    pages = walked(ana, "/api/workouts", limit=2, status="SKIPPED")
    assert [len(page) for page in pages] == [2, 1]
    assert {row["status"] for page in pages for row in page} == {"SKIPPED"}


def test_donations_by_cursor(driver: Driver) -> None:
    ana = driver.member()
    for number in range(3):
        day = (date(2026, 5, 4) + number * DAY).isoformat()
        driver.clock(f"{day}T08:00:00Z")
        for _ in range(2):  # of one instant: their ids decide
            ana.complete(ana.plan(day))
    pages = walked(ana, "/api/donations", limit=4)
    assert [len(page) for page in pages] == [4, 2]
    assert [row for page in pages for row in page] == ana.get("/api/donations", limit=100)


@pytest.mark.parametrize("path", ["/api/workouts", "/api/donations"])
def test_no_cursor_but_ours(driver: Driver, path: str) -> None:
    """D-10."""
    ana = driver.member()
    for cursor in (
        "", "x", "!!!", "é", "A", "a" * 501, "bnVsbA", encoded("[]"), encoded("{}"), encoded('["2026-05-04"]'), encoded("[1, 2]"),
        encoded('["2026-05-04", 2]'), encoded('["2026-13-04", "x"]'), encoded('["2026-05-04T08:00:00x", "x"]'),
        encoded('["2026-05-04", "x", 1]'), encoded("[" * 2000), encoded('[null, "x"]'),
    ):  # fmt: skip
        error = driver.error(ana.call("GET", path, cursor=cursor), 422)
        assert (error["code"], [detail["path"] for detail in error["details"]]) == ("VALIDATION_ERROR", ["query.cursor"])


def test_an_instant_has_a_zone() -> None:
    extreme = cursors.written(("0001-01-01T00:00:00+23:59", "x"))
    assert cursors.after(extreme, cursors.instant, cursors.text)
    with pytest.raises(Invalid):
        cursors.after(cursors.written(("2026-05-04T08:00:00", "x")), cursors.instant, cursors.text)


def test_the_ends_of_time_are_places_too(driver: Driver) -> None:
    ana = driver.member()
    ana.complete(ana.plan("2026-05-04"))
    early, late = cursors.written(("0001-01-01T00:00:00+23:59", "x")), cursors.written(("9999-12-31T23:59:59-23:59", "x"))
    assert (len(ana.get("/api/donations", cursor=early)), len(ana.get("/api/donations", cursor=late))) == (0, 1)


def test_a_cursor_is_opaque_and_fits_a_url() -> None:
    key = ("2026-05-04", "0199a1b2-1234-7abc-8def-0123456789ab", 7)
    cursor = cursors.written(key)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert cursors.after(cursor, cursors.day, cursors.text, int) == (date(2026, 5, 4), key[1], 7)
    assert cursors.after(None, cursors.day) is None


class Counted(PageMeta):
    """A list's figures, and one of its own."""

    seen: int


def test_only_what_is_declared_stands_in_meta(ivy: Ivy) -> None:
    app = create_app(ivy)
    page = Page([1], 1, 1, 20, next_key=("2026-05-04", "a"), more={"seen": 3, "secret": 4})
    route = Route("GET", "/api/few", lambda asked: page, list[int], Door.PUBLIC, meta=Counted)
    app.add_route("/api/few", Endpoint(ivy, [route], RateLimits(ivy)))
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://127.0.0.1") as client:
        meta = client.get("/api/few").json()["meta"]
    after = meta.pop("nextCursor")
    assert cursors.after(after, cursors.day, cursors.text) == (date(2026, 5, 4), "a")
    assert meta == {"page": 1, "limit": 20, "total": 1, "totalPages": 1, "seen": 3}
