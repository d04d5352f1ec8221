"""What a tester does over HTTP: sign members up, plan, complete, move the clock, play the phone."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

Json = Any


@dataclass
class Person:
    """A signed-in member."""

    driver: "Driver"
    id: str
    email: str
    token: str
    refresh: str = ""

    def call(self, method: str, path: str, body: Json = None, headers: Json = None, **params: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return self.driver.client.request(method, path, json=body, params=params or None, headers=headers)

    def get(self, path: str, **params: Any) -> Json:
        return self.driver.data(self.call("GET", path, **params))

    def post(self, path: str, body: Json = None, status: int = 200) -> Json:
        return self.driver.data(self.call("POST", path, body if body is not None else {}), status)

    def patch(self, path: str, body: Json, status: int = 200) -> Json:
        return self.driver.data(self.call("PATCH", path, body), status)

    def put(self, path: str, body: Json, status: int = 200) -> Json:
        return self.driver.data(self.call("PUT", path, body), status)

    def plan(self, day: str, activity: str = "Run", **more: Any) -> Json:
        return self.post("/api/workouts", {"plannedDate": day, "activity": activity, **more}, 201)

    def complete(self, workout: Json, status: str = "COMPLETED", **more: Any) -> Json:
        return self.post(f"/api/workouts/{workout['id']}/complete", {"status": status, **more})

    def delete(self, path: str) -> Json:
        return self.driver.data(self.call("DELETE", path))

    def wallet(self) -> Json:
        return self.get("/api/donations/impact-wallet")

    def streak(self) -> Json:
        return self.get("/api/stats/streak")


class Driver:
    """Talks to an engine with the simulator on. `settle` has caused work done; a served engine does it by itself."""

    def __init__(self, client: httpx.Client, settle: Callable[[], None] = lambda: None) -> None:
        self.client = client
        self.settle = settle
        self._people = 0

    def data(self, response: httpx.Response, status: int = 200) -> Json:
        assert response.status_code == status, f"{response.request.url}: {response.status_code} {response.text[:500]}"
        return response.json()["data"]

    def error(self, response: httpx.Response, status: int) -> Json:
        assert response.status_code == status, f"{response.request.url}: {response.status_code} {response.text[:500]}"
        body = response.json()
        assert body["success"] is False
        return body["error"]

    def get(self, path: str, **params: Any) -> Json:
        return self.data(self.client.get(path, params=params))

    def post(self, path: str, body: Json = None, status: int = 200) -> Json:
        return self.data(self.client.post(path, json=body if body is not None else {}), status)

    def clock(self, now: str) -> None:
        self.post("/simulator/clock", {"now": now})

    def advance(self, to: str) -> Json:
        return self.post("/simulator/advance", {"to": to})["ran"]

    def job(self, name: str) -> int:
        return self.post(f"/simulator/jobs/{name}")["changed"]

    def manual_phone(self) -> None:
        self.data(self.client.put("/simulator/faults", json={"voice": {"mode": "manual"}}))

    def outbox(self, **query: Any) -> list[Json]:
        return self.get("/simulator/outbox", **query)

    def charity(self) -> str:
        return self.get("/api/donations/charities")[0]["id"]

    def sign_up(self, email: str | None = None, **more: Any) -> Json:
        self._people += 1
        who = {"email": email or f"member{self._people}@example.com", "firstName": "Ana", "lastName": "Li"}
        return self.post("/api/users", {**who, "track": "fitness", "goal": "Run 5K", **more}, 201)

    def sign_in(self, user: Json) -> Person:
        """By the newest link in the outbox."""
        self.settle()
        mail = self.until(lambda: self.outbox(kind="email", to=user["email"], limit=1))[0]
        signed_in = self.post("/api/auth/verify", {"token": mail["token"]})
        return Person(self, user["id"], user["email"], signed_in["accessToken"], signed_in["refreshToken"])

    def named(self, email: str) -> Person:
        """Somebody who has signed up already and is not signed in here."""
        return Person(self, "", email, "")

    def member_again(self, person: Person) -> Person:
        """The same member, signed in on another device."""
        self.post("/api/auth/magic-link", {"email": person.email})
        return self.sign_in({"id": person.id, "email": person.email})

    def clock_for(self, person: Person, now: str) -> None:
        """Set the clock, and sign somebody in again whose token may not live until then."""
        self.clock(now)
        person.token = self.member_again(person).token

    def member(self, zone: str = "Europe/London", **more: Any) -> Person:
        """A member with the first charity, signed in through the outbox link."""
        return self.sign_in(self.sign_up(timezone=zone, **{"preferredCharityId": self.charity(), **more}))

    def operator(self, **more: Any) -> Person:
        person = self.member(**more)
        self.post("/simulator/operator", {"email": person.email})
        return person

    def tier(self, person: Person, name: str, **subscription: Any) -> None:
        """The payment provider reports a subscription; waits until the tier is there."""
        self._people += 1
        subject = {"customer": f"cus_{person.id}", "status": "active", "metadata": {"userId": person.id, "tier": name}}
        event = {
            "id": f"evt_tier_{self._people}",
            "type": "customer.subscription.created",
            "data": {"object": {**subject, **subscription}},
        }
        self.post("/webhooks/stripe", event)
        self.until(lambda: person.get("/api/users/me")["subscriptionTier"] == name)

    def callable_member(self, zone: str = "Europe/London", **more: Any) -> Person:
        """An onboarded member with phone, consent and two call times, called on every day the tier allows."""
        person = self.member(zone, **{"phone": "+447700900101", **more})
        person.patch("/api/users/me", {"morningCallTime": "07:00", "eveningCallTime": "20:00", "callFrequency": 7})
        person.post("/api/users/me/onboard")
        return person

    def until(self, look: Callable[[], Json], seconds: float = 5) -> Json:
        """Poll until there is something to see: a webhook that was posted directly answers before its effect."""
        self.settle()
        ends = time.monotonic() + seconds
        while not (found := look()):
            assert time.monotonic() < ends, "the effect did not come"
        return found
