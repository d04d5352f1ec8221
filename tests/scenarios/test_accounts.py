"""S-2, S-5, S-23, S-40's end of a membership: who may see and change whom, and what stops when somebody leaves."""

from collections.abc import Callable
from typing import Any

import pytest

from ivy_engine.engine import Ivy
from ivy_engine.settings import Limits, Security
from ivy_engine.store import audit
from tests.conftest import rows
from tests.driver import Driver

UNKNOWN = "0199a1b2-1234-7abc-8def-0123456789ab"
PROFILE = {
    "id", "email", "phone", "firstName", "lastName", "timezone", "profileImage", "subscriptionTier", "subscriptionStatus",
    "track", "goal", "minimumMode", "giftFrame", "morningCallTime", "eveningCallTime", "callFrequency", "preferredDays",
    "googleCalendarConnected", "outlookCalendarConnected", "isActive", "isOnboarded", "onboardedAt", "lastCallAt",
    "createdAt", "updatedAt", "preferredCharity", "company", "role", "companyId", "status", "resumeDate", "travelTimezone",
    "weeklyGoal", "weeklyCallTime", "weeklyCallEnabled", "communicationPreference", "whyStarted", "obstacles", "whatWorks",
    "callConsent", "messageConsent",
}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({"email": "x", "firstName": "A", "lastName": "B", "track": "fitness"}, ["body.email", "body.goal"]),
        ({"phone": "07700900003"}, ["body.phone"]),
        ({"timezone": "Mars/Base"}, ["body.timezone"]),
        ({"preferredCharityId": UNKNOWN}, ["body.preferredCharityId"]),
        ({"email": "a\u0000@b.example"}, ["body.email"]),
        ({"email": "\u200bx@b.example"}, ["body.email"]),
        ({"email": "<script>@b.example"}, ["body.email"]),
        ({"firstName": " ", "track": "t" * 51}, ["body.firstName", "body.track"]),
    ],
)
def test_s2_validation(driver: Driver, body: Any, paths: list[str]) -> None:
    whole = {"email": "a@example.com", "firstName": "A", "lastName": "B", "track": "fitness", "goal": "g"}
    given = body if body.get("email") == "x" else {**whole, **body}
    error = driver.error(driver.client.post("/api/users", json=given), 422)
    assert error["code"] == "VALIDATION_ERROR"
    for path in paths:
        assert path in error["message"]
    assert [detail["path"] for detail in error["details"]] == paths


def test_s5_protected_fields(driver: Driver) -> None:
    """R-6, C-26: by sign-up, by the own profile, and by an operator as well."""
    forbidden = {
        "subscriptionTier": "CONCIERGE", "role": "superadmin", "isActive": False, "isOnboarded": True, "id": UNKNOWN,
        "subscriptionStatus": "paused", "companyId": UNKNOWN, "status": "sick", "stripeCustomerId": "cus_1",
        "email": "other@example.com", "onboardedAt": "2020-01-01T00:00:00Z", "resumeDate": "2026-06-01",
    }  # fmt: skip
    ana = driver.member(**{**forbidden, "email": "ana@example.com"})
    operator = driver.operator()
    before = ana.get("/api/users/me")
    assert (before["subscriptionTier"], before["role"], before["isOnboarded"]) == ("FREE", "user", False)
    own = ana.patch("/api/users/me", {**forbidden, "goal": "Swim"})
    others = operator.patch(f"/api/users/{ana.id}", {**forbidden, "goal": "Row"})
    for profile, goal in ((own, "Swim"), (others, "Row")):
        assert {**profile, "goal": "", "updatedAt": ""} == {**before, "goal": "", "updatedAt": ""}
        assert profile["goal"] == goal


def test_the_whole_profile_on_every_route_that_returns_one(driver: Driver) -> None:
    """CONTRACT 1: a client that replaces the user it holds loses nothing."""
    user = driver.sign_up(phone="+44 20 7946 0018")
    driver.settle()
    verified = driver.post("/api/auth/verify", {"token": driver.outbox(kind="email", limit=1)[0]["token"]})
    headers = {"Authorization": f"Bearer {verified['accessToken']}"}
    paths = ("/api/auth/me", "/api/users/me", f"/api/users/{user['id']}")
    profiles = [driver.data(driver.client.get(path, headers=headers)) for path in paths]
    profiles += [driver.data(driver.client.patch(path, json={}, headers=headers)) for path in paths[1:]]
    for profile in (verified["user"], *profiles):
        assert set(profile) == PROFILE
        assert profile == profiles[0]


def test_s23_ownership(driver: Driver) -> None:
    alice, bob = driver.member(), driver.member()
    workout = alice.plan("2026-05-04")
    for method, path, body in (
        ("GET", f"/api/workouts/{workout['id']}", None),
        ("PATCH", f"/api/workouts/{workout['id']}", {"activity": "x"}),
        ("POST", f"/api/workouts/{workout['id']}/complete", {"status": "COMPLETED"}),
        ("DELETE", f"/api/workouts/{workout['id']}", None),
    ):
        assert driver.error(bob.call(method, path, body), 404)["code"] == "NOT_FOUND"
    for method in ("GET", "PATCH", "DELETE"):
        assert driver.error(bob.call(method, f"/api/users/{alice.id}", {}), 403)["code"] == "FORBIDDEN"
    gift = {"userId": alice.id, "charityId": driver.charity(), "amount": 1}
    driver.error(bob.call("POST", "/api/donations/manual", gift), 403)
    driver.error(driver.client.get("/api/users/me"), 401)
    assert alice.get(f"/api/workouts/{workout['id']}") == workout


def test_a_coach_sees_assigned_members_only_and_changes_nobody(driver: Driver, ivy: Ivy) -> None:
    """RULEBOOK 2.4, R-167: Dana sees Alice, not Charlie; each look leaves a line."""
    alice, charlie, dana = driver.member(), driver.member(), driver.member()
    granted = driver.post("/simulator/operator", {"email": dana.email, "role": "coach", "members": [alice.id]})
    assert (granted["role"], granted["members"]) == ("coach", [alice.id])
    assert dana.get(f"/api/users/{alice.id}")["email"] == alice.email
    driver.error(dana.call("GET", f"/api/users/{charlie.id}"), 403)
    for method in ("PATCH", "DELETE"):
        driver.error(dana.call(method, f"/api/users/{alice.id}", {}), 403)
    with ivy.db.read():
        lines = [(row.actor_id, row.actor_role, row.action, row.why) for row in audit.about(alice.id)]
        assert audit.about(charlie.id) == []
    assert lines[1:] == [(dana.id, "coach", "profile_read", "as the assigned coach")]
    assert dana.get(f"/api/users/{dana.id}")["id"] == dana.id
    with ivy.db.read():
        assert "profile_read" not in [row.action for row in audit.about(dana.id)], "nobody's look at themselves is audited"


def test_a_coach_loses_sight_with_the_role_and_with_the_tier(driver: Driver) -> None:
    alice, dana = driver.member(), driver.member()
    driver.tier(alice, "CONCIERGE")
    driver.post("/simulator/operator", {"email": dana.email, "role": "coach", "members": [alice.id]})
    dana.get(f"/api/users/{alice.id}")
    driver.tier(alice, "PRO")
    driver.error(dana.call("GET", f"/api/users/{alice.id}"), 403)
    driver.post("/simulator/operator", {"email": dana.email, "role": "coach", "members": [alice.id]})
    driver.post("/simulator/operator", {"email": dana.email})
    driver.post("/simulator/operator", {"email": dana.email, "role": "coach"})
    driver.error(dana.call("GET", f"/api/users/{alice.id}"), 403)


def test_a_coach_sees_nobody_of_a_company(driver: Driver) -> None:
    """RULEBOOK 2.4: what a company's people do is their own."""
    alice, dana = driver.member(), driver.member()
    driver.post("/simulator/operator", {"email": dana.email, "role": "coach", "members": [alice.id]})
    driver.tier(alice, "B2B")
    driver.error(dana.call("GET", f"/api/users/{alice.id}"), 403)


def test_an_operator_sees_and_changes_anybody_and_it_is_written_down(driver: Driver, ivy: Ivy) -> None:
    ana, operator = driver.member(), driver.operator()
    assert operator.get(f"/api/users/{ana.id}")["email"] == ana.email
    assert operator.patch(f"/api/users/{ana.id}", {"goal": "Swim"})["goal"] == "Swim"
    operator.post("/api/donations/manual", {"userId": ana.id, "charityId": driver.charity(), "amount": 5}, 201)
    operator.delete(f"/api/users/{ana.id}")
    with ivy.db.read():
        lines = audit.about(ana.id)
    assert [row.action for row in lines] == ["profile_read", "profile_changed", "donation_given", "member_deactivated"]
    assert {(row.actor_id, row.actor_role) for row in lines} == {(operator.id, "superadmin")}
    for method in ("GET", "PATCH", "DELETE"):
        driver.error(operator.call(method, f"/api/users/{UNKNOWN}", {}), 404)


def test_a_company_admin_sees_no_profile(driver: Driver, ivy: Ivy) -> None:
    ana, admin = driver.member(), driver.member()
    refused = driver.client.post("/simulator/operator", json={"email": admin.email, "role": "admin"})
    assert "body.companyId" in driver.error(refused, 422)["message"]
    missing = {"email": admin.email, "role": "admin", "companyId": UNKNOWN}
    driver.error(driver.client.post("/simulator/operator", json=missing), 404)
    driver.error(driver.client.post("/simulator/operator", json={"email": "nobody@example.com"}), 404)
    driver.error(driver.client.post("/simulator/operator", json={"email": ana.email, "role": "user"}), 422)
    driver.error(admin.call("GET", f"/api/users/{ana.id}"), 403)
    assert admin.get("/api/users/me")["role"] == "user", "a refused grant changes nothing"


def test_operators_by_the_settings(drive: Callable[..., Driver]) -> None:
    """2.1: `security.operator_emails`, in any letter case, whatever role the row has."""
    driver = drive(security=Security(operator_emails=(" Boss@Example.com",)))
    boss, ana = driver.member(email="BOSS@example.com"), driver.member()
    assert boss.get("/api/users/me")["role"] == "superadmin"
    assert boss.get(f"/api/users/{ana.id}")["id"] == ana.id
    driver.error(ana.call("GET", f"/api/users/{boss.id}"), 403)


def test_s40_deactivation(driver: Driver, ivy: Ivy) -> None:
    """R-17: every token is dead at once, nothing more is dialled or sent, the data stays."""
    ana = driver.callable_member()
    driver.post("/api/auth/magic-link", {"email": ana.email})
    driver.settle()
    link = driver.outbox(kind="email", limit=1)[0]["token"]
    ana.plan("2026-05-05", plannedTime="12:00")
    refresh = driver.post("/api/auth/verify", {"token": link})["refreshToken"]
    before = len(driver.outbox())
    answer = ana.delete(f"/api/users/{ana.id}")
    assert answer["user"] == {"id": ana.id, "email": ana.email, "isActive": False}
    assert answer["message"]
    for method, path in (("GET", "/api/auth/me"), ("POST", "/api/workouts"), ("DELETE", f"/api/users/{ana.id}")):
        assert driver.error(ana.call(method, path, {}), 401)["code"] == "UNAUTHORIZED"
    driver.error(driver.client.post("/api/auth/refresh", json={"refreshToken": refresh}), 401)
    assert driver.post("/api/auth/magic-link", {"email": ana.email})
    driver.advance("2026-05-08T12:00:00Z")
    assert len(driver.outbox()) == before
    assert rows(ivy.folder / "ivy.db", "SELECT DISTINCT status FROM call") == [("CANCELLED",)]
    assert rows(ivy.folder / "ivy.db", "SELECT status FROM workout") == [("PLANNED",)], "the data is kept as it was"
    operator = driver.operator()
    assert operator.get(f"/api/users/{ana.id}")["isActive"] is False
    assert operator.delete(f"/api/users/{ana.id}")["user"]["isActive"] is False
    driver.error(driver.client.post("/api/users", json={
        "email": ana.email, "firstName": "A", "lastName": "B", "track": "t", "goal": "g",
    }), 409)  # fmt: skip


def test_a_message_that_waits_for_the_morning_is_not_sent_to_somebody_who_has_left(driver: Driver) -> None:
    driver.clock("2026-05-04T21:30:00Z")  # half past ten at night
    ana = driver.callable_member()
    ana.complete(ana.plan("2026-05-04"))
    ana.delete(f"/api/users/{ana.id}")
    driver.advance("2026-05-05T09:00:00Z")
    assert [row["kind"] for row in driver.outbox(to=ana.email)] == ["email"]


def test_a_no_is_not_taken_back_by_silence(driver: Driver) -> None:
    """R-120."""
    ana = driver.callable_member()
    ana.patch("/api/users/me", {"callConsent": False, "messageConsent": False})
    again = ana.patch("/api/users/me", {"callConsent": None, "messageConsent": None, "goal": "Swim"})
    assert (again["callConsent"], again["messageConsent"]) == (False, False)


# Signing in


def test_refresh_gives_new_tokens_once(driver: Driver) -> None:
    """C-40, 7.3: single use; whoever shows a spent one ends the session."""
    ana = driver.member()
    driver.post("/api/auth/magic-link", {"email": ana.email})
    driver.settle()
    signed_in = driver.post("/api/auth/verify", {"token": driver.outbox(kind="email", limit=1)[0]["token"]})
    first = signed_in["refreshToken"]
    driver.clock("2026-05-20T08:00:00Z")  # the access token is over, the refresh token is not
    second = driver.post("/api/auth/refresh", {"refreshToken": first})
    assert second["expiresAt"] == "2026-05-27T08:00:00.000Z"
    headers = {"Authorization": f"Bearer {second['accessToken']}"}
    assert driver.data(driver.client.get("/api/auth/me", headers=headers))["id"] == ana.id
    third = driver.post("/api/auth/refresh", {"refreshToken": second["refreshToken"]})
    assert len({first, second["refreshToken"], third["refreshToken"]}) == 3
    assert driver.error(driver.client.post("/api/auth/refresh", json={"refreshToken": first}), 401)["code"] == "UNAUTHORIZED"
    driver.error(driver.client.get("/api/auth/me", headers={"Authorization": f"Bearer {third['accessToken']}"}), 401)
    driver.error(driver.client.post("/api/auth/refresh", json={"refreshToken": third["refreshToken"]}), 401)
    for body in ({}, {"refreshToken": ""}, {"refreshToken": 5}):
        driver.error(driver.client.post("/api/auth/refresh", json=body), 422)


def test_a_refresh_token_lives_thirty_days_from_its_making(driver: Driver) -> None:
    driver.sign_up("ana@example.com")
    driver.settle()
    token = driver.post("/api/auth/verify", {"token": driver.outbox(kind="email", limit=1)[0]["token"]})["refreshToken"]
    driver.clock("2026-06-03T07:59:59Z")
    token = driver.post("/api/auth/refresh", {"refreshToken": token})["refreshToken"]
    driver.clock("2026-07-03T07:59:59Z")
    driver.error(driver.client.post("/api/auth/refresh", json={"refreshToken": token}), 401)


def test_sessions_are_listed_and_ended_one_by_one(driver: Driver) -> None:
    ana, bob = driver.member(), driver.member()
    phone = driver.member_again(ana)
    listed = ana.get("/api/auth/sessions")
    assert [row["current"] for row in listed] == [False, True]
    assert set(listed[0]) == {"id", "createdAt", "lastSeenAt", "userAgent", "current"}
    driver.error(bob.call("DELETE", f"/api/auth/sessions/{listed[0]['id']}"), 404)
    ana.delete(f"/api/auth/sessions/{listed[0]['id']}")
    driver.error(phone.call("GET", "/api/auth/me"), 401)
    driver.error(ana.call("DELETE", f"/api/auth/sessions/{listed[0]['id']}"), 404)
    ana.post("/api/auth/logout")
    driver.error(ana.call("GET", "/api/auth/me"), 401)
    assert bob.get("/api/auth/me")["id"] == bob.id


def test_the_last_use_of_a_session_is_known_to_some_minutes(driver: Driver) -> None:
    ana = driver.member()
    for now, seen in (("08:04:59", "08:00:00"), ("08:05:00", "08:05:00"), ("08:09:00", "08:05:00"), ("09:00:00", "09:00:00")):
        driver.clock(f"2026-05-04T{now}Z")
        assert ana.get("/api/auth/sessions")[0]["lastSeenAt"] == f"2026-05-04T{seen}.000Z"


def test_links_per_email_and_hour(drive: Callable[..., Driver]) -> None:
    """D-13: beyond them the answer is the same and no mail goes out; the link of the sign-up counts."""
    driver = drive(limits=Limits(api="off", auth="off", links_per_email="5/3600"))
    driver.sign_up("ana@example.com")
    answers = {str(driver.post("/api/auth/magic-link", {"email": "ana@example.com"})) for _ in range(6)}
    driver.settle()
    assert len(answers) == 1
    assert len(driver.outbox(kind="email")) == 5
    driver.clock("2026-05-04T09:00:00Z")
    driver.post("/api/auth/magic-link", {"email": "ANA@example.com "})
    driver.settle()
    assert len(driver.outbox(kind="email")) == 6


def test_known_and_unknown_addresses_cost_the_same_work(driver: Driver, ivy: Ivy) -> None:
    """C-29: no enumeration by time either. The request of either writes one row, and runs the same statements."""
    ana = driver.member()

    def statements(path: str, body: Any) -> list[str]:
        seen: list[str] = []
        ivy.db.query_hooks.append(lambda event: seen.append(event.sql))
        try:
            driver.client.post(path, json=body)
        finally:
            ivy.db.query_hooks.clear()
        return seen

    for path, more in (("/api/auth/magic-link", {}), ("/api/auth/verify", {"code": "000000"})):
        known, unknown = (statements(path, {"email": email, **more}) for email in (ana.email, "nobody@example.com"))
        assert known == unknown
        assert any(sql.startswith(("INSERT", "UPDATE")) for sql in known), "both write, and so wait for the disk"
    driver.settle()
    assert rows(ivy.folder / "ivy.db", "SELECT DISTINCT payload FROM inbound_event WHERE kind = 'link_request'") == [(None,)]
    before = rows(ivy.folder / "ivy.db", "SELECT times FROM refused_code")[0][0]
    for email in (ana.email, "nobody@example.com"):
        driver.error(driver.client.post("/api/auth/verify", json={"email": email, "code": "000000"}), 400)
    assert rows(ivy.folder / "ivy.db", "SELECT times FROM refused_code")[0][0] == before + 2
