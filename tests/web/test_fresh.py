"""ETag, If-None-Match and If-Match (CONTRACT 2)."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ivy_engine.engine import Ivy
from ivy_engine.web.app import API, create_app
from ivy_engine.web.endpoint import Door, Endpoint, Route
from ivy_engine.web.limits import RateLimits
from tests.driver import Driver, Person


def asked(person: Person, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return person.driver.client.request(method, path, json=body, headers={"Authorization": f"Bearer {person.token}", **named})


@pytest.mark.parametrize("path", ["/api/users/me", "/api/workouts", "/api/donations/charities", "/api/stats"])
def test_what_was_seen_is_not_sent_again(driver: Driver, path: str) -> None:
    ana = driver.member()
    seen = asked(ana, "GET", path)
    tag = seen.headers["ETag"]
    assert tag == asked(ana, "GET", path).headers["ETag"]
    assert (tag[0], tag[-1]) == ('"', '"')
    for names in (tag, f"W/{tag}", f'"x", {tag}', f'"x",W/{tag}', "*"):
        same = asked(ana, "GET", path, If_None_Match=names)
        assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
        assert same.headers["Cache-Control"] == "no-store"
    for names in ('"x"', 'W/"x", "y"', "", tag[:-2] + '"'):
        assert asked(ana, "GET", path, If_None_Match=names).content == seen.content


def another_workout(driver: Driver, ana: Person) -> None:
    ana.plan("2026-05-04", "Swim")


def another_name(driver: Driver, ana: Person) -> None:
    [planned] = ana.get("/api/workouts")
    ana.patch(f"/api/workouts/{planned['id']}", {"activity": "Swim"})


def another_goal(driver: Driver, ana: Person) -> None:
    ana.patch("/api/users/me", {"goal": "Run 10K"})


def another_gift(driver: Driver, ana: Person) -> None:
    ana.complete(ana.plan("2026-05-04"))


def another_score(driver: Driver, ana: Person) -> None:
    ana.post("/api/stats/transformation", {"energyScore": 5}, 201)


def another_marker(driver: Driver, ana: Person) -> None:
    ana.post("/api/stats/life-markers", {"marker": "Stairs", "category": "physical"}, 201)


def another_device(driver: Driver, ana: Person) -> None:
    driver.member_again(ana)


def another_call(driver: Driver, ana: Person) -> None:
    ana.post("/api/calls/schedule", {"callType": "RESCUE", "scheduledAt": "2026-05-04T18:00:00Z"})


def a_call_is_cancelled(driver: Driver, ana: Person) -> None:
    ana.delete(f"/api/calls/{ana.get('/api/calls')[-1]['id']}")


def another_failure(driver: Driver, ana: Person) -> None:
    driver.data(driver.client.put("/simulator/faults", json={"email": {"mode": "reject"}}))
    driver.post("/api/auth/magic-link", {"email": ana.email})
    driver.settle()


def another_consent(driver: Driver, ana: Person) -> None:
    ana.put("/api/users/me/consents", {"coach": True})


def another_preference(driver: Driver, ana: Person) -> None:
    ana.put("/api/users/me/preferences", {"pulse": False})


def another_message(driver: Driver, ana: Person) -> None:
    driver.post("/api/auth/magic-link", {"email": ana.email})
    driver.settle()


CHANGES: dict[str, Callable[[Driver, Person], None]] = {
    "/api/auth/me": another_goal,
    "/api/auth/sessions": another_device,
    "/api/users/me": another_goal,
    "/api/users/me/consents": another_consent,
    "/api/users/me/preferences": another_preference,
    "/api/users/{id}": another_goal,
    "/api/workouts": another_workout,
    "/api/workouts/{id}": another_name,
    "/api/donations": another_gift,
    "/api/donations/impact-wallet": another_gift,
    "/api/donations/receipts": another_gift,
    "/api/donations/stats": another_gift,
    "/api/stats": another_gift,
    "/api/stats/streak": another_gift,
    "/api/stats/streak/explain": another_gift,
    "/api/stats/weekly": another_gift,
    "/api/stats/monthly": another_marker,
    "/api/stats/transformation": another_score,
    "/api/stats/transformation/latest": another_score,
    "/api/stats/life-markers": another_marker,
    "/api/messages": another_message,
    "/api/calls": another_call,
    "/api/calls/upcoming": another_call,
    "/api/calls/{id}": a_call_is_cancelled,
    "/api/admin/jobs": another_failure,
    "/api/admin/jobs/{queue}/failed": another_failure,
}
CHARITIES = {"/api/donations/charities", "/api/donations/charities/{id}"}  # nobody changes them by the API


def test_every_reading_is_in_the_table() -> None:
    assert {route.path for route in API if route.method == "GET"} == set(CHANGES) | CHARITIES


@pytest.mark.parametrize("path", CHANGES)
def test_what_is_cached_is_good_until_the_data_changes(driver: Driver, path: str) -> None:
    """304 as long as nothing changes, though time goes on; then 200 with another tag, and 304 for that one."""
    ana = driver.callable_member() if "/calls" in path else driver.member()
    if "/admin/" in path or path.endswith("/upcoming"):
        driver.post("/simulator/operator", {"email": ana.email})
    planned = ana.plan("2026-05-04")
    ids = {"users": ana.id, "workouts": planned["id"], "calls": ana.get("/api/calls")[-1]["id"] if "/calls" in path else ""}
    where = path.replace("{id}", ids.get(path.split("/")[2], "")).replace("{queue}", "messages")
    tag = asked(ana, "GET", where).headers["ETag"]
    driver.clock("2026-05-04T08:00:01Z")
    assert asked(ana, "GET", where, If_None_Match=tag).status_code == 304
    CHANGES[path](driver, ana)
    changed = asked(ana, "GET", where, If_None_Match=tag)
    assert (changed.status_code, changed.headers["ETag"] != tag) == (200, True)
    driver.clock("2026-05-04T08:00:02Z")
    assert asked(ana, "GET", where, If_None_Match=changed.headers["ETag"]).status_code == 304


def test_only_good_answers_of_the_api_have_a_tag(driver: Driver) -> None:
    ana = driver.member()
    for response in (
        asked(ana, "GET", "/api/nothing"),
        asked(ana, "POST", "/api/workouts", {"plannedDate": "2026-05-04", "activity": "Run"}),
        asked(ana, "GET", "/simulator/clock", If_None_Match="*"),
        asked(ana, "GET", "/health"),
    ):
        assert "ETag" not in response.headers
        assert response.status_code != 304


@pytest.mark.parametrize("path", ["/api/users/me", "/api/workouts/{id}"])
def test_a_stale_change_is_refused(driver: Driver, path: str) -> None:
    ana = driver.member()
    where = path.replace("{id}", ana.plan("2026-05-04")["id"])
    field, values = ("goal", "abcd") if "users" in path else ("activity", "abcd")
    seen = asked(ana, "GET", where).headers["ETag"]
    driver.clock("2026-05-04T08:00:01Z")
    assert asked(ana, "PATCH", where, {field: values[0]}, If_Match=f'"x", {seen}').status_code == 200
    for stale in (seen, '"x"', f"W/{seen}", "nonsense", f"W/{asked(ana, 'GET', where).headers['ETag']}"):
        error = driver.error(asked(ana, "PATCH", where, {field: values[1]}, If_Match=stale), 412)
        assert error["code"] == "PRECONDITION_FAILED"
    assert ana.get(where)[field] == values[0]
    assert asked(ana, "PATCH", where, {field: values[2]}, If_Match="*").status_code == 200
    again = asked(ana, "GET", where).headers["ETag"]
    assert asked(ana, "PATCH", where, {field: values[3]}, If_Match=again).status_code == 200
    assert ana.get(where)[field] == values[3]


def test_what_does_not_exist_is_not_found_and_not_stale(driver: Driver) -> None:
    ana, charlie = driver.member(), driver.member()
    path = f"/api/workouts/{ana.plan('2026-05-04')['id']}"
    for names in ("*", '"x"'):
        driver.error(asked(charlie, "PATCH", path, {"activity": "x"}, If_Match=names), 404)


def test_a_wrong_body_is_told_before_a_stale_one(driver: Driver) -> None:
    ana = driver.member()
    driver.error(asked(ana, "PATCH", "/api/users/me", {"goal": 5}, If_Match='"x"'), 422)


def test_without_a_reading_nothing_is_current(ivy: Ivy) -> None:
    app = create_app(ivy)
    route = Route("PATCH", "/api/blind", lambda asked: {"done": True}, Any, Door.PUBLIC)
    app.add_route("/api/blind", Endpoint(ivy, [route], RateLimits(ivy)))
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://127.0.0.1") as client:
        statuses = [client.patch("/api/blind", json={}, headers={"If-Match": tag}).status_code for tag in ('"x"', '""', "*")]
    assert statuses == [412, 412, 200]
