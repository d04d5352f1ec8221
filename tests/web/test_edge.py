"""The edge: every refusal in one shape with the right status, and nothing written."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ivy_engine import jobs
from ivy_engine.domain.errors import TierRequired
from ivy_engine.engine import Ivy
from ivy_engine.settings import Limits, Stripe
from ivy_engine.web.app import API, create_app
from ivy_engine.web.endpoint import Door, Endpoint, Route
from ivy_engine.web.errors import STATUS
from ivy_engine.web.limits import RateLimits
from tests.conftest import START
from tests.driver import Driver

UNKNOWN = "0199a1b2-1234-7abc-8def-0123456789ab"
NEW = {"email": "x@example.com", "firstName": "A", "lastName": "B", "track": "fitness", "goal": "g"}


def send(driver: Driver, method: str, path: str, **more: Any) -> httpx.Response:
    return driver.client.request(method, path, **more)


def test_every_answer_has_an_id_and_safe_headers(driver: Driver) -> None:
    given = send(driver, "GET", "/health", headers={"X-Request-Id": "abc-1"})
    assert given.headers["X-Request-Id"] == "abc-1"
    made = send(driver, "GET", "/api/nothing", headers={"X-Request-Id": "no good\x7f"})
    assert made.json()["error"]["requestId"] == made.headers["X-Request-Id"] != "no good"
    for response in (given, made):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in send(driver, "GET", "/").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "code"),
    [
        ("GET", "/api/nothing", {}, 404, "NOT_FOUND"),
        ("DELETE", "/api/users", {}, 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/api/users", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "BAD_REQUEST"),
        ("POST", "/api/users", {"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("POST", "/api/users", {"json": {"goal": "g" * 1_100_000}}, 413, "PAYLOAD_TOO_LARGE"),
        ("POST", "/api/users", {"json": []}, 422, "VALIDATION_ERROR"),
        ("POST", "/api/users", {"json": {**NEW, "email": 5}}, 422, "VALIDATION_ERROR"),
        ("POST", "/api/users", {"json": {**NEW, "email": "x"}}, 422, "VALIDATION_ERROR"),
        ("POST", "/api/users", {"json": {**NEW, "phone": "07700900003"}}, 422, "VALIDATION_ERROR"),
        ("POST", "/api/users", {"json": {**NEW, "timezone": "Mars/Base"}}, 422, "VALIDATION_ERROR"),
        ("POST", "/api/users", {"json": {**NEW, "preferredCharityId": UNKNOWN}}, 422, "VALIDATION_ERROR"),
        ("POST", "/api/auth/verify", {"json": {}}, 422, "VALIDATION_ERROR"),
        ("POST", "/api/auth/verify", {"json": {"token": "f" * 64}}, 400, "INVALID_LINK"),
        ("GET", "/api/donations/charities/" + UNKNOWN, {}, 404, "NOT_FOUND"),
        ("GET", "/api/donations/charities/one", {}, 422, "VALIDATION_ERROR"),
        ("POST", "/simulator/phone/" + UNKNOWN, {"json": {"action": "answer"}}, 404, "NOT_FOUND"),
        ("POST", "/simulator/checkout/cs_1", {"json": {"action": "complete"}}, 404, "NOT_FOUND"),
        ("PUT", "/simulator/faults", {"json": {"sms": {"mode": "manual"}}}, 422, "VALIDATION_ERROR"),
    ],
)
def test_bad_requests(driver: Driver, method: str, path: str, more: Any, status: int, code: str) -> None:
    refused = send(driver, method, path, **more)
    error = driver.error(refused, status)
    assert error["code"] == code
    assert error["message"]
    assert error["requestId"] == refused.headers["X-Request-Id"]
    if status == 405:
        assert "POST" in refused.headers["Allow"]


def test_a_refused_sign_up_writes_nothing(driver: Driver) -> None:
    before = driver.outbox()
    for change in ({"phone": "1"}, {"email": "a@b"}, {"goal": "  "}, {"timezone": "x"}):
        driver.error(driver.client.post("/api/users", json={**NEW, **change}), 422)
    driver.settle()
    assert driver.outbox() == before
    driver.data(driver.client.post("/api/users", json=NEW), 201)


def test_s2_the_message_names_every_field(driver: Driver) -> None:
    refused = driver.client.post("/api/users", json={"email": "x", "firstName": "A", "lastName": "B", "track": "fitness"})
    error = driver.error(refused, 422)
    assert "body.goal" in error["message"]
    assert [detail["path"] for detail in error["details"]] == ["body.email", "body.goal"]


@pytest.mark.parametrize(
    "route", [route for route in API if route.door is Door.MEMBER], ids=lambda route: f"{route.method} {route.path}"
)
def test_a_members_route_lets_nobody_in_without_a_token(driver: Driver, ivy: Ivy, route: Any) -> None:
    path = route.path.replace("{id}", UNKNOWN)
    expired = ivy.keys.sign_token({"userId": UNKNOWN, "sid": UNKNOWN, "exp": 1})
    for header in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}, {"Authorization": f"Bearer {expired}"}):
        refused = driver.client.request(route.method, path, headers=header, json={} if route.body else None)
        assert driver.error(refused, 401)["code"] == "UNAUTHORIZED"


def test_somebody_elses_workout_does_not_exist(driver: Driver) -> None:
    """Charlie sees nothing (S-23)."""
    alice, charlie = driver.member(), driver.member()
    workout = alice.plan("2026-05-04")
    path = f"/api/workouts/{workout['id']}"
    for method, where, body in (
        ("GET", path, None),
        ("PATCH", path, {"activity": "x"}),
        ("POST", f"{path}/complete", {"status": "COMPLETED"}),
    ):
        assert driver.error(charlie.call(method, where, body), 404)["code"] == "NOT_FOUND"
    assert charlie.get("/api/workouts") == charlie.get("/api/donations") == []
    assert alice.get(path)["status"] == "PLANNED"


def test_lists_page_in_a_total_order(driver: Driver) -> None:
    """S-25's figures."""
    ana = driver.member()
    for number in range(25):
        ana.plan(f"2026-05-{1 + number % 3:02d}")
    answer = ana.call("GET", "/api/workouts", limit=10, page=3).json()
    assert answer["meta"] == {"page": 3, "limit": 10, "total": 25, "totalPages": 3, "nextCursor": None}
    assert len(answer["data"]) == 5
    pages = [ana.get("/api/workouts", limit=10, page=page) for page in (1, 2, 3)]
    assert len({row["id"] for page in pages for row in page}) == 25
    for query in ({"limit": "0"}, {"limit": "abc"}, {"status": "DONE"}, {"limit": ""}):
        assert "query." in driver.error(ana.call("GET", "/api/workouts", **query), 422)["message"]


def test_protected_fields_are_ignored(driver: Driver) -> None:
    """S-5."""
    ana = driver.member()
    profile = ana.patch("/api/users/me", {"subscriptionTier": "CONCIERGE", "role": "superadmin", "goal": "Swim", "id": "x"})
    assert (profile["subscriptionTier"], profile["role"], profile["goal"], profile["id"]) == ("FREE", "user", "Swim", ana.id)


def test_what_real_forms_send_is_taken(driver: Driver) -> None:
    """CONTRACT 1: empty text, spaces in a phone, days as a list, times without a zero."""
    ana = driver.member()
    form = {"phone": "+44 20 7946 0018", "goal": "", "morningCallTime": "7:05", "preferredDays": ["Friday", "monday"]}
    profile = ana.patch("/api/users/me", form)
    assert (profile["phone"], profile["goal"], profile["morningCallTime"]) == ("+442079460018", "", "07:05")
    assert profile["preferredDays"] == '["monday", "friday"]'
    cleared = ana.patch("/api/users/me", {"phone": "", "morningCallTime": "", "preferredDays": None})
    assert (cleared["phone"], cleared["morningCallTime"], cleared["preferredDays"]) == (None, None, None)
    workout = ana.plan("2026-11-23", plannedTime="", duration="")
    assert (workout["plannedDate"], workout["plannedTime"], workout["duration"]) == ("2026-11-23T00:00:00.000Z", None, None)
    for days in ([["monday"]], [1], "[[]]", ["noday"]):
        driver.error(ana.call("PATCH", "/api/users/me", {"preferredDays": days}), 422)
    deep = b'{"preferredDays":' + b"[" * 1010 + b"]" * 1010 + b"}"
    headers = {"Authorization": f"Bearer {ana.token}", "Content-Type": "application/json"}
    assert driver.client.patch("/api/users/me", content=deep, headers=headers).status_code in (400, 422)
    for body in ({"callFrequency": 8}, {"callFrequency": 0}, {"callFrequency": True}, {"callFrequency": 2.5}):
        assert "body.callFrequency" in driver.error(ana.call("PATCH", "/api/users/me", body), 422)["message"]


def test_onboarding_twice_keeps_the_first_moment(driver: Driver) -> None:
    """R-9."""
    ana = driver.member()
    first = ana.post("/api/users/me/onboard", {"weeklyGoal": 4})
    driver.clock("2026-05-05T08:00:00Z")
    assert ana.post("/api/users/me/onboard", {"weeklyGoal": 5}) == first
    assert ana.get("/api/users/me")["weeklyGoal"] == 4


def test_the_phone_of_another_member_is_a_conflict(driver: Driver) -> None:
    """R-3."""
    driver.member(phone="+447700900101")
    bob = driver.member()
    assert driver.error(bob.call("PATCH", "/api/users/me", {"phone": "+44 7700 900101"}), 409)["code"] == "CONFLICT"


def test_our_own_mistake_is_told_in_one_sentence(ivy: Ivy, driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(ivy.simulator, "faults", broken)
    transport = httpx.WSGITransport(create_app(ivy))
    with httpx.Client(transport=transport, base_url="http://127.0.0.1") as client:
        error = driver.error(client.get("/simulator/faults"), 500)
    assert error["code"] == "INTERNAL_SERVER_ERROR"
    assert "secret" not in error["message"]


def test_every_code_has_a_request_that_meets_it(open_engine: Callable[..., Ivy]) -> None:
    """The table of RULEBOOK 7.1; only IDEMPOTENCY_RUNNING waits for a route that asks a provider."""
    ivy = open_engine(limits=Limits(auth="2/900", links_per_email="off"), stripe=Stripe(mode="off"))
    jobs.prepare(ivy)
    jobs.set_clock(ivy, START)
    app = create_app(ivy)
    for path, failing in (("/api/dear", TierRequired("Not yours.", "ELITE")), ("/api/broken", ZeroDivisionError("secret"))):
        app.add_route(path, Endpoint(ivy, [Route("GET", path, raising(failing), Any, Door.PUBLIC)], RateLimits(ivy)))
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://127.0.0.1") as client:
        driver = Driver(client, settle=lambda: jobs.run(ivy, "send_due_messages"))
        ana = driver.member()
        signed_in = {"Authorization": f"Bearer {ana.token}"}
        key = {**signed_in, "Idempotency-Key": "k"}
        own = f"/api/workouts/{ana.plan('2026-05-05')['id']}"
        client.post("/api/workouts", json={"plannedDate": "2026-05-04", "activity": "Run"}, headers=key)
        answers = [
            client.post("/api/users", content=b"{", headers={"Content-Type": "application/json"}),
            client.post("/api/auth/verify", json={"token": "x"}),
            client.post("/api/auth/verify", json={"token": "x"}),
            client.get("/api/users/me"),
            client.get("/simulator/clock", headers={"Host": "ivy.example"}),
            client.get("/api/dear"),
            client.get("/api/nothing"),
            client.delete("/api/users"),
            client.patch(own, json={"status": "MISSED"}, headers=signed_in),
            client.patch(own, json={"activity": "x"}, headers={**signed_in, "If-Match": '"x"'}),
            client.post("/api/users", content=b"x" * 1_100_000),
            client.post("/api/users", content=b"x", headers={"Content-Type": "text/plain"}),
            client.post("/api/users", json={}),
            client.post("/api/workouts", json={"plannedDate": "2026-05-04", "activity": "Swim"}, headers=key),
            client.get("/api/broken"),
            client.post("/webhooks/stripe", json={}),
        ]
    errors = [driver.error(answer, STATUS[answer.json()["error"]["code"]]) for answer in answers]
    assert {error["code"] for error in errors} == set(STATUS) - {"IDEMPOTENCY_RUNNING"}
    for answer, error in zip(answers, errors, strict=True):
        assert error["message"]
        assert "secret" not in error["message"]
        assert error["requestId"] == answer.headers["X-Request-Id"]
    assert [error["requiredTier"] for error in errors if "requiredTier" in error] == ["ELITE"]


def raising(error: Exception) -> Callable[..., Any]:
    def handler(asked: Any) -> Any:
        raise error

    return handler


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_body_is_json_also_where_none_is_needed(ivy: Ivy, method: str) -> None:
    """CONTRACT 2: 415 and 413 on every route."""
    app = create_app(ivy)
    app.add_route("/api/bare", Endpoint(ivy, [Route(method, "/api/bare", lambda asked: {}, Any, Door.PUBLIC)], RateLimits(ivy)))
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://127.0.0.1") as client:
        sent = [
            client.request(method, "/api/bare", **more).status_code
            for more in ({}, {"json": {}}, {"content": b"x=1"}, {"json": "x" * 1_100_000}, {"content": b" \n"})
        ]
    assert sent == [200, 200, 415, 413, 200]


def test_a_route_for_some_roles(ivy: Ivy) -> None:
    """401, then 403, and only then what is wrong with the body."""
    app = create_app(ivy)
    for path, roles in (("/api/ours", ("superadmin", "coach")), ("/api/theirs", ("user",))):
        route = Route("POST", path, lambda asked: {"role": asked.who.role}, Any, roles=roles)
        app.add_route(path, Endpoint(ivy, [route], RateLimits(ivy)))
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://127.0.0.1") as client:
        driver = Driver(client, settle=lambda: jobs.run(ivy, "send_due_messages"))
        ana = driver.member()
        for bad in ({"content": b"{"}, {"json": {}}):
            assert driver.error(client.post("/api/ours", **bad), 401)["code"] == "UNAUTHORIZED"
            refused = client.post("/api/ours", headers={"Authorization": f"Bearer {ana.token}"}, **bad)
            assert driver.error(refused, 403)["code"] == "FORBIDDEN"
        assert ana.post("/api/theirs") == {"role": "user"}
