"""The simulated messengers and mail server: what they accept, what they report, how they fail (CONTRACT 3, PROVIDERS 8)."""

from datetime import timedelta
from typing import Any

import pytest

from ivy_engine.plugins.contract import Messenger, ProviderError, Rejected
from tests.plugins.outside import PHONE, START, Outside, mail, text

CHANNELS = {"whatsapp": ["SENT", "DELIVERED", "READ"], "sms": ["SENT", "DELIVERED"]}
every_channel = pytest.mark.parametrize("channel", CHANNELS)


def messenger(outside: Outside, channel: str) -> Messenger:
    found = getattr(outside.providers, channel)
    assert found is not None
    return found


def statuses(events: list[Any]) -> list[str]:
    return [event.status for event in events]


@every_channel
def test_a_message_is_sent_delivered_and_read(outside: Outside, channel: str) -> None:
    """PROVIDERS 8: each status carries the provider's id and ours."""
    sent = messenger(outside, channel).send(text("m1"))
    at_once = outside.heard()
    assert statuses(at_once) == ["SENT", "DELIVERED"]
    later = outside.heard(minutes=5)
    assert statuses([*at_once, *later]) == CHANNELS[channel]
    for event in (*at_once, *later):
        assert (event.channel, event.provider_id, event.message_id) == (channel.upper(), sent.provider_id, "m1")
        assert event.error is None


def test_a_whatsapp_message_is_read_after_a_minute(outside: Outside) -> None:
    outside.providers.whatsapp.send(text())
    assert statuses(outside.heard(seconds=59)) == ["SENT", "DELIVERED"]
    (read,) = outside.heard(seconds=1)
    assert (read.status, read.at) == ("READ", START + timedelta(minutes=1))


@every_channel
@pytest.mark.parametrize(("mode", "permanent"), [("reject", True), ("error", False)])
def test_a_refused_message_leaves_no_trace(outside: Outside, channel: str, mode: str, permanent: bool) -> None:
    outside.fault(channel, mode)
    with pytest.raises(ProviderError) as refused:
        messenger(outside, channel).send(text())
    assert refused.value.permanent is permanent
    assert outside.world.outbox(channel, None, None, 10) == []
    assert outside.heard(minutes=5) == []


@every_channel
def test_a_message_that_timed_out_may_have_been_sent(outside: Outside, channel: str) -> None:
    """PROVIDERS 2.1: our id in its statuses tells."""
    outside.fault(channel, "timeout")
    with pytest.raises(ProviderError) as refused:
        messenger(outside, channel).send(text("m1"))
    assert not refused.value.permanent
    assert {event.message_id for event in outside.heard(minutes=5)} == {"m1"}


@every_channel
def test_a_silent_provider_accepts_and_reports_nothing(outside: Outside, channel: str) -> None:
    """D-16."""
    outside.fault(channel, "silent")
    assert messenger(outside, channel).send(text()).provider_id
    assert len(outside.world.outbox(channel, None, None, 10)) == 1
    assert outside.heard(days=1) == []


@every_channel
def test_statuses_twice_and_in_the_wrong_order(outside: Outside, channel: str) -> None:
    """R-111: only when faults ask for it."""
    outside.fault(channel, reorder=True, duplicate=True)
    messenger(outside, channel).send(text())
    wrong = [status for status in reversed(CHANNELS[channel]) for _ in range(2)]
    assert statuses(outside.heard(minutes=5)) == wrong


@every_channel
def test_a_fault_of_one_channel_is_none_of_the_other(outside: Outside, channel: str) -> None:
    outside.fault("sms" if channel == "whatsapp" else "whatsapp", "reject")
    assert messenger(outside, channel).send(text()).provider_id


@pytest.mark.parametrize(
    "wrote", [("Done!", None), ("", None), ("line one\nline two & more = £", None), (None, "DONE"), ("Yes", "REST")]
)
def test_a_whatsapp_message_of_a_member(outside: Outside, wrote: tuple[str | None, str | None]) -> None:
    """CONTRACT 3, PROVIDERS 2.6: digits without a plus on the wire, E.164 for us."""
    wamid = outside.world.write(PHONE, "WHATSAPP", *wrote)
    (said,) = outside.heard()
    assert (said.provider_id, said.from_number, said.channel) == (wamid, PHONE, "WHATSAPP")
    assert said.button == wrote[1]
    assert (said.text or "") == (wrote[0] or wrote[1] or "")
    assert said.sent_at == START


@pytest.mark.parametrize("wrote", ["Done!", "line one\nline two & more = £ 💪", "100%"])
def test_an_sms_of_a_member(outside: Outside, wrote: str) -> None:
    sid = outside.world.write(PHONE, "SMS", wrote, None)
    (said,) = outside.heard()
    assert (said.provider_id, said.from_number, said.channel, said.text) == (sid, PHONE, "SMS", wrote)


@pytest.mark.parametrize("channel", ["WHATSAPP", "SMS"])
def test_the_same_words_twice_are_two_messages(outside: Outside, channel: str) -> None:
    assert outside.world.write(PHONE, channel, "done", None) != outside.world.write(PHONE, channel, "done", None)
    assert len(outside.heard()) == 2


@pytest.mark.parametrize(("hours", "free_text", "told"), [(24, True, "SENT"), (25, True, "FAILED"), (25, False, "SENT")])
def test_free_text_outside_the_window_fails(outside: Outside, hours: int, free_text: bool, told: str) -> None:
    """R-113, PROVIDERS 2.4: accepted first, failed by a status with 131047."""
    outside.world.write(PHONE, "WHATSAPP", "hello", None)
    outside.later(hours=hours)
    outside.providers.whatsapp.send(text(free_text=free_text))
    first = outside.heard()[0]
    assert (first.status, first.error) == (told, "131047" if told == "FAILED" else None)


@every_channel
@pytest.mark.parametrize(("status", "error"), [("delivered", None), ("read", None), ("failed", "30003")])
def test_a_status_by_hand(outside: Outside, channel: str, status: str, error: str | None) -> None:
    """CONTRACT 3: `POST /simulator/status`."""
    sent = messenger(outside, channel).send(text("m1"))
    outside.later(minutes=5)
    outside.world.report(sent.provider_id, channel.upper(), "m1", status, error)
    (event,) = outside.heard()
    assert (event.status, event.error, event.message_id) == (status.upper(), error, "m1")


def test_no_status_of_a_message_that_was_never_sent(outside: Outside) -> None:
    with pytest.raises(LookupError):
        outside.world.report("wamid.unknown", "WHATSAPP", "m1", "read", None)


@every_channel
def test_a_webhook_of_another_key_is_rejected(outside: Outside, channel: str) -> None:
    messenger(outside, channel).send(text())
    posted = outside.later()[0]
    assert outside.read(posted)
    for headers in ({}, {name: value[:-3] + "AAA" for name, value in posted.headers.items()}):
        with pytest.raises(Rejected):
            messenger(outside, channel).read(headers, posted.body, posted.url)


@pytest.mark.parametrize(
    ("mode", "to", "permanent", "kept"),
    [
        ("ok", "nobody@bounce.test", True, 0),  # PROVIDERS 8
        ("reject", "ana@example.com", True, 0),
        ("error", "ana@example.com", False, 0),
        ("timeout", "ana@example.com", False, 1),
    ],
)
def test_how_a_mail_fails(outside: Outside, mode: str, to: str, permanent: bool, kept: int) -> None:
    outside.fault("email", mode)
    with pytest.raises(ProviderError) as refused:
        outside.providers.mail.send(mail(to=to))
    assert refused.value.permanent is permanent
    assert len(outside.world.outbox("email", None, None, 10)) == kept


def test_a_mail_sent_again_is_the_same_mail(outside: Outside) -> None:
    """PROVIDERS 5: one Message-ID per logical mail."""
    assert outside.providers.mail.send(mail("m1")) == outside.providers.mail.send(mail("m1"))
    assert len(outside.world.outbox("email", None, None, 10)) == 1
