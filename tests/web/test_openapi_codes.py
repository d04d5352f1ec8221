"""Every code that /openapi.json promises of a route can be had, in its example's words: nothing is described in vain."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import httpx
import pytest

from ivy_engine.domain.calls.halts import ACCOUNT, ACCOUNT_WAIT, Halt
from ivy_engine.engine import Ivy
from ivy_engine.settings import Limits, Rules, Whatsapp
from ivy_engine.store import halts
from ivy_engine.web.app import API, SIMULATOR, create_app
from ivy_engine.web.endpoint import Door, Endpoint, Route
from ivy_engine.web.errors import REFUSALS
from ivy_engine.web.limits import RateLimits
from ivy_engine.web.openapi import operations
from tests.conformity import AS_DESCRIBED, conformity
from tests.driver import Driver, Person
from tests.scenarios.test_calls import evening_call

Json = Any
JUDGE = conformity()
UNKNOWN = "0199a1b2-1234-7abc-8def-0123456789ab"
LONG = "k" * 256
ROUTES = {operations.name_of(route): route for route in (*API, *SIMULATOR)}
PAIRS = [(name, code) for name, route in ROUTES.items() for code in operations.codes_of(route)]


class Case:
    """One request that shall be refused: the route's own example, spoiled in one place."""

    def __init__(self, driver: Driver, ivy: Ivy, route: Route) -> None:
        self.driver, self.ivy, self.route = driver, ivy, route
        self.ana: Person = driver.callable_member() if "/calls" in route.path or "/messages" in route.path else driver.member()
        self.bob: Person = driver.member()
        if route.roles:
            driver.post("/simulator/operator", {"email": self.ana.email})
        if route.path.endswith("/resume") and route.roles:
            paused(self)
        self.path = route.path.replace("{id}", self._own_id())
        for one in operations.path_parameters(route):
            if not one.is_id:
                self.path = self.path.replace(f"{{{one.name}}}", one.example)
        self.body: Json = self._body()
        self.headers: dict[str, str] = {}
        self.raw: bytes | None = None
        self.meanwhile = ExitStack()  # what lasts until the answer is there
        self.token: str | None = self.ana.token if route.door is Door.MEMBER else None

    def _own_id(self) -> str:
        """A row of the member's own, as the path wants one."""
        if "/users/" in self.route.path:
            return self.ana.id
        if "/workouts/" in self.route.path:
            return str(self.ana.plan("2026-05-04")["id"])
        if "/charities/" in self.route.path:
            return self.driver.charity()
        if "/calls/" in self.route.path:
            waiting = str(self.ana.get("/api/calls", status="SCHEDULED")[0]["id"])
            if self.route.path.endswith("/outcome"):
                over(self)
            return waiting
        if "/admin/jobs/" in self.route.path:
            return self._call("FAILED" if self.route.path.endswith("/retry") else "SCHEDULED")
        return str(self.ana.get("/api/auth/sessions")[0]["id"])

    def _call(self, status: str) -> str:
        self.driver.callable_member()
        with self.ivy.db.write():
            (call_id,) = self.ivy.db.row("SELECT id FROM call ORDER BY id LIMIT 1") or ("",)
            self.ivy.db.changed("UPDATE call SET status = ? WHERE id = ?", status, call_id)
        return str(call_id)

    def _body(self) -> Json:
        if self.route.body is None:
            return None
        operation = JUDGE.document["paths"][self.route.path][self.route.method.lower()]
        [told] = operation["requestBody"]["content"].values()
        example = told["example"] if "example" in told else told["examples"]["1"]["value"]
        text = json.dumps(example)
        for one, real in (("users", self.ana.id), ("charities", self.driver.charity())):
            text = text.replace(operations.IDS[one], real)
        return json.loads(text)

    def send(self) -> httpx.Response:
        head = {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **self.headers}
        if self.raw is not None:
            head = {"Content-Type": "application/json", **head}
            return self.driver.client.request(self.route.method, self.path, content=self.raw, headers=head)
        return self.driver.client.request(self.route.method, self.path, json=self.body, headers=head)


def not_json(case: Case) -> None:
    case.raw = b"{"


def no_token(case: Case) -> None:
    case.token = None  # for refreshing, the example's token is nobody's


def no_right(case: Case) -> None:
    """The wrong role, somebody else's profile, more than the tier allows, another machine."""
    if case.route.door is Door.LOOPBACK:
        case.headers["X-Forwarded-For"] = "203.0.113.7"
    elif case.route.roles:
        case.token = case.bob.token
    elif "/calls/" in case.route.path or "/messages/" in case.route.path:
        case.body["userId"] = case.bob.id
    elif "{id}" in case.route.path:
        case.path = case.path.replace(case.ana.id, case.bob.id)
    else:
        case.body = {"monthlyLimit": 900_000, "dailyCap": 1}


def not_there(case: Case) -> None:
    name = operations.name_of(case.route)
    if "{id}" in case.route.path:
        case.path = case.route.path.replace("{id}", UNKNOWN).replace("{queue}", "messages")
        if "/users/" in case.path:  # somebody without a role may not even know whether there is such a member
            case.driver.post("/simulator/operator", {"email": case.ana.email})
    elif "{queue}" in case.route.path:
        case.path = case.route.path.replace("{queue}", "letters")
    elif name == "donationsGive":
        case.body["charityId"] = UNKNOWN
    elif "/calls/" in case.route.path or "/messages/" in case.route.path:
        case.driver.post("/simulator/operator", {"email": case.ana.email})
        case.body["userId"] = UNKNOWN
    elif case.route.door is Door.LOOPBACK:
        case.path = case.route.path.replace("{name}", "tidy_up").replace("{callId}", UNKNOWN).replace("{sessionId}", UNKNOWN)
        case.body = {**(case.body or {}), **({"email": "nobody@example.com"} if name == "simulatorOperator" else {})}
    else:
        with case.ivy.db.write():
            case.ivy.db.changed("DELETE FROM wallet")


def in_the_way(case: Case) -> None:
    """409: taken, not possible in this state, or a clock that is being moved."""
    IN_THE_WAY[operations.name_of(case.route)](case)


def taken_address(case: Case) -> None:
    case.body["email"] = case.bob.email


def taken_phone(case: Case) -> None:
    case.bob.patch("/api/users/me", {"phone": "+447700900155"})
    case.body = {"phone": "+44 7700 900155"}


def done_already(case: Case) -> None:
    case.driver.data(case.driver.client.post(f"{case.path.removesuffix('/complete')}/complete", json={"status": "COMPLETED"},
                     headers={"Authorization": f"Bearer {case.ana.token}"}))  # fmt: skip
    case.body = {"status": "SKIPPED"}


def being_moved(case: Case) -> None:
    case.meanwhile.enter_context(case.ivy.workers.moving)


def not_answered_yet(case: Case) -> None:
    case.driver.manual_phone()
    call = evening_call(case.driver, case.driver.callable_member())
    case.path, case.body = f"/simulator/phone/{call['callId']}", {"action": "hangup"}


def stopping(case: Case) -> None:
    case.driver.callable_member()
    case.body = {"seconds": 172_800}  # on the way there calls are due
    case.ivy.workers.stopping = True


def no_consent(case: Case) -> None:
    case.ana.patch("/api/users/me", {"callConsent": False})


def no_messages(case: Case) -> None:
    case.ana.patch("/api/users/me", {"messageConsent": False})


def not_over(case: Case) -> None:
    with case.ivy.db.write():
        case.ivy.db.changed("UPDATE call SET status = 'SCHEDULED'")


def no_voice(case: Case) -> None:
    """The provider refuses; or has not said yet which call it is that shall be ended."""
    case.driver.data(case.driver.client.put("/simulator/faults", json={"voice": {"mode": "reject"}}))
    with case.ivy.db.write():
        case.ivy.db.changed("UPDATE call SET status = 'IN_PROGRESS' WHERE status = 'SCHEDULED'")


def own_coach(case: Case) -> None:
    case.body = {"email": case.ana.email, "role": "coach", "members": [case.ana.id]}


def paused(case: Case) -> None:
    now = case.ivy.clock.now()
    with case.ivy.db.write():
        halts.save(Halt(ACCOUNT, now, now + ACCOUNT_WAIT))


def not_paused(case: Case) -> None:
    with case.ivy.db.write():
        halts.save(Halt())


def over(case: Case) -> None:
    with case.ivy.db.write():
        case.ivy.db.changed("UPDATE call SET status = 'COMPLETED', due_at = NULL")


IN_THE_WAY: dict[str, Callable[[Case], None]] = {
    "usersSignUp": taken_address,
    "usersChange": taken_phone,
    "usersOnboard": taken_phone,
    "usersChangeOne": taken_phone,
    "workoutsChange": done_already,
    "workoutsComplete": done_already,
    "callsInitiate": no_consent,
    "callsSchedule": no_consent,
    "callsReschedule": over,
    "callsCancel": over,
    "callsOutcome": not_over,
    "messagesSend": no_messages,
    "adminResumeQueue": not_paused,
    "adminRetryJob": over,
    "adminCancelJob": over,
    "simulatorSetClock": being_moved,
    "simulatorAdvance": being_moved,
    "simulatorRunJob": being_moved,
    "simulatorPickUp": not_answered_yet,
    "simulatorOperator": own_coach,
}


def stale(case: Case) -> None:
    case.headers["If-Match"] = '"before"'


def too_large(case: Case) -> None:
    case.raw = b'"' + b"a" * 1024 * 1024 + b'"'


def not_said_to_be_json(case: Case) -> None:
    case.raw = b"{}"
    case.headers["Content-Type"] = "text/plain"


def wrong_input(case: Case) -> None:
    """An id that is none, a key that is too long, a wrong query, a wrong body: what the route has of these."""
    route = case.route
    if any(one.is_id for one in operations.path_parameters(route)):
        case.path = route.path.replace("{id}", "one")
    elif route.takes_keys:
        case.headers["Idempotency-Key"] = LONG
    elif route.query:
        wrong = {"limit": "?limit=0&page=1&userId=", "month": "?month=soon"}
        case.path += next((query for name, query in wrong.items() if name in route.query.model_fields), "?userId=1&userId=2")
    else:
        case.body = [] if route.path != "/api/auth/verify" else {}


def other_body(case: Case) -> None:
    case.headers["Idempotency-Key"] = "key"
    assert case.send().status_code < 300
    if operations.name_of(case.route) == "usersDeactivate":  # opens the account again, so that its owner may ask twice
        with case.ivy.db.write():
            case.ivy.db.changed("UPDATE member SET is_active = 1")
            case.ivy.db.changed("UPDATE session SET ended_at = NULL")
    case.body = {**(case.body or {}), "colour": "green"}


SPOILED: dict[str, Callable[[Case], None]] = {
    "BAD_REQUEST": not_json,
    "INVALID_LINK": lambda case: None,  # the example's is nobody's
    "UNAUTHORIZED": no_token,
    "FORBIDDEN": no_right,
    "NOT_FOUND": not_there,
    "CONFLICT": in_the_way,
    "PRECONDITION_FAILED": stale,
    "PAYLOAD_TOO_LARGE": too_large,
    "UNSUPPORTED_MEDIA_TYPE": not_said_to_be_json,
    "VALIDATION_ERROR": wrong_input,
    "IDEMPOTENCY_MISMATCH": other_body,
    "SERVICE_UNAVAILABLE": lambda case: (no_voice if "/calls" in case.route.path else stopping)(case),
}
# Of every route, or under settings of their own: the next tests; and while a twin is at work: tests/scenarios/test_calls_api.py
ELSEWHERE = {"RATE_LIMITED", "INTERNAL_SERVER_ERROR", "TIER_REQUIRED", "IDEMPOTENCY_RUNNING"}
WITHOUT_A_PROVIDER = ("simulatorMessage", "NOT_FOUND")
HERE = [pair for pair in PAIRS if pair[1] not in ELSEWHERE and pair != WITHOUT_A_PROVIDER]


@pytest.mark.parametrize(("name", "code"), HERE)
def test_every_code_of_every_route(driver: Driver, ivy: Ivy, name: str, code: str) -> None:
    case = Case(driver, ivy, ROUTES[name])
    with ExitStack() as case.meanwhile:
        SPOILED[code](case)
        answer = case.send()
    error = driver.error(answer, REFUSALS[code].status)
    assert error["code"] == code, error
    assert error["requestId"] == answer.headers["X-Request-Id"]
    assert ("details" in error) == (code == "VALIDATION_ERROR")


def test_a_message_to_a_provider_that_is_off(drive: Callable[..., Driver]) -> None:
    driver = drive(whatsapp=Whatsapp(mode="off"))
    written = driver.client.post("/simulator/messages", json={"from": "+447700900101", "channel": "whatsapp", "text": "Done!"})
    assert driver.error(written, 404)["code"] == WITHOUT_A_PROVIDER[1]


@pytest.mark.parametrize("name", [name for name, code in PAIRS if code == "RATE_LIMITED"])
def test_every_route_of_the_api_is_limited(open_engine: Callable[..., Ivy], name: str) -> None:
    """S-4: counted before anything else is looked at, with the headers of the limit."""
    path = ROUTES[name].path.replace("{id}", UNKNOWN)
    app = create_app(open_engine(limits=Limits(api="1/60")))
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://127.0.0.1", event_hooks=AS_DESCRIBED) as client:
        client.request(ROUTES[name].method, path)
        answer = client.request(ROUTES[name].method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "RATE_LIMITED")
    assert answer.headers["RateLimit-Remaining"] == "0"


def _fails(asked: Any) -> Any:
    raise ArithmeticError("ours")


@pytest.mark.parametrize("name", ROUTES)
def test_a_mistake_of_ours_is_told_as_described(ivy: Ivy, driver: Driver, name: str) -> None:
    """500 in the envelope, for each route: with its own door, parameters and body, and a handler that fails."""
    case = Case(driver, ivy, ROUTES[name])
    app = create_app(ivy)
    path = f"/failing{ROUTES[name].path}"
    app.add_route(path, Endpoint(ivy, [replace(ROUTES[name], handler=_fails, path=path)], RateLimits(ivy)))
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://127.0.0.1") as client:
        case.driver, case.path = Driver(client), f"/failing{case.path}"
        answer = case.send()
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL_SERVER_ERROR")
    answer.request.url = answer.request.url.copy_with(path=case.path.removeprefix("/failing"))
    JUDGE.check(answer)


@pytest.mark.parametrize("name", [name for name, code in PAIRS if code == "TIER_REQUIRED"])
def test_what_a_tier_does_not_include(drive: Callable[..., Driver], name: str) -> None:
    """C-2: `requiredTier` says which one does."""
    driver = drive(rules=Rules(enforce_tier_gates=True))
    body = {"healthConfidence": 5} if "transformation" in ROUTES[name].path else {"marker": "Stairs", "category": "physical"}
    error = driver.error(driver.member().call("POST", ROUTES[name].path, body), 403)
    assert (error["code"], error["requiredTier"]) == ("TIER_REQUIRED", "ELITE")
    assert error["message"] == REFUSALS["TIER_REQUIRED"].says


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("authVerify", "INVALID_LINK"), ("workoutsListed", "UNAUTHORIZED"), ("donationsGive", "FORBIDDEN"),
        ("usersSignUp", "CONFLICT"), ("workoutsChange", "PRECONDITION_FAILED"), ("workoutsPlan", "PAYLOAD_TOO_LARGE"),
        ("workoutsPlan", "UNSUPPORTED_MEDIA_TYPE"), ("workoutsOne", "VALIDATION_ERROR"), ("workoutsPlan", "IDEMPOTENCY_MISMATCH"),
    ],
)  # fmt: skip
def test_the_examples_sentence_is_what_is_said(driver: Driver, ivy: Ivy, name: str, code: str) -> None:
    case = Case(driver, ivy, ROUTES[name])
    SPOILED[code](case)
    assert case.send().json()["error"]["message"] == REFUSALS[code].says


def test_the_other_examples_sentences(driver: Driver, drive: Callable[..., Driver]) -> None:
    """What Falcon refuses itself, and what stands beside the table."""
    assert driver.client.get("/api/nothing").json()["error"]["message"] == REFUSALS["NOT_FOUND"].says
    wrong_method = driver.client.put("/api/users/me")
    assert wrong_method.json()["error"]["message"] == REFUSALS["METHOD_NOT_ALLOWED"].says
    assert set(wrong_method.headers["Allow"].split(", ")) == {"GET", "PATCH", "OPTIONS"}
    told = driver.client.post("/api/users", content=b"{", headers={"Content-Type": "application/json"}).json()["error"]
    assert told["message"].startswith(REFUSALS["BAD_REQUEST"].says.rstrip("."))
