"""`Idempotency-Key`: twice the same request, one effect, one answer (CONTRACT 2)."""

import threading
from typing import Any

import httpx
import pytest

from ivy_engine.engine import Ivy
from ivy_engine.web.app import create_app
from tests.conftest import rows
from tests.driver import Driver, Person

RUN = {"plannedDate": "2026-05-04", "activity": "Run"}
SIGN_UP = {"email": "new@example.com", "firstName": "A", "lastName": "B", "track": "fitness", "goal": "g"}


def keyed(person: Person, method: str, path: str, body: Any, key: str = "k-1", **headers: str) -> httpx.Response:
    sent = {"Authorization": f"Bearer {person.token}", "Idempotency-Key": key, **headers}
    return person.driver.client.request(method, path, json=body, headers=sent)


def workouts(person: Person) -> int:
    return len(person.get("/api/workouts", limit=100))


def test_a_double_click_has_one_effect_and_one_answer(driver: Driver) -> None:
    ana = driver.member()
    first, second = (keyed(ana, "POST", "/api/workouts", RUN) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    assert workouts(ana) == 1


def test_without_a_key_creations_are_two(driver: Driver) -> None:
    ana = driver.member()
    for key in ("", "  ", "k-1", "k-2"):
        assert "Idempotent-Replayed" not in keyed(ana, "POST", "/api/workouts", RUN, key).headers
    assert workouts(ana) == 4


def test_the_answer_stays_what_it_was(driver: Driver) -> None:
    """Also when the row has changed since."""
    ana = driver.member()
    workout = ana.plan("2026-05-04")
    path = f"/api/workouts/{workout['id']}"
    first = keyed(ana, "PATCH", path, {"activity": "Swim"})
    ana.patch(path, {"activity": "Row"})
    assert keyed(ana, "PATCH", path, {"activity": "Swim"}).content == first.content
    assert ana.get(path)["activity"] == "Row"


def test_a_replay_does_not_ask_whether_the_client_is_up_to_date(driver: Driver) -> None:
    ana = driver.member()
    path = f"/api/workouts/{ana.plan('2026-05-04')['id']}"
    tag = ana.call("GET", path).headers["ETag"]
    first, second = (keyed(ana, "PATCH", path, {"activity": "Swim"}, **{"If-Match": tag}) for _ in range(2))
    assert (first.status_code, second.status_code, second.headers["Idempotent-Replayed"]) == (200, 200, "true")


def test_another_body_is_a_mismatch(driver: Driver) -> None:
    ana = driver.member()
    keyed(ana, "POST", "/api/workouts", RUN)
    refused = driver.error(keyed(ana, "POST", "/api/workouts", {**RUN, "activity": "Swim"}), 422)
    assert refused["code"] == "IDEMPOTENCY_MISMATCH"
    assert workouts(ana) == 1


def test_space_and_order_make_no_other_body(driver: Driver) -> None:
    ana = driver.member()
    keyed(ana, "POST", "/api/workouts", RUN)
    again = driver.client.post(
        "/api/workouts",
        content=b'{ "activity" : "Run",\n"plannedDate": "2026-05-04" }',
        headers={"Authorization": f"Bearer {ana.token}", "Idempotency-Key": "k-1", "Content-Type": "application/json"},
    )
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")


def test_a_key_counts_for_a_member_a_method_and_a_path(driver: Driver) -> None:
    ana, ben = driver.member(), driver.member()
    first = keyed(ana, "POST", "/api/workouts", RUN).json()["data"]
    other = keyed(ben, "POST", "/api/workouts", RUN)
    assert "Idempotent-Replayed" not in other.headers
    second = ana.plan("2026-05-05")
    for workout in (first, second):
        done = keyed(ana, "POST", f"/api/workouts/{workout['id']}/complete", {"status": "COMPLETED"})
        assert done.json()["data"]["id"] == workout["id"]
    assert keyed(ana, "PATCH", "/api/users/me", {"goal": "x"}).status_code == 200


def test_nobody_is_a_scope_too(driver: Driver) -> None:
    first, second = (driver.client.post("/api/users", json=SIGN_UP, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, second.status_code, first.content) == (201, 201, second.content)
    assert driver.error(driver.client.post("/api/users", json=SIGN_UP), 409)["code"] == "CONFLICT"


def test_an_answer_is_kept_for_a_day(driver: Driver) -> None:
    ana = driver.member()
    keyed(ana, "POST", "/api/workouts", RUN)
    driver.clock("2026-05-05T07:59:59Z")
    assert keyed(ana, "POST", "/api/workouts", RUN).headers["Idempotent-Replayed"] == "true"
    driver.clock("2026-05-05T08:00:00Z")
    fresh = keyed(ana, "POST", "/api/workouts", {**RUN, "activity": "Swim"})
    assert (fresh.status_code, "Idempotent-Replayed" in fresh.headers) == (201, False)
    assert keyed(ana, "POST", "/api/workouts", {**RUN, "activity": "Swim"}).headers["Idempotent-Replayed"] == "true"
    assert workouts(ana) == 2


def test_old_answers_are_forgotten_by_and_by(driver: Driver, ivy: Ivy) -> None:
    ana = driver.member()
    for number in range(25):
        keyed(ana, "POST", "/api/workouts", RUN, f"k-{number}")
    driver.clock("2026-05-06T08:00:00Z")
    count = "SELECT COUNT(*) FROM idempotency"
    keyed(ana, "POST", "/api/workouts", RUN, "later")
    assert rows(ivy.folder / "ivy.db", count) == [(6,)]
    keyed(ana, "POST", "/api/workouts", RUN, "latest")
    assert rows(ivy.folder / "ivy.db", count) == [(2,)]


def test_errors_are_not_kept(driver: Driver) -> None:
    ana = driver.member()
    workout = ana.plan("2026-05-05")
    path = f"/api/workouts/{workout['id']}"
    driver.error(keyed(ana, "PATCH", path, {"status": "MISSED"}), 409)
    driver.clock("2026-05-06T08:00:00Z")
    assert keyed(ana, "PATCH", path, {"status": "MISSED"}).status_code == 200


def test_our_own_mistake_leaves_nothing(driver: Driver, ivy: Ivy, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that cannot be kept takes its effect along."""
    ana = driver.member()
    with monkeypatch.context() as broken:
        broken.setattr(ivy.keys, "encrypt", lambda text: 1 / 0)
        assert driver.error(keyed(ana, "POST", "/api/workouts", RUN), 500)["code"] == "INTERNAL_SERVER_ERROR"
    assert workouts(ana) == 0
    assert "Idempotent-Replayed" not in keyed(ana, "POST", "/api/workouts", RUN).headers


def test_the_length_of_a_key(driver: Driver) -> None:
    """D-10."""
    ana = driver.member()
    assert keyed(ana, "POST", "/api/workouts", RUN, "k" * 255).status_code == 201
    error = driver.error(keyed(ana, "POST", "/api/workouts", RUN, "k" * 256), 422)
    assert error["code"] == "VALIDATION_ERROR"
    assert [detail["path"] for detail in error["details"]] == ["headers.Idempotency-Key"]


def test_a_body_beyond_all_depth_is_refused(driver: Driver) -> None:
    deep: Any = {}
    for _ in range(400):
        deep = {"x": deep}
    refused = driver.client.post("/api/users", json={**SIGN_UP, "more": deep}, headers={"Idempotency-Key": "k"})
    assert driver.error(refused, 400)["code"] == "BAD_REQUEST"


def test_signing_in_ignores_keys(driver: Driver) -> None:
    """Its answers hold tokens."""
    bodies = ({"email": "a@example.com"}, {"email": "b@example.com"})
    for body in bodies:
        answer = driver.client.post("/api/auth/magic-link", json=body, headers={"Idempotency-Key": "k" * 300})
        assert answer.status_code == 200
        assert "Idempotent-Replayed" not in answer.headers


def test_a_token_comes_before_a_replay(driver: Driver) -> None:
    ana = driver.member()
    keyed(ana, "POST", "/api/workouts", RUN)
    ana.token = "gone"
    assert driver.error(keyed(ana, "POST", "/api/workouts", RUN), 401)["code"] == "UNAUTHORIZED"


def test_kept_answers_cannot_be_read_in_the_file(driver: Driver, ivy: Ivy) -> None:
    ana = driver.member()
    keyed(ana, "POST", "/api/workouts", {**RUN, "activity": "Something private"}, "my-key")
    [kept] = rows(ivy.folder / "ivy.db", "SELECT key, fingerprint, answer FROM idempotency")
    assert not any("private" in text or "my-key" in text for text in kept)


def test_twins_at_once_have_one_effect(driver: Driver, ivy: Ivy) -> None:
    ana = driver.member()
    app, together, answers = create_app(ivy), threading.Barrier(4), []

    def click() -> None:
        with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://127.0.0.1") as client:
            together.wait(10)
            answers.append(keyed(Person(Driver(client), ana.id, ana.email, ana.token), "POST", "/api/workouts", RUN))

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 3
    assert workouts(ana) == 1
