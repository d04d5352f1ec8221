"""Whatever a client sends, the engine refuses it in its own words: never a 5xx, never a traceback (RULEBOOK 7.1)."""

import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivy_engine import jobs
from ivy_engine.engine import FolderLock, Ivy, open_ivy
from ivy_engine.settings import Settings
from ivy_engine.web.app import API, SIMULATOR, create_app
from ivy_engine.web.endpoint import Route
from tests.conftest import START
from tests.driver import Driver, Person
from tests.slow import hostile

pytestmark = pytest.mark.slow
STEADY = settings(
    derandomize=True, deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
# These move time; they get times nearby, and are put back afterwards
CLOCKWORK = ("/simulator/clock", "/simulator/advance", "/simulator/jobs/{name}")
CALM = [route for route in (*API, *SIMULATOR) if route.path not in CLOCKWORK]
WEBHOOKS = {"retell", "whatsapp", "twilio", "stripe"}


class Complaints(logging.Handler):
    """What the engine logs as its own mistake, in a request or in a job."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.getMessage()}: {record.exc_info[1]!r}" if record.exc_info else record.getMessage())


@dataclass
class Target:
    """An engine with a member, a workout, a ringing call and a message, and the client that attacks it."""

    ivy: Ivy
    client: httpx.Client
    person: Person
    known: dict[str, list[str]]  # ids by a word of the paths they fit into
    complaints: Complaints = field(default_factory=Complaints)

    def send(self, method: str, path: str, query: str = "", body: bytes | None = None, headers: Any = None) -> httpx.Response:
        auth = {"Authorization": f"Bearer {self.person.token}", "Content-Type": "application/json"}
        url = httpx.URL("http://127.0.0.1").copy_with(raw_path=f"{path}?{query}".encode() if query else path.encode())
        response = self.client.request(method, url, content=body, headers={**auth, **(headers or {})})
        self.judge(method, path, response)
        if response.status_code == 200 and (method == "DELETE" or path.endswith("/logout")):
            self.come_back()
        return response

    def come_back(self) -> None:
        """Whoever has signed out or closed the account by chance is back for the next request."""
        with self.ivy.db.write():
            self.ivy.db.changed("UPDATE session SET ended_at = NULL")
            self.ivy.db.changed("UPDATE member SET is_active = 1")

    def judge(self, method: str, path: str, response: httpx.Response) -> None:
        said, self.complaints.said = self.complaints.said, []
        shown = f"{method} {path[:100]}: {response.status_code} {response.text[:300]}"
        assert said == [], f"{shown}\n{said}"
        assert response.status_code < 500, shown
        assert "Traceback" not in response.text, shown
        if response.status_code < 400 or method == "HEAD" or response.text == "Forbidden":
            return
        envelope = response.json()
        assert envelope["success"] is False, shown
        error = envelope["error"]
        assert error["message"].strip(), shown
        assert error["code"].isupper(), shown
        assert error["requestId"] == response.headers["X-Request-Id"], shown

    def settle(self) -> None:
        """What the request has caused is done; a job that fails logs it."""
        with jobs.settled(self.ivy):
            pass
        assert self.complaints.said == []


def as_a_server_does(app: Any) -> Any:
    """httpx hands the path over as text; a WSGI server gives its bytes as latin-1."""

    def served(environ: dict[str, Any], start_response: Any) -> Any:
        environ["PATH_INFO"] = environ["PATH_INFO"].encode("utf-8", "replace").decode("latin-1")
        return app(environ, start_response)

    return served


@pytest.fixture(scope="module")
def target(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("fuzz") / "data"
    shutil.copytree(template, folder)
    limits = dict.fromkeys(("api", "auth", "links_per_email", "call_start", "message_send"), "off")
    ivy = open_ivy(Settings(data_dir=folder, limits=limits), FolderLock(folder))
    jobs.prepare(ivy)
    jobs.set_clock(ivy, START)
    with httpx.Client(transport=httpx.WSGITransport(as_a_server_does(create_app(ivy))), base_url="http://127.0.0.1") as client:
        victim = _victim(ivy, client)
        logger = logging.getLogger("ivy_engine")
        logger.addHandler(victim.complaints)
        yield victim
        logger.removeHandler(victim.complaints)
    ivy.close()


def _victim(ivy: Ivy, client: httpx.Client) -> Target:
    def settle() -> None:
        with jobs.settled(ivy):
            pass

    driver = Driver(client, settle)
    driver.manual_phone()
    person = driver.member(phone="+447700900101")
    person.patch("/api/users/me", {"morningCallTime": "07:00", "eveningCallTime": "20:00", "callFrequency": 7})
    person.post("/api/users/me/onboard")
    workouts = [person.plan("2026-05-04", plannedTime="18:00")["id"] for _ in range(40)]
    driver.advance("2026-05-05T06:00:30Z")
    known = {
        "workouts": workouts,
        "phone": [entry["id"] for entry in driver.outbox(kind="call")],
        "messages": [entry["id"] for entry in driver.outbox(kind="whatsapp")],
        "charities": [driver.charity()],
        "users": [person.id],
    }
    assert all(known.values())
    driver.clock(START.isoformat())
    return Target(ivy, client, person, known)


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def attack(target: Target, route: Route, data: st.DataObject) -> None:
    """One request to a route: any body, query string, id and headers."""
    target.send(
        route.method,
        data.draw(hostile.paths(route, target.known), "path"),
        data.draw(hostile.queries(route.query), "query"),
        data.draw(hostile.json_bodies(route.body), "body") if route.method != "GET" else None,
        data.draw(hostile.headers, "headers"),
    )


@pytest.mark.parametrize("route", [route for route in CALM if route.method == "GET"], ids=named)
@settings(STEADY, max_examples=50)
@given(data=st.data())
def test_any_question_is_answered_in_our_own_words(target: Target, route: Route, data: st.DataObject) -> None:
    attack(target, route, data)


@pytest.mark.parametrize("route", [route for route in CALM if route.method != "GET"], ids=named)
@settings(STEADY, max_examples=250)
@given(data=st.data())
def test_any_request_is_answered_in_our_own_words(target: Target, route: Route, data: st.DataObject) -> None:
    attack(target, route, data)


@pytest.mark.parametrize("route", [route for route in SIMULATOR if route.path in CLOCKWORK], ids=named)
@STEADY
@given(data=st.data())
def test_time_moves_by_sensible_steps_only(target: Target, route: Route, data: st.DataObject) -> None:
    """The clock, the jobs: times nearby, and everything that is no time."""
    near = st.sampled_from(["2026-05-04T08:00:00Z", "2026-05-04T09:30:00+01:00", "2026-05-03T00:00:00Z", "2026-05-04T12:00:00"])
    far = st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z", 1e300])
    seconds = st.sampled_from([0, 1, 3600, -1, 1.5, "60", 366 * 86400 + 1, 2**63, None, True, []])
    times = st.fixed_dictionaries(
        {}, optional={"now": near | far, "to": near | far, "seconds": seconds, "virtual": st.none() | st.just("x")}
    )
    names = st.sampled_from([job.name for job in jobs.TIMETABLE])
    path = data.draw(
        names.map("/simulator/jobs/{}".format) | hostile.paths(route, target.known) if "{" in route.path else st.just(route.path)
    )
    body = data.draw(times.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20))
    target.send(route.method, path, body=body if route.method == "POST" else None, headers=data.draw(hostile.headers))
    jobs.set_clock(target.ivy, START)


@pytest.mark.parametrize("name", sorted(WEBHOOKS))
@STEADY
@given(data=st.data())
def test_any_webhook_is_taken_or_refused_and_handled(target: Target, name: str, data: st.DataObject) -> None:
    """R-166: also what it causes afterwards raises nothing."""
    bodies = hostile.forms if name == "twilio" else hostile.webhooks(name, target.known)
    target.send(
        "POST",
        f"/webhooks/{name}",
        data.draw(hostile.queries(None) | st.just(f"messageId={target.known['messages'][0]}"), "query"),
        data.draw(bodies | hostile.json_bodies(None), "body"),
        data.draw(hostile.headers, "headers"),
    )
    target.settle()


@STEADY
@given(query=hostile.queries(None) | st.just("hub.mode=subscribe&hub.verify_token=&hub.challenge=1"))
def test_a_verification_question_without_the_right_token_is_refused(target: Target, query: str) -> None:
    """S-37: an unset token never matches."""
    assert target.send("GET", "/webhooks/whatsapp", query).status_code == 403


DEEP = "[" * 3000
WHATSAPP = '{"entry": [{"changes": [{"value": {"messages": [%s]}}]}]}'
TEXT = '{"from": "447700900101", "id": "wamid.%s", "timestamp": "%s", "type": "text", "text": {"body": "%s"}}'
CASES = {
    "planned after the calendar": ("POST", "/api/workouts", {"plannedDate": "9999-12-31T23:59:59-01:00", "activity": "Run"}),
    "planned before the calendar": ("POST", "/api/workouts", {"plannedDate": "0001-01-01T00:30:00+14:00", "activity": "Run"}),
    "done before the calendar": ("POST", "{done}", {"status": "COMPLETED", "completedAt": "0001-01-01T00:00:00Z"}),
    "days nested deeply": ("PATCH", "/api/users/me", {"preferredDays": DEEP}),
    "digits of another script": ("PATCH", "/api/users/me", {"morningCallTime": "٧:٠٥"}),
    "JSON nested deeply": ("POST", "/webhooks/whatsapp", DEEP),
    "half an emoji": ("POST", "/webhooks/whatsapp", WHATSAPP % (TEXT % (1, "1777881600", "done \\ud83d"))),
    "a digit that is no digit": ("POST", "/webhooks/whatsapp", WHATSAPP % (TEXT % (2, "\u00b2", "done"))),
    "an endless workout": ("POST", "/webhooks/retell", '{"event": "call_analyzed", "call": {"metadata": {"callId": "{call}"}, '
        '"call_analysis": {"custom_analysis_data": {"plan_activity": "Run", "plan_duration": 1e999}}}}'),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_cases_that_need_more_than_chance(target: Target, case: tuple[str, str, Any]) -> None:
    """Each is refused or taken; none is our mistake, not even later."""
    method, path, body = case
    content = body if isinstance(body, str) else json.dumps(body)
    if path == "{done}":
        path = f"/api/workouts/{target.person.plan('2026-05-04')['id']}/complete"
    target.send(method, path, body=content.replace("{call}", target.known["phone"][0]).encode())
    target.settle()


def test_a_far_date_stays_harmless_in_every_zone(target: Target) -> None:
    """R-16, R-23: a new zone moves the reminders of whatever could be planned."""
    for day in ("9999-12-31", "0001-01-01", "2099-12-31"):
        target.send(
            "POST", "/api/workouts", body=json.dumps({"plannedDate": day, "plannedTime": "23:59", "activity": "Run"}).encode()
        )
    for zone in ("America/New_York", "Pacific/Kiritimati", "Europe/London"):
        assert target.send("PATCH", "/api/users/me", body=json.dumps({"timezone": zone}).encode()).status_code == 200


METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "X" * 50])
KNOWN = sorted({route.path for route in (*API, *SIMULATOR)} | {"/", "/health", "/static/ivy.css", "/webhooks/stripe"})


@settings(STEADY, max_examples=300)
@given(METHODS, st.sampled_from(KNOWN).map(quote) | hostile.addresses, st.binary(max_size=20), hostile.headers)
def test_any_method_at_any_address(target: Target, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
    """RULEBOOK 7.1: 404 and 405 in the envelope too."""
    if not (method == "POST" and path in CLOCKWORK):
        target.send(method, path, body=body, headers=headers)


@pytest.mark.parametrize("header", hostile.HEADERS, ids=lambda header: f"{header[0]} {header[1][:20]}")
@pytest.mark.parametrize("path", ["/api/users/me", "/simulator/clock", "/webhooks/retell", "/health", "/"])
def test_each_strange_header_at_each_door(target: Target, path: str, header: tuple[str, str]) -> None:
    """A client's header is never our mistake."""
    target.send(
        "POST" if "webhooks" in path else "GET",
        path,
        body=b'{"event": "x"}' if "webhooks" in path else None,
        headers=dict([header]),
    )
