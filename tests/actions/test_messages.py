"""Messages when a provider fails or the process dies, quiet hours, consent (R-110 to R-116, R-120)."""

from typing import Any

import pytest

from ivy_engine import jobs
from ivy_engine.actions import clockwork
from ivy_engine.actions.messages import sending
from ivy_engine.engine import Ivy
from tests.conftest import rows
from tests.driver import Driver, Person


@pytest.fixture
def ana(driver: Driver) -> Person:
    person = driver.member(phone="+447700900101")
    person.post("/api/users/me/onboard")
    return person


def fault(driver: Driver, kind: str, mode: str) -> None:
    driver.data(driver.client.put("/simulator/faults", json={kind: {"mode": mode}}))


def sent(ivy: Ivy) -> list[tuple[Any, ...]]:
    return rows(
        ivy.folder / "ivy.db",
        "SELECT channel, template, status, tries FROM message WHERE channel <> 'EMAIL' AND direction = 'OUTBOUND' ORDER BY id",
    )


def test_a_rejected_message_goes_by_sms_once(driver: Driver, ivy: Ivy, ana: Person) -> None:
    """R-112."""
    fault(driver, "whatsapp", "reject")
    ana.complete(ana.plan("2026-05-04"))
    driver.settle()
    assert sent(ivy) == [
        ("WHATSAPP", "completion_confirmation", "FAILED", 1),
        ("SMS", "completion_confirmation", "DELIVERED", 1),
    ]
    [(linked,)] = rows(ivy.folder / "ivy.db", "SELECT fallback_of_id FROM message WHERE channel = 'SMS'")
    assert linked == rows(ivy.folder / "ivy.db", "SELECT id FROM message WHERE channel = 'WHATSAPP'")[0][0]


def test_three_tries_from_one_second(driver: Driver, ivy: Ivy, ana: Person) -> None:
    """R-110."""
    fault(driver, "whatsapp", "error")
    ana.complete(ana.plan("2026-05-04"))
    driver.settle()
    for second, tries in (("00", 1), ("01", 2), ("02", 2), ("03", 3)):
        driver.advance(f"2026-05-04T08:00:{second}Z")
        assert sent(ivy)[0][3] == tries
    assert [row[2] for row in sent(ivy)] == ["FAILED", "DELIVERED"]


def test_a_message_whose_answer_was_lost_is_known_by_its_status(driver: Driver, ivy: Ivy, ana: Person) -> None:
    for kind in ("whatsapp", "sms"):
        fault(driver, kind, "timeout")
    ana.complete(ana.plan("2026-05-04"))
    driver.settle()
    driver.advance("2026-05-04T08:10:00Z")
    assert sent(ivy) == [("WHATSAPP", "completion_confirmation", "READ", 1)]
    assert len(driver.outbox(kind="whatsapp")) == 1


def test_both_fail_and_it_is_said(driver: Driver, ivy: Ivy, ana: Person) -> None:
    fault(driver, "whatsapp", "reject")
    fault(driver, "sms", "reject")
    ana.complete(ana.plan("2026-05-04"))
    driver.settle()
    assert [row[2] for row in sent(ivy)] == ["FAILED", "FAILED"]


def test_status_events_only_move_forward(driver: Driver, ivy: Ivy, ana: Person) -> None:
    """S-36: delivered, read, then delivered again is READ; failed after delivered is ignored (R-111)."""
    ana.complete(ana.plan("2026-05-04"))
    driver.settle()
    message = driver.outbox(kind="whatsapp")[0]["id"]
    for status in ("delivered", "read", "delivered", "failed"):
        driver.post("/simulator/status", {"messageId": message, "status": status})
    assert [row[2] for row in sent(ivy)] == ["READ"]


def test_a_kill_between_provider_and_row_sends_once(
    driver: Driver, ivy: Ivy, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("ivy_engine.actions.messages.delivery.sent", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        ana.complete(ana.plan("2026-05-04"))
        with pytest.raises(KeyboardInterrupt):
            sending.send_due(ivy)
    assert sent(ivy)[0][2] == "QUEUED"
    ivy.run = "the next process"
    clockwork.take_over(ivy)
    jobs.advance(ivy, ivy.clock.now().replace(minute=10))
    assert sent(ivy) == [("WHATSAPP", "completion_confirmation", "READ", 1)]
    assert len(driver.outbox(kind="whatsapp")) == 1


def test_a_mail_that_was_never_confirmed_is_sent_again_under_its_id(driver: Driver, ivy: Ivy) -> None:
    fault(driver, "email", "timeout")
    driver.sign_up("bob@example.com")
    driver.settle()
    driver.advance("2026-05-04T08:05:00Z")
    assert rows(ivy.folder / "simulated.db", "SELECT times FROM given WHERE kind = 'email' ORDER BY seq DESC LIMIT 1") == [(3,)]
    fault(driver, "email", "ok")


def test_a_sign_in_link_does_not_stay_in_our_rows(driver: Driver, ivy: Ivy, ana: Person) -> None:
    assert rows(ivy.folder / "ivy.db", "SELECT status, params, body FROM message WHERE channel = 'EMAIL'") == [
        ("SENT", None, None)
    ]


def test_a_bounced_mail_fails(driver: Driver, ivy: Ivy) -> None:
    driver.sign_up("nobody@bounce.test")
    driver.settle()
    assert rows(ivy.folder / "ivy.db", "SELECT status, params FROM message WHERE channel = 'EMAIL'") == [("FAILED", None)]


def test_a_celebration_waits_for_the_morning(driver: Driver, ivy: Ivy, ana: Person) -> None:
    """R-116: 22:30 in London is quiet; 07:00 is not."""
    driver.clock("2026-05-04T21:30:00Z")
    ana.complete(ana.plan("2026-05-04"))
    driver.settle()
    assert [row[2] for row in sent(ivy)] == ["QUEUED"]
    driver.advance("2026-05-05T05:59:59Z")
    assert driver.outbox(kind="whatsapp") == []
    driver.advance("2026-05-05T06:00:00Z")
    assert [message["template"] for message in driver.outbox(kind="whatsapp")] == ["completion_confirmation"]


def test_an_answer_does_not_wait(driver: Driver, ivy: Ivy, ana: Person) -> None:
    driver.clock("2026-05-04T21:30:00Z")
    ana.plan("2026-05-04")
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "done"})
    assert [row[2] for row in sent(ivy)] == ["DELIVERED"]


def test_a_reminder_for_a_time_the_member_chose_does_not_wait(driver: Driver, ivy: Ivy, ana: Person) -> None:
    ana.plan("2026-05-05", plannedTime="05:30")
    driver.advance("2026-05-05T04:15:00Z")
    assert [row[1] for row in sent(ivy)] == ["workout_reminder"]


@pytest.mark.parametrize(
    ("planned", "reminded"), [("09:14", True), ("09:02", True), ("09:01", False), ("08:59", False), (None, False)]
)
def test_a_reminder_that_would_come_too_late_does_not_come(
    driver: Driver, ivy: Ivy, ana: Person, planned: str | None, reminded: bool
) -> None:
    """J-4: it is 09:00 in London; under two minutes is too late."""
    ana.plan("2026-05-04", plannedTime=planned)
    driver.job("send_reminders")
    assert [row[1] for row in sent(ivy)] == (["workout_reminder"] if reminded else [])


def test_a_reminder_follows_the_plan_and_the_zone(driver: Driver, ivy: Ivy, ana: Person) -> None:
    workout = ana.plan("2026-05-04", plannedTime="12:00")
    ana.patch(f"/api/workouts/{workout['id']}", {"plannedTime": "15:00"})
    driver.advance("2026-05-04T12:00:00Z")
    assert sent(ivy) == []
    ana.patch("/api/users/me", {"timezone": "America/New_York"})  # 15:00 there is 19:00Z
    driver.advance("2026-05-04T18:44:59Z")
    assert sent(ivy) == []
    driver.advance("2026-05-04T18:45:00Z")
    assert [row[1] for row in sent(ivy)] == ["workout_reminder"]


def test_a_workout_that_is_done_is_not_reminded_of(driver: Driver, ivy: Ivy, ana: Person) -> None:
    workout = ana.plan("2026-05-04", plannedTime="12:00")
    ana.complete(workout)
    driver.advance("2026-05-04T12:00:00Z")
    assert "workout_reminder" not in [row[1] for row in sent(ivy)]


@pytest.mark.parametrize("change", [{"messageConsent": False}, {"phone": ""}])
def test_who_does_not_want_messages_gets_none(driver: Driver, ivy: Ivy, ana: Person, change: dict[str, Any]) -> None:
    """R-120: also what was written before."""
    ana.plan("2026-05-04", plannedTime="12:00")
    driver.clock("2026-05-04T21:30:00Z")
    ana.complete(ana.plan("2026-05-04"))
    ana.patch("/api/users/me", change)
    driver.advance("2026-05-05T08:00:00Z")
    assert driver.outbox(kind="whatsapp") == []
    assert "QUEUED" not in {row[2] for row in sent(ivy)}


def test_an_explicit_no_at_sign_up_is_honoured(driver: Driver, ivy: Ivy) -> None:
    bob = driver.member(phone="+447700900102", messageConsent=False)
    bob.post("/api/users/me/onboard")
    assert bob.get("/api/users/me")["messageConsent"] is False
    assert bob.get("/api/users/me")["callConsent"] is True
    bob.complete(bob.plan("2026-05-04"))
    driver.settle()
    assert sent(ivy) == []
