"""Every example of /openapi.json works: it is sent as it stands, but for its ids, which become those of rows that are there."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from ivy_engine import jobs
from ivy_engine.domain.calls.halts import ACCOUNT, ACCOUNT_WAIT, Halt
from ivy_engine.engine import Ivy
from ivy_engine.plugins.contract import CheckoutRequest
from ivy_engine.settings import Whatsapp
from ivy_engine.store import halts
from ivy_engine.web.openapi.examples import example, of_parameter
from ivy_engine.web.openapi.headers import TAG
from ivy_engine.web.schemas import vocabulary as words
from ivy_engine.web.schemas.members import CODE, LINK, REFRESH
from tests.conformity import conformity
from tests.conftest import at_start, driving
from tests.driver import Driver, Person

Json = Any
EMAIL = "ana@example.com"
JUDGE = conformity()
ASKED = [
    pytest.param(method.upper(), path, operation, id=operation["operationId"])
    for path, methods in JUDGE.document["paths"].items()
    for method, operation in methods.items()
]


class World:
    """What there has to be for an example to work. `real` has the id of a row for each id that stands in an example."""

    def __init__(self, driver: Driver, ivy: Ivy) -> None:
        self.driver, self.ivy = driver, ivy
        self.real: dict[str, str] = {words.CHARITY_ID: driver.charity()}
        self.ana: Person | None = None

    def sign_in(self, role: str | None = None) -> None:
        driver = self.driver
        self.ana = driver.sign_in(driver.sign_up(EMAIL, phone="+447700900101"))
        self.real |= {words.MEMBER_ID: self.ana.id, REFRESH: self.ana.refresh}
        if role:
            driver.post("/simulator/operator", {"email": EMAIL, "role": role})

    def text(self, text: str) -> str:
        for shown, real in self.real.items():
            text = text.replace(shown, real)
        return text


def for_nobody(world: World) -> None:
    """Signing up needs nothing."""


def for_a_running_engine(world: World) -> None:
    jobs.start(world.ivy)


def for_a_link(world: World) -> None:
    if world.ana is None:
        world.sign_in()
    world.driver.post("/api/auth/magic-link", {"email": EMAIL})
    world.driver.settle()
    [mail] = world.driver.outbox(kind="email", to=EMAIL, limit=1)
    world.real |= {LINK: mail["token"], CODE: mail["code"]}


def for_a_workout(world: World) -> None:
    world.sign_in()
    assert world.ana
    world.real[words.WORKOUT_ID] = world.ana.plan("2026-05-04")["id"]


def for_another_device(world: World) -> None:
    world.sign_in()
    assert world.ana
    world.driver.member_again(world.ana)
    other = next(one for one in world.ana.get("/api/auth/sessions") if not one["current"])
    world.real[words.SESSION_ID] = other["id"]


def for_what_a_list_shows(world: World) -> None:
    """One row of everything, so that the answers have something to show."""
    world.sign_in()
    ana = world.ana
    assert ana
    ana.patch("/api/users/me", {"preferredCharityId": world.real[words.CHARITY_ID]})
    ana.complete(ana.plan("2026-05-04"))
    ana.post("/api/stats/transformation", {"energyScore": 7, "moodScore": 7, "healthConfidence": 7}, 201)
    ana.post("/api/stats/life-markers", {"marker": "Stairs", "category": "physical"}, 201)


def for_an_operator(world: World) -> None:
    world.sign_in("superadmin")


def for_a_waiting_call(world: World) -> None:
    ana = world.ana = world.driver.callable_member()
    world.driver.post("/simulator/operator", {"email": ana.email})
    world.real[words.MEMBER_ID] = ana.id
    [(world.real[words.CALL_ID],)] = world.ivy.db.rows("SELECT id FROM call ORDER BY id LIMIT 1")


def for_somebody_to_write_to(world: World) -> None:
    ana = world.ana = world.driver.callable_member()
    world.driver.post("/simulator/operator", {"email": ana.email})
    world.real[words.MEMBER_ID] = ana.id


def for_a_call_that_is_over(world: World) -> None:
    for_a_waiting_call(world)
    with world.ivy.db.write():
        world.ivy.db.changed(
            "UPDATE call SET status = 'COMPLETED', outcome = 'completed' WHERE id = ?", world.real[words.CALL_ID]
        )


def for_paused_calls(world: World) -> None:
    for_a_waiting_call(world)
    now = world.ivy.clock.now()
    with world.ivy.db.write():
        halts.save(Halt(ACCOUNT, now, now + ACCOUNT_WAIT))


def for_a_failed_call(world: World) -> None:
    for_a_waiting_call(world)
    with world.ivy.db.write():
        world.ivy.db.changed("UPDATE call SET status = 'FAILED', outcome = 'error', last_error = 'no answer' WHERE id = ?",
                             world.real[words.CALL_ID])  # fmt: skip


def for_a_ringing_phone(world: World) -> None:
    world.driver.manual_phone()
    ana = world.ana = world.driver.callable_member()
    world.driver.clock("2026-05-07T00:00:00Z")
    world.driver.job("plan_calls")
    world.driver.clock("2026-05-07T19:00:00Z")
    world.driver.job("dial_due_calls")
    [call] = world.driver.get("/simulator/phone", userId=ana.id)
    world.real |= {words.CALL_ID: call["callId"], words.MEMBER_ID: ana.id}


def for_a_message(world: World) -> None:
    ana = world.ana = world.driver.callable_member()
    ana.complete(ana.plan("2026-05-04"))
    world.driver.settle()
    world.real[words.MESSAGE_ID] = world.driver.outbox(kind="whatsapp")[0]["id"]


def for_a_checkout(world: World) -> None:
    world.sign_in()
    assert world.ana
    billing = world.ivy.providers.billing
    assert billing is not None
    opened = billing.checkout(CheckoutRequest(world.ana.id, EMAIL, "PRO", "https://a.example/yes", "https://a.example/no"))
    world.real["cs_test_0f1e2d3c4b5a"] = opened.session_id


WORLDS: dict[str, Callable[[World], None]] = {
    "ready": for_a_running_engine,
    "usersSignUp": for_nobody,
    "authVerify": for_a_link,
    "authEndSession": for_another_device,
    "workoutsOne": for_a_workout,
    "workoutsChange": for_a_workout,
    "workoutsComplete": for_a_workout,
    "workoutsDelete": for_a_workout,
    "donationsGive": for_an_operator,
    "callsInitiate": for_a_waiting_call,
    "callsSchedule": for_a_waiting_call,
    "callsListed": for_a_waiting_call,
    "callsUpcoming": for_a_waiting_call,
    "callsOne": for_a_waiting_call,
    "callsReschedule": for_a_waiting_call,
    "callsCancel": for_a_waiting_call,
    "callsOutcome": for_a_call_that_is_over,
    "messagesListed": for_a_message,
    "messagesSend": for_somebody_to_write_to,
    "adminJobs": for_an_operator,
    "adminFailedJobs": for_a_failed_call,
    "adminResumeQueue": for_paused_calls,
    "adminRetryJob": for_a_failed_call,
    "adminCancelJob": for_a_waiting_call,
    "simulatorPickUp": for_a_ringing_phone,
    "simulatorPhone": for_a_ringing_phone,
    "simulatorMessage": for_a_message,
    "simulatorStatus": for_a_message,
    "simulatorCheckout": for_a_checkout,
}


def for_another_sign_up(world: World) -> None:
    """The address and the phone of the first example are free again."""
    with world.ivy.db.write():
        world.ivy.db.changed("UPDATE member SET email = 'first@example.com', phone_hash = NULL")


# What the next example of the same operation needs anew: a link is spent, an address is taken
SINCE = {"authVerify": for_a_link, "usersSignUp": for_another_sign_up}


@pytest.fixture
def world(open_engine: Callable[..., Ivy]) -> Iterator[World]:
    ivy = at_start(open_engine(whatsapp=Whatsapp(verify_token="verify-me")))
    with driving(ivy) as driver:
        yield World(driver, ivy)


class Sent:
    """A request made of an operation's examples."""

    def __init__(self, world: World, method: str, path: str, operation: Json) -> None:
        self.world, self.method, self.operation = world, method, operation
        parameters = [JUDGE.resolved(one) for one in operation.get("parameters", [])]
        self._by_place = {
            place: {one["name"]: of_parameter(one) for one in parameters if one["in"] == place}
            for place in ("path", "query", "header")
        }
        self.path = path.format(**{name: world.text(value) for name, value in self._by_place["path"].items()})

    @property
    def query(self) -> dict[str, str]:
        return {name: self.world.text(str(value)) for name, value in self._by_place["query"].items()}

    @property
    def headers(self) -> dict[str, str]:
        """Signed in where that is asked for; a tag of an example is the one that a GET gives now."""
        found = {name: self.world.text(value) for name, value in self._by_place["header"].items()}
        if self.operation["security"] == [{"session": []}] and self.world.ana:
            found["Authorization"] = f"Bearer {self.world.ana.token}"
        if "If-Match" in found:
            asked = {"Authorization": found["Authorization"]}
            found["If-Match"] = self.world.driver.client.get(self.path, headers=asked).headers["ETag"]
        return found

    def bodies(self) -> list[tuple[str, Json]]:
        """Each example of a body, with its media type."""
        [(media, told)] = self.operation["requestBody"]["content"].items()
        return [(media, json.loads(self.world.text(json.dumps(one)))) for one in (*_examples(told), *self._everything(told))]

    def _everything(self, told: Json) -> list[Json]:
        """All fields at once, each with its own example, where the body's example shows some of them."""
        schemas = JUDGE.document["components"]["schemas"]
        schema = JUDGE.resolved(told["schema"])
        if self.operation["operationId"] not in ("usersSignUp", "usersChange", "usersChangeOne", "usersOnboard"):
            return []
        return [example({"properties": schema["properties"]}, schemas)]

    def go(self, body: tuple[str, Json] | None = None, query: Json = None, **headers: str) -> httpx.Response:
        media, value = body or ("", None)
        form = media == "application/x-www-form-urlencoded"
        content = None if body is None else urlencode(value) if form else json.dumps(value)
        head = {**self.headers, **({"Content-Type": media} if media else {}), **headers}
        return self.world.driver.client.request(self.method, self.path, params=query, content=content, headers=head)

    def expect(self, answer: httpx.Response) -> None:
        """The documented success, with the fields of its example; that it fits the schema, the client has checked."""
        wanted = next(status for status in self.operation["responses"] if status < "300")
        assert str(answer.status_code) == wanted, answer.text[:400]
        told = self.operation["responses"][wanted]["content"]
        if "application/json" in told:
            assert any(alike(shown, answer.json()) == [] for shown in _examples(told["application/json"])), alike(
                _examples(told["application/json"])[0], answer.json()
            )


def _examples(media: Json) -> list[Json]:
    return [media["example"]] if "example" in media else [one["value"] for one in media["examples"].values()]


def alike(example: Json, found: Json, at: str = "") -> list[str]:
    """Where an answer has other fields or other kinds than its example, as far down as both have something to show."""
    free = at.endswith((".payload", ".ran", ".variables")) or example == {"openapi": "3.1.0"}  # whatever there is
    if example is None or found is None or free:
        return []
    if at == ".data.message":
        return [] if example == found else [f"{at}: {found!r} for {example!r}"]
    if isinstance(example, dict) and isinstance(found, dict):
        odd = [f"{at}.{name}" for name in sorted(set(example) ^ set(found))]
        both = set(example) & set(found)
        return odd + [line for name in both for line in alike(example[name], found[name], f"{at}.{name}")]
    if isinstance(example, list) and isinstance(found, list):
        pairs = zip(example[:1], found[:1], strict=False)
        return [line for one, other in pairs for line in alike(one, other, f"{at}[]")]
    numbers = isinstance(example, int | float) and isinstance(found, int | float)
    return [] if numbers or type(example) is type(found) else [f"{at}: {found!r} for {example!r}"]


@pytest.fixture
def sent(world: World, request: pytest.FixtureRequest) -> Sent:
    method, path, operation = request.param
    WORLDS.get(operation["operationId"], for_what_a_list_shows)(world)
    return Sent(world, method, path, operation)


asked = pytest.mark.parametrize("sent", [one.values for one in ASKED], ids=[one.id for one in ASKED], indirect=True)


@asked
def test_the_examples_work(sent: Sent) -> None:
    """Path, headers and body; each body by itself where there are several."""
    if "requestBody" not in sent.operation:
        sent.expect(sent.go(query=sent.query if sent.path.startswith("/webhooks") else None))
        return
    for number, (media, _) in enumerate(sent.bodies()):
        if number:
            SINCE.get(sent.operation["operationId"], for_nobody)(sent.world)
        _, body = sent.bodies()[number]
        sent.expect(sent.go((media, body), **{"Idempotency-Key": f"example-{number}"}))


with_query = [one for one in ASKED if any(JUDGE.resolved(p)["in"] == "query" for p in one.values[2].get("parameters", []))]


@pytest.mark.parametrize("sent", [one.values for one in with_query], ids=[one.id for one in with_query], indirect=True)
def test_the_parameters_of_queries_work(sent: Sent) -> None:
    """All at once, and each alone; the handshake of a provider needs all."""
    alone = 403 if sent.path.startswith("/webhooks") else 200
    assert sent.go(query=sent.query).status_code == 200
    for query in ({name: value} for name, value in sent.query.items()):
        assert sent.go(query=query).status_code == alone, query
        assert sent.go(query={**query, "colour": "green"}).status_code == alone, "an unknown parameter is ignored"


keyed = [one for one in ASKED if {"$ref": "#/components/parameters/Idempotency-Key"} in one.values[2].get("parameters", [])]


@pytest.mark.parametrize("sent", [one.values for one in keyed], ids=[one.id for one in keyed], indirect=True)
def test_the_key_of_the_example_replays(sent: Sent) -> None:
    """The same answer, told to be a replay, and one effect: on every POST, PUT, PATCH and DELETE but those of signing in."""
    body = sent.bodies()[0] if "requestBody" in sent.operation else None
    first, second = sent.go(body), sent.go(body, **({"If-Match": "*"} if sent.method == "PATCH" else {}))
    if sent.operation["operationId"] == "usersDeactivate":
        assert (first.status_code, second.status_code) == (200, 401)  # whoever has closed the account is signed out
        return
    assert first.status_code == second.status_code
    assert first.content == second.content
    assert ("Idempotent-Replayed" in first.headers, second.headers["Idempotent-Replayed"]) == (False, "true")


cached = [one for one in ASKED if {"$ref": "#/components/parameters/If-None-Match"} in one.values[2].get("parameters", [])]


@pytest.mark.parametrize("sent", [one.values for one in cached], ids=[one.id for one in cached], indirect=True)
def test_the_tag_of_a_page_works(sent: Sent) -> None:
    """200 for the example's tag, which is not the answer's; 304 for its own; the same after an empty list of tags."""
    first = sent.go()
    assert first.request.headers["If-None-Match"] == f'"{TAG}"'
    sent.expect(first)
    again = sent.go(**{"If-None-Match": f'"other", {first.headers["ETag"]}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])


def test_the_request_id_of_the_example_comes_back(world: World) -> None:
    example = of_parameter(JUDGE.document["components"]["parameters"]["X-Request-Id"])
    answer = world.driver.client.get("/api/donations/charities", headers={"X-Request-Id": example})
    assert answer.headers["X-Request-Id"] == example == JUDGE.document["components"]["headers"]["X-Request-Id"]["example"]
