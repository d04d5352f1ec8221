"""Queues and jobs as operators see them: what is counted, what is remembered of a run, a second try, an end (R-167)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from ivy_engine import jobs
from ivy_engine.actions.inbound import events as inbound
from ivy_engine.actions.operations import Runs
from ivy_engine.domain.errors import BadRequest
from ivy_engine.domain.operations import QUEUES
from ivy_engine.engine import Ivy
from ivy_engine.settings import Whatsapp
from ivy_engine.store.db import db
from tests.conftest import rows
from tests.driver import Driver, Json, Person

UNKNOWN = "0199a1b2-1234-7abc-8def-0123456789ab"
JOBS = "/api/admin/jobs"
CALL_TIME = "2026-05-04T19:00:00Z"  # of the first call that the fixture's member gets


@pytest.fixture
def boss(driver: Driver) -> Person:
    return driver.operator(email="boss@example.com")


@pytest.fixture
def ana(driver: Driver) -> Person:
    return driver.callable_member()


def fault(driver: Driver, **modes: str) -> None:
    driver.data(driver.client.put("/simulator/faults", json={kind: {"mode": mode} for kind, mode in modes.items()}))


def queue(boss: Person, name: str) -> Json:
    return next(one for one in boss.get(JOBS) if one["queue"] == name)


def figures(boss: Person, name: str) -> tuple[int, ...]:
    found = queue(boss, name)
    return tuple(found[kind] for kind in ("waiting", "running", "failed", "kept"))


def job(boss: Person, name: str) -> Json:
    return next(job for one in boss.get(JOBS) for job in one["jobs"] if job["name"] == name)


def failed(boss: Person, name: str) -> list[Json]:
    return boss.get(f"{JOBS}/{name}/failed")


def take(boss: Person, way: str, row_id: str, name: str = "messages", status: int = 200) -> Json:
    answer = boss.call("POST", f"{JOBS}/{name}/{row_id}/{way}")
    return boss.driver.data(answer) if status == 200 else boss.driver.error(answer, status)


def message(ivy: Ivy, channel: str = "WHATSAPP") -> tuple[str, str, str | None]:
    """Id, status and reason of the one confirmation on a channel."""
    where = "WHERE template = 'completion_confirmation' AND channel = ?"
    [found] = rows(ivy.folder / "ivy.db", f"SELECT id, status, failed_reason FROM message {where}", channel)
    return found


def first_call(ivy: Ivy) -> tuple[str, str]:
    [found] = rows(ivy.folder / "ivy.db", "SELECT id, status FROM call ORDER BY scheduled_at, id LIMIT 1")
    return found


def test_the_timetable_stands_in_the_three_queues() -> None:
    assert {job.queue for job in jobs.TIMETABLE} == set(QUEUES)
    assert [(sight.finished, sight.failed) for sight in QUEUES.values()] == [(100, 500), (100, 500), (50, 200)]


def test_rows_are_counted(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    """Two wallets; a call of tomorrow waits; sign-in mails and what came in are finished."""
    kept = figures(boss, "messages")[3]
    assert kept == len(rows(ivy.folder / "ivy.db", "SELECT id FROM message UNION ALL SELECT id FROM inbound_event"))
    assert figures(boss, "donations") == (2, 0, 0, 0)
    waiting = figures(boss, "call-schedule")[0]
    assert waiting == len(rows(ivy.folder / "ivy.db", "SELECT id FROM call")) > 0
    driver.manual_phone()
    driver.clock(CALL_TIME)
    driver.job("dial_due_calls")
    assert figures(boss, "call-schedule") == (waiting - 1, 1, 0, 0)
    [ringing] = driver.get("/simulator/phone", userId=ana.id)
    driver.post(f"/simulator/phone/{ringing['callId']}", {"action": "answer", "seconds": 60})
    assert figures(boss, "call-schedule") == (waiting - 1, 0, 0, 1)


def test_a_message_that_leaves_is_running_while_it_is_claimed(ivy: Ivy, driver: Driver, boss: Person, ana: Person) -> None:
    before = figures(boss, "messages")
    with ivy.db.write():
        db.changed("UPDATE message SET status = 'QUEUED', due_at = 1, claimed_by = NULL WHERE member_id = ?", ana.id)
    assert figures(boss, "messages") == (1, 0, 0, before[3] - 1)
    with ivy.db.write():
        db.changed("UPDATE message SET claimed_by = 'other' WHERE member_id = ?", ana.id)
    assert figures(boss, "messages") == (0, 1, 0, before[3] - 1)


def test_counting_ends_at_what_is_kept_in_sight(ivy: Ivy, boss: Person, ana: Person) -> None:
    """500 failed rows of each kind are 500 of the queue; the list has the newest of both."""
    with ivy.db.write():
        for number in range(520):
            db.changed(
                "INSERT INTO inbound_event VALUES (?, 'retell', ?, 'call', NULL, 'FAILED', NULL, 8, 'ValueError', ?, NULL)",
                f"{number:08d}-0000-7000-8000-000000000000", str(number), 1_777_000_000_000 + number,
            )  # fmt: skip
            db.changed(
                "INSERT INTO inbound_event VALUES (?, 'retell', ?, 'call', NULL, 'HANDLED', NULL, 1, NULL, ?, ?)",
                f"{number:08d}-0000-7000-8000-000000000001", f"h{number}", number, number,
            )  # fmt: skip
    assert figures(boss, "messages")[2:] == (500, 100)
    answer = boss.call("GET", f"{JOBS}/messages/failed", limit=100, page=5).json()
    assert (answer["meta"]["total"], answer["meta"]["totalPages"], answer["meta"]["nextCursor"]) == (500, 5, None)
    assert answer["data"][-1]["id"] == "00000020-0000-7000-8000-000000000000"


def test_pages_lead_on_without_gaps(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    """Messages and events in one order, newest first, also when new ones come in between."""
    fault(driver, email="reject")
    for hour in range(5):
        driver.clock(f"2026-05-04T0{hour}:00:00Z")
        driver.post("/api/auth/magic-link", {"email": ana.email})
        driver.settle()
    with ivy.db.write():
        db.changed("UPDATE inbound_event SET status = 'FAILED', error = 'ValueError' WHERE received_at < 1777860000000")
    everything = failed(boss, "messages")
    assert {row["kind"] for row in everything} == {"message", "event"}
    assert [row["at"] for row in everything] == sorted((row["at"] for row in everything), reverse=True)
    seen, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        answer = boss.call("GET", f"{JOBS}/messages/failed", limit=2, **more).json()
        seen += answer["data"]
        cursor = answer["meta"]["nextCursor"]
        if cursor is None:
            break
        driver.clock("2026-05-04T07:00:00Z")
        driver.post("/api/auth/magic-link", {"email": ana.email})
        driver.settle()
    assert seen == everything
    assert boss.call("GET", f"{JOBS}/donations/failed").json() == {
        "success": True,
        "data": [],
        "meta": {"page": 1, "limit": 20, "total": 0, "totalPages": 0, "nextCursor": None},
    }


def test_a_reason_tells_nothing_about_anybody(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    fault(driver, whatsapp="reject", sms="reject")
    ana.complete(ana.plan("2026-05-04"))
    driver.settle()
    with ivy.db.write():
        said = "21211: +447700900101 of ana@example.com is not valid"
        db.changed("UPDATE message SET failed_reason = ? WHERE channel = 'SMS'", said)
    text = boss.call("GET", f"{JOBS}/messages/failed").text
    assert "21211: <phone> of <e-mail> is not valid" in text
    assert {name for row in failed(boss, "messages") for name in row} == {"id", "kind", "reason", "at"}


def test_a_run_is_remembered_and_an_idle_one_is_none(driver: Driver, boss: Person, ana: Person) -> None:
    assert job(boss, "dial_due_calls")["lastRun"] is None
    driver.advance("2026-05-04T22:00:00Z")
    run = job(boss, "dial_due_calls")["lastRun"]
    assert (run["startedAt"], run["finishedAt"]) == ("2026-05-04T19:00:00.000Z",) * 2
    assert (run["changed"], run["error"]) == (1, None)
    assert 0 <= run["seconds"] < 5
    assert job(boss, "check_stuck_calls")["lastRun"] is None
    driver.clock("2026-05-04T22:30:00Z")
    for name in ("dial_due_calls", "check_stuck_calls"):
        driver.job(name)
    assert job(boss, "dial_due_calls")["lastRun"] == run
    assert job(boss, "check_stuck_calls")["lastRun"] is None


def test_a_run_without_success_is_a_run(driver: Driver, boss: Person, ana: Person) -> None:
    fault(driver, whatsapp="error")
    ana.complete(ana.plan("2026-05-04"))
    driver.settle()
    run = job(boss, "send_due_messages")["lastRun"]
    assert (run["changed"], run["error"]) == (0, None)


def writes(work: Callable[[], object]) -> list[str]:
    statements: list[str] = []
    db.query_hooks.append(lambda event: statements.append(event.sql))
    try:
        work()
    finally:
        db.query_hooks.clear()
    return [sql for sql in statements if not sql.startswith(("SELECT", "BEGIN", "COMMIT"))]


def test_an_idle_tick_writes_nothing(open_engine: Callable[..., Ivy]) -> None:
    """And neither does a wake-up for what somebody else has done already."""
    ivy = open_engine()
    jobs.prepare(ivy)

    def idle() -> None:
        for _ in range(5):
            jobs.tick(ivy)
            assert not ivy.workers.run_woken()
        ivy.workers.wake("send_due_messages")
        assert ivy.workers.run_woken()
        Runs(ivy).save()

    assert writes(idle) == []


def test_an_advance_writes_its_runs_once(driver: Driver, ivy: Ivy, ana: Person) -> None:
    to = datetime.fromisoformat("2026-05-08T00:00:00+00:00")
    written = [sql for sql in writes(lambda: jobs.advance(ivy, to)) if "job_run" in sql]
    assert 3 < len(written) <= len(jobs.TIMETABLE) + 1


def test_what_ends_a_run_is_remembered(
    driver: Driver, ivy: Ivy, boss: Person, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise ArithmeticError("with a word of somebody's")

    monkeypatch.setattr("ivy_engine.store.messages.due", broken)
    with pytest.raises(ArithmeticError):
        jobs.run(ivy, "send_due_messages")
    monkeypatch.undo()
    run = job(boss, "send_due_messages")["lastRun"]
    assert (run["changed"], run["error"]) == (0, "ArithmeticError")
    driver.post("/api/auth/magic-link", {"email": ana.email})
    driver.settle()
    assert job(boss, "send_due_messages")["lastRun"]["error"] is None


def test_late_is_what_has_missed_its_turn(driver: Driver, boss: Person, ana: Person) -> None:
    """A call is due to the second, a stuck one only at the next five minutes."""
    driver.manual_phone()
    driver.clock("2026-05-04T18:59:00Z")
    ahead = job(boss, "dial_due_calls")
    assert (ahead["nextRun"], ahead["lag"], ahead["oldestDue"]) == ("2026-05-04T19:00:00.000Z", 0, None)
    driver.clock("2026-05-04T19:10:30Z")
    late = job(boss, "dial_due_calls")
    assert (late["nextRun"], late["lag"]) == ("2026-05-04T19:10:30.000Z", 630)
    assert late["oldestDue"] == "2026-05-04T19:00:00.000Z"
    calls = queue(boss, "call-schedule")
    assert calls["lag"] >= 630
    assert calls["oldestDue"] == min(one["oldestDue"] for one in calls["jobs"] if one["oldestDue"])
    driver.job("dial_due_calls")
    for minute, lag, next_run in (("26:00", 0, "30:00"), ("31:00", 60, "35:00")):
        driver.clock(f"2026-05-04T19:{minute}Z")
        stuck = job(boss, "check_stuck_calls")
        assert (stuck["lag"], stuck["oldestDue"]) == (lag, "2026-05-04T19:25:30.000Z")
        assert stuck["nextRun"] == f"2026-05-04T19:{next_run}.000Z"
        assert stuck["every"] == 300
    assert job(boss, "dial_due_calls")["every"] is None


def test_on_the_wall_clock_what_is_late_runs_at_once(open_engine: Callable[..., Ivy]) -> None:
    ivy = open_engine()
    with ivy.db.write():
        db.changed("INSERT INTO company SELECT 'c', 'C', '', '', NULL, '', 0, 1, NULL, NULL, 8, 0, 0, NULL, 0, 1, 0, 0")
    assert [state.lag for state in jobs.overview(ivy)] == [0, 0, 0]
    late = datetime.fromisoformat("2026-05-04T08:07:00+00:00")
    plan = jobs.named("plan_calls")
    stale = jobs.Job(plan.name, plan.queue, plan.every, lambda _: late, plan.run)
    turn = jobs._turn(ivy, stale)
    assert turn.turn == datetime.fromisoformat("2026-05-04T08:15:00+00:00")
    assert turn.next_run is not None
    assert turn.next_run > turn.turn


def test_a_message_is_tried_again_and_sent_once(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    fault(driver, whatsapp="reject", sms="reject")
    ana.complete(ana.plan("2026-05-04"))
    driver.settle()
    row_id, status, _ = message(ivy)
    assert status == "FAILED"
    assert row_id in {row["id"] for row in failed(boss, "messages")}
    fault(driver, whatsapp="ok", sms="ok")
    again = take(boss, "retry", row_id)
    assert again == {"id": row_id, "kind": "message", "status": "QUEUED", "dueAt": "2026-05-04T08:00:00.000Z"}
    driver.settle()
    assert message(ivy)[1:] == ("DELIVERED", None)
    assert take(boss, "retry", row_id, status=409)["message"] == "Only a message that has failed can be tried again."
    assert take(boss, "retry", message(ivy, "SMS")[0], status=409)["message"] == "The same words go out on another channel."
    assert [sent["id"] for sent in driver.outbox(template="completion_confirmation")] == [row_id]


def test_a_message_that_has_gone_by_sms_is_not_sent_again(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    fault(driver, whatsapp="reject")
    ana.complete(ana.plan("2026-05-04"))
    driver.settle()
    assert (message(ivy)[1], message(ivy, "SMS")[1]) == ("FAILED", "DELIVERED")
    assert "another channel" in take(boss, "retry", message(ivy)[0], status=409)["message"]


def test_a_message_that_a_provider_had_taken_is_not_sent_again(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    """R-111: it failed on its way to the phone."""
    fault(driver, whatsapp="silent", sms="silent")
    ana.complete(ana.plan("2026-05-04"))
    driver.settle()
    row_id = message(ivy)[0]
    driver.post("/simulator/status", {"messageId": row_id, "status": "failed", "errorCode": "131026"})
    assert message(ivy)[1] == "FAILED"
    assert "had taken this message" in take(boss, "retry", row_id, status=409)["message"]


def test_a_sign_in_mail_that_failed_has_no_words_left(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    fault(driver, email="reject")
    driver.post("/api/auth/magic-link", {"email": ana.email})
    driver.settle()
    [mail] = failed(boss, "messages")
    assert "no longer kept" in take(boss, "retry", mail["id"], status=409)["message"]


def test_a_second_try_waits_for_the_morning(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    """R-116."""
    fault(driver, whatsapp="reject", sms="reject")
    ana.complete(ana.plan("2026-05-04"))
    driver.settle()
    driver.clock("2026-05-04T22:00:00Z")
    assert take(boss, "retry", message(ivy)[0])["dueAt"] == "2026-05-05T06:00:00.000Z"


def test_a_message_that_waits_is_cancelled_and_may_come_back(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    driver.clock_for(ana, "2026-05-04T21:30:00Z")
    ana.complete(ana.plan("2026-05-04"))
    row_id, status, _ = message(ivy)
    assert status == "QUEUED"
    cancelled = take(boss, "cancel", row_id)
    assert cancelled == {"id": row_id, "kind": "message", "status": "FAILED", "dueAt": None}
    assert message(ivy)[2] == "cancelled"
    assert [row["reason"] for row in failed(boss, "messages")] == ["cancelled"]
    assert take(boss, "cancel", row_id, status=409)["message"] == "Only a message that waits can be cancelled."
    driver.advance("2026-05-05T07:00:00Z")
    assert message(ivy)[1] == "FAILED"
    assert take(boss, "retry", row_id)["status"] == "QUEUED"


def test_a_message_that_leaves_is_not_cancelled(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    driver.clock_for(ana, "2026-05-04T21:30:00Z")
    ana.complete(ana.plan("2026-05-04"))
    with ivy.db.write():
        db.changed("UPDATE message SET claimed_by = 'run' WHERE template = 'completion_confirmation'")
    take(boss, "cancel", message(ivy)[0], status=409)
    assert message(ivy)[1] == "QUEUED"


def test_an_event_is_handled_after_all(
    driver: Driver, ivy: Ivy, boss: Person, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: Any) -> None:
        raise BadRequest("Not understood.")

    workout = ana.plan("2026-05-04")
    monkeypatch.setattr(inbound, "_take_effect", refuses)
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "done"})
    monkeypatch.undo()
    [event] = failed(boss, "messages")
    assert (event["kind"], event["reason"]) == ("event", "BAD_REQUEST: Not understood.")
    take(boss, "cancel", event["id"], status=409)
    assert take(boss, "retry", event["id"])["status"] == "RECEIVED"
    assert take(boss, "cancel", event["id"]) == {"id": event["id"], "kind": "event", "status": "FAILED", "dueAt": None}
    driver.settle()
    assert ana.get(f"/api/workouts/{workout['id']}")["status"] == "PLANNED"
    take(boss, "retry", event["id"])
    driver.settle()
    assert ana.get(f"/api/workouts/{workout['id']}")["status"] == "COMPLETED"
    assert take(boss, "retry", event["id"], status=409)["message"] == "Only an event that has failed can be tried again."


def test_a_call_is_made_after_all(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    """Once: not beside the call that follows it by itself (R-102), not when it is too late (R-98)."""
    fault(driver, voice="reject")
    driver.clock(CALL_TIME)
    driver.job("dial_due_calls")
    row_id, status = first_call(ivy)
    assert status == "FAILED"
    [row] = failed(boss, "call-schedule")
    assert (row["id"], row["kind"], row["at"]) == (row_id, "call", "2026-05-04T19:00:00.000Z")
    assert row["reason"].startswith("error: 400")
    assert take(boss, "retry", row_id, "call-schedule", 409)["message"] == "Another call follows this one already."
    [(follower,)] = rows(ivy.folder / "ivy.db", "SELECT id FROM call WHERE retry_of_id = ?", row_id)
    assert take(boss, "cancel", follower, "call-schedule")["status"] == "CANCELLED"
    fault(driver, voice="manual")
    driver.clock("2026-05-04T19:30:00Z")
    assert take(boss, "retry", row_id, "call-schedule") == {
        "id": row_id, "kind": "call", "status": "SCHEDULED", "dueAt": "2026-05-04T19:30:00.000Z",
    }  # fmt: skip
    driver.job("dial_due_calls")
    assert [ringing["callId"] for ringing in driver.get("/simulator/phone", userId=ana.id)] == [row_id]
    assert take(boss, "retry", row_id, "call-schedule", 409)["message"].startswith("Only a call that has failed")
    take(boss, "cancel", row_id, "call-schedule", 409)


def test_a_call_that_is_late_or_was_taken_stays_failed(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    driver.clock(CALL_TIME)
    row_id = first_call(ivy)[0]
    with ivy.db.write():
        db.changed("UPDATE call SET status = 'FAILED', outcome = 'error', retell_call_id = 'call_1' WHERE id = ?", row_id)
    assert "had taken this call" in take(boss, "retry", row_id, "call-schedule", 409)["message"]
    with ivy.db.write():
        db.changed("UPDATE call SET retell_call_id = NULL WHERE id = ?", row_id)
    driver.clock("2026-05-04T19:30:01Z")
    assert "too late" in take(boss, "retry", row_id, "call-schedule", 409)["message"]


def test_a_call_whose_answer_was_lost_is_asked_about_before_it_is_dialled_again(
    driver: Driver, ivy: Ivy, boss: Person, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider had it all the time, and nobody heard (DESIGN 3.2)."""
    fault(driver, voice="timeout")
    voice = ivy.providers.voice
    monkeypatch.setattr(voice, "find", lambda call_id: None)
    monkeypatch.setattr(ivy.simulator, "deliver_due", lambda now: 0)
    for second in ("00", "02", "06"):
        driver.clock(f"2026-05-04T19:00:{second}Z")
        driver.job("dial_due_calls")
    monkeypatch.undo()
    row_id, status = first_call(ivy)
    assert status == "FAILED"
    with ivy.db.write():
        db.changed("UPDATE call SET status = 'CANCELLED' WHERE retry_of_id = ?", row_id)
    take(boss, "retry", row_id, "call-schedule")
    placed = []
    monkeypatch.setattr(voice, "place", lambda request: placed.append(request))
    driver.job("dial_due_calls")
    assert placed == []
    [(provider_id,)] = rows(ivy.folder / "ivy.db", "SELECT retell_call_id FROM call WHERE id = ?", row_id)
    assert provider_id


def test_a_call_is_cancelled_before_it_is_dialled(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    row_id = first_call(ivy)[0]
    assert take(boss, "cancel", row_id, "call-schedule") == {
        "id": row_id, "kind": "call", "status": "CANCELLED", "dueAt": None,
    }  # fmt: skip
    driver.clock(CALL_TIME)
    assert driver.job("dial_due_calls") == 0
    take(boss, "cancel", row_id, "call-schedule", 409)
    take(boss, "retry", row_id, "call-schedule", 409)


def test_what_is_not_there_is_not_found(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    """A row of another queue neither, nor what a member wrote."""
    call_id = first_call(ivy)[0]
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "hello"})
    [(written,)] = rows(ivy.folder / "ivy.db", "SELECT id FROM message WHERE direction = 'INBOUND'")
    for name, row_id in (("messages", call_id), ("donations", call_id), ("messages", written), ("call-schedule", UNKNOWN)):
        for way in ("retry", "cancel"):
            assert "There is no such" in take(boss, way, row_id, name, 404)["message"]
    assert "call-schedule, messages, donations" in take(boss, "retry", call_id, "letters", 404)["message"]
    driver.error(boss.call("GET", f"{JOBS}/letters/failed"), 404)


def test_what_operators_do_is_written_down(driver: Driver, ivy: Ivy, boss: Person, ana: Person) -> None:
    """R-167: with the change, and not without it."""
    row_id = first_call(ivy)[0]
    take(boss, "cancel", row_id, "call-schedule")
    take(boss, "cancel", row_id, "call-schedule", 409)
    line = "SELECT actor_id, actor_role, action, member_id, why FROM audit WHERE action LIKE 'job_%'"
    assert rows(ivy.folder / "ivy.db", line) == [(boss.id, "superadmin", "job_cancelled", ana.id, f"call {row_id}")]


def test_where_whatsapp_is_off_the_queues_are_the_same(drive: Callable[..., Driver]) -> None:
    driver = drive(whatsapp=Whatsapp(mode="off"))
    assert [one["queue"] for one in driver.operator().get(JOBS)] == list(QUEUES)
