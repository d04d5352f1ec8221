"""Who may come in where: one table of every route that needs a token, and a test that fails when one is missing from it."""

from dataclasses import dataclass
from typing import Any

import pytest

from ivy_engine.engine import Ivy
from ivy_engine.web.app import API
from ivy_engine.web.endpoint import Door, Route
from tests.conftest import found_company, rows
from tests.driver import Driver, Person

UNKNOWN = "0199a1b2-1234-7abc-8def-0123456789ab"
BODY: dict[str, Any] = {
    "plannedDate": "2026-05-04", "activity": "Run", "status": "COMPLETED", "amount": 1, "userId": UNKNOWN,
    "charityId": UNKNOWN, "callType": "RESCUE", "scheduledAt": "2026-05-04T18:00:00Z", "outcome": "completed",
    "energyScore": 5, "marker": "Stairs", "category": "physical",
    "recording": True, "channel": "SMS", "templateId": "motivational_nudge", "templateParams": {"streak": "3"},
}  # fmt: skip


@dataclass(frozen=True)
class Access:
    """`others`: the status when the id names another member's row. `roles`: who besides members of the role `user` is let in."""

    others: int | None = None
    roles: tuple[str, ...] | None = None


ANY, OPERATOR = Access(), Access(roles=("superadmin",))
ACCESS = {
    "GET /api/auth/me": ANY,
    "POST /api/auth/logout": ANY,
    "GET /api/auth/sessions": ANY,
    "DELETE /api/auth/sessions/{id}": Access(others=404),
    "GET /api/users/me": ANY,
    "PATCH /api/users/me": ANY,
    "POST /api/users/me/onboard": ANY,
    "POST /api/users/me/pause": ANY,
    "POST /api/users/me/resume": ANY,
    "POST /api/users/me/rest-days": ANY,
    "GET /api/users/me/consents": ANY,
    "PUT /api/users/me/consents": ANY,
    "GET /api/users/me/preferences": ANY,
    "PUT /api/users/me/preferences": ANY,
    "GET /api/users/{id}": Access(others=403),
    "PATCH /api/users/{id}": Access(others=403),
    "DELETE /api/users/{id}": Access(others=403),
    "POST /api/workouts": ANY,
    "GET /api/workouts": ANY,
    "GET /api/workouts/{id}": Access(others=404),
    "PATCH /api/workouts/{id}": Access(others=404),
    "POST /api/workouts/{id}/complete": Access(others=404),
    "DELETE /api/workouts/{id}": Access(others=404),
    "POST /api/calls/initiate": ANY,
    "POST /api/calls/schedule": ANY,
    "GET /api/calls": ANY,
    "GET /api/calls/upcoming": OPERATOR,
    "GET /api/calls/{id}": Access(others=404),
    "DELETE /api/calls/{id}": Access(others=404),
    "POST /api/calls/{id}/reschedule": Access(others=404),
    "POST /api/calls/{id}/outcome": OPERATOR,
    "GET /api/messages": ANY,
    "POST /api/messages/send": ANY,
    "GET /api/donations": ANY,
    "GET /api/donations/impact-wallet": ANY,
    "PATCH /api/donations/impact-wallet": ANY,
    "GET /api/donations/receipts": ANY,
    "GET /api/donations/stats": ANY,
    "POST /api/donations/manual": OPERATOR,
    "GET /api/stats": ANY,
    "GET /api/stats/streak": ANY,
    "GET /api/stats/streak/explain": ANY,
    "GET /api/stats/weekly": ANY,
    "GET /api/stats/monthly": ANY,
    "POST /api/stats/transformation": ANY,
    "GET /api/stats/transformation": ANY,
    "GET /api/stats/transformation/latest": ANY,
    "POST /api/stats/life-markers": ANY,
    "GET /api/stats/life-markers": ANY,
    "GET /api/admin/jobs": OPERATOR,
    "GET /api/admin/jobs/{queue}/failed": OPERATOR,
    "POST /api/admin/jobs/{queue}/resume": OPERATOR,
    "POST /api/admin/jobs/{queue}/{id}/retry": OPERATOR,
    "POST /api/admin/jobs/{queue}/{id}/cancel": OPERATOR,
}
PUBLIC = {
    "POST /api/auth/magic-link", "POST /api/auth/verify", "POST /api/auth/refresh", "POST /api/users",
    "GET /api/donations/charities", "GET /api/donations/charities/{id}",
}  # fmt: skip
ROUTES = {f"{route.method} {route.path}": route for route in API}


def test_every_route_stands_in_the_table() -> None:
    assert set(ROUTES) == set(ACCESS) | PUBLIC
    assert {name for name, route in ROUTES.items() if route.door is Door.PUBLIC} == PUBLIC


def ask(person: Person, route: Route, object_id: str) -> Any:
    body = BODY if route.body else None
    return person.call(route.method, route.path.replace("{id}", object_id), body)


@pytest.mark.parametrize("name", ACCESS)
def test_nobody_without_a_good_token(driver: Driver, ivy: Ivy, name: str) -> None:
    """401: no token, nonsense, another scheme, expired, of a session that has ended, of a stranger's making."""
    route = ROUTES[name]
    ana, gone = driver.member(), driver.member()
    gone.post("/api/auth/logout")
    expired = ivy.keys.sign_token({"userId": ana.id, "sid": UNKNOWN, "exp": 1})
    forged = ana.token[:-2] + ("AA" if not ana.token.endswith("AA") else "BB")
    headers = ["", "Bearer x", f"Basic {ana.token}", f"Bearer {expired}", f"Bearer {forged}", f"Bearer {gone.token}"]
    for header in headers:
        given = {"Authorization": header} if header else {}
        answer = driver.client.request(
            route.method, route.path.replace("{id}", UNKNOWN), headers=given, json=BODY if route.body else None
        )
        assert driver.error(answer, 401)["code"] == "UNAUTHORIZED", header


@pytest.mark.parametrize("name", [name for name in ACCESS if "{id}" in name])
def test_an_id_that_is_none(driver: Driver, name: str) -> None:
    """422, also in other spellings of a number (C-23)."""
    ana = driver.operator() if ACCESS[name].roles else driver.member()
    for text in ("one", "1", UNKNOWN + "0", "0199a1b2"):
        error = driver.error(ask(ana, ROUTES[name], text), 422)
        assert (error["code"], error["details"][0]["path"]) == ("VALIDATION_ERROR", "params.id")


def objects(driver: Driver, owner: Person) -> dict[str, str]:
    """One object of each kind, by the part of the path before its id."""
    return {
        "/api/users/": owner.id,
        "/api/workouts/": owner.plan("2026-05-04")["id"],
        "/api/calls/": _call_of(owner),
        "/api/auth/sessions/": owner.get("/api/auth/sessions")[0]["id"],
    }


def _call_of(owner: Person) -> str:
    owner.patch("/api/users/me", {"phone": "+447700900177", "eveningCallTime": "20:00"})
    owner.post("/api/users/me/onboard")
    call_id: str = owner.get("/api/calls")[0]["id"]
    return call_id


@pytest.mark.parametrize("name", [name for name, access in ACCESS.items() if access.others])
def test_another_members_object(driver: Driver, ivy: Ivy, name: str) -> None:
    """S-23: Charlie sees nothing, changes nothing, and cannot tell it from what does not exist. A coach neither."""
    alice, charlie, coach = driver.member(), driver.member(), driver.member()
    driver.post("/simulator/operator", {"email": coach.email, "role": "coach", "members": [charlie.id]})
    route, status = ROUTES[name], ACCESS[name].others
    assert status is not None
    object_id = next(found for prefix, found in objects(driver, alice).items() if route.path.startswith(prefix))
    before = rows(ivy.folder / "ivy.db", "SELECT * FROM member WHERE id = ?", alice.id)
    for stranger in (charlie, coach):
        refused = driver.error(ask(stranger, route, object_id), status)
        unknown = driver.error(ask(stranger, route, UNKNOWN), status)
        assert {**refused, "requestId": ""} == {**unknown, "requestId": ""}
    assert rows(ivy.folder / "ivy.db", "SELECT * FROM member WHERE id = ?", alice.id) == before
    assert alice.get("/api/workouts")[0]["status"] == "PLANNED"


@pytest.mark.parametrize("name", [name for name, access in ACCESS.items() if access.roles])
def test_the_wrong_role(driver: Driver, ivy: Ivy, name: str) -> None:
    """403, before anything of the request is looked at."""
    user, coach, admin, operator = (driver.member() for _ in range(4))
    company = found_company(ivy)
    driver.post("/simulator/operator", {"email": coach.email, "role": "coach"})
    driver.post("/simulator/operator", {"email": admin.email, "role": "admin", "companyId": company})
    driver.post("/simulator/operator", {"email": operator.email})
    route, roles = ROUTES[name], ACCESS[name].roles
    for role, person in {"user": user, "coach": coach, "admin": admin, "superadmin": operator}.items():
        status = person.call(route.method, route.path, {}).status_code
        assert (status != 403) == (role in (roles or ())), role
