"""The simulated world as a whole: webhooks under way, its memory, subscriptions (DESIGN 3.6, PROVIDERS 8)."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from ivy_engine.plugins.contract import CheckoutRequest, ProviderError
from tests.plugins.outside import START, Outside, call, mail, opened, text

CHECKOUT = CheckoutRequest("u1", "ana@example.com", "ELITE", "http://127.0.0.1/ok", "http://127.0.0.1/no")


def test_what_was_accepted_survives_a_restart(tmp_path: Path) -> None:
    """DESIGN 3.6: as it would at a real provider; nothing rings twice, every event still comes."""
    with opened(tmp_path) as before:
        placed = before.providers.voice.place(call())
        before.providers.whatsapp.send(text("m1"))
        before.providers.mail.send(mail("m2"))
        before.fault("sms", "reject")
        assert [event.kind for event in before.heard(seconds=10) if hasattr(event, "kind")] == ["started"]
    with opened(tmp_path, now=before.now) as after:
        assert after.providers.voice.find("c1") == placed
        assert after.providers.voice.place(call()) == placed
        assert {entry.id for entry in after.world.outbox(None, None, None, 10)} == {"c1", "m1", "m2"}
        assert after.world.faults()["sms"].mode == "reject"
        events = after.heard(minutes=5)
        assert [event.kind for event in events if hasattr(event, "kind")] == ["ended", "analyzed"]
        assert [event.status for event in events if hasattr(event, "status")] == ["READ"]


def test_webhooks_wait_until_there_is_an_engine(tmp_path: Path) -> None:
    with opened(tmp_path, mounted=False) as outside:
        outside.providers.whatsapp.send(text())
        assert outside.world.next_due() is None
        assert outside.world.deliver_due(START) == 0
        outside.seam.mount(outside.door)
        assert outside.world.next_due() == START
        assert len(outside.later()) == 2


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable", "401 Unauthorized"])
def test_a_webhook_that_is_not_taken_comes_again(outside: Outside, status: str) -> None:
    """PROVIDERS 1.6, 2.6: redelivered with growing delays, each time freshly signed."""
    outside.world.write("+447700900101", "WHATSAPP", "done", None)
    outside.door.status = status
    first = outside.later()
    assert len(first) == 1
    assert outside.later(seconds=9) == []
    second = outside.later(seconds=1)
    outside.door.status = "200 OK"
    (third,) = outside.later(minutes=5)
    assert {posted.body for posted in (*first, *second)} == {third.body}
    assert outside.read(third)
    assert outside.later(days=1) == []


def test_a_webhook_that_is_never_taken_is_given_up(outside: Outside) -> None:
    outside.world.write("+447700900101", "SMS", "done", None)
    outside.door.status = "500 Internal Server Error"
    assert len(outside.later(days=7)) == 6
    assert outside.world.next_due() is None


def test_the_outbox_is_newest_first_and_can_be_narrowed(outside: Outside) -> None:
    """CONTRACT 3."""
    outside.providers.mail.send(mail("m1"))
    outside.later(minutes=1)
    outside.providers.sms.send(text("m2"))
    outside.providers.voice.place(call("c1"))

    def ids(kind: str | None = None, template: str | None = None, minutes: int | None = None, limit: int = 10) -> list[str]:
        since = None if minutes is None else START + timedelta(minutes=minutes)
        return [entry.id for entry in outside.world.outbox(kind, template, since, limit)]

    assert ids() == ["c1", "m2", "m1"]
    assert ids(limit=1) == ["c1"]
    assert ids(kind="sms") == ["m2"]
    assert ids(template="magic_link") == ["m1"]
    assert ids(minutes=1) == ["c1", "m2"]
    assert ids(minutes=2) == []


def test_a_checkout_that_is_completed_subscribes(outside: Outside) -> None:
    """PROVIDERS 8."""
    checkout = outside.providers.billing.checkout(CHECKOUT)
    assert checkout.url.endswith(f"/simulator/checkout/{checkout.session_id}")
    assert outside.heard(days=1) == []
    outside.world.finish_checkout(checkout.session_id, "complete")
    changed, paid = outside.heard()
    assert (changed.kind, changed.user_id, changed.tier, changed.status) == ("changed", "u1", "ELITE", "active")
    assert (paid.kind, paid.user_id, paid.customer_id) == ("paid", "u1", changed.customer_id)


def test_a_checkout_that_is_abandoned_does_nothing_and_is_over(outside: Outside) -> None:
    session = outside.providers.billing.checkout(CHECKOUT).session_id
    outside.world.finish_checkout(session, "abandon")
    for session_id in (session, "cs_unknown"):
        with pytest.raises(LookupError):
            outside.world.finish_checkout(session_id, "complete")
    assert outside.heard(days=1) == []


@pytest.mark.parametrize(("mode", "permanent"), [("reject", True), ("error", False), ("timeout", False)])
def test_how_a_checkout_fails(outside: Outside, mode: str, permanent: bool) -> None:
    outside.fault("billing", mode)
    with pytest.raises(ProviderError) as refused:
        outside.providers.billing.checkout(CHECKOUT)
    assert refused.value.permanent is permanent


def test_billing_events_twice_have_one_id_each(outside: Outside) -> None:
    """PROVIDERS 4.4: dedupe on the event's id."""
    outside.fault("billing", duplicate=True)
    outside.world.subscribe("u1", "ana@example.com", "PRO")
    ids = [json.loads(posted.body)["id"] for posted in outside.later()]
    assert len(ids) == 4
    assert len(set(ids)) == 2


def test_billing_events_out_of_order(outside: Outside) -> None:
    """PROVIDERS 8, CONTRACT 3: shuffled when faults ask for it."""
    outside.fault("billing", reorder=True)
    orders = set()
    for number in range(12):
        outside.world.subscribe(f"u{number}", "ana@example.com", "PRO")
        orders.add(tuple(event.kind for event in outside.heard(minutes=10)))
    assert orders == {("changed", "paid"), ("paid", "changed")}


def test_a_silent_payment_provider_reports_nothing(outside: Outside) -> None:
    """D-16."""
    outside.fault("billing", "silent")
    outside.world.subscribe("u1", "ana@example.com", "PRO")
    assert outside.heard(days=1) == []
