"""The simulated world as a whole: its phones and inboxes, and the webhooks that are under way to the engine."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from ivy_engine.plugins.contract import Fault, OutboxEntry, Surroundings
from ivy_engine.plugins.http import Seam
from ivy_engine.plugins.simulated.billing import SimulatedBilling
from ivy_engine.plugins.simulated.memory import Memory, at_ms, ms
from ivy_engine.plugins.simulated.messages import SimulatedSms, SimulatedWhatsapp
from ivy_engine.plugins.simulated.voice import SimulatedVoice

log = logging.getLogger(__name__)
KINDS = ("voice", "whatsapp", "sms", "email", "billing")
TRIES = 6
FIRST_RETRY = timedelta(seconds=10)
Sign = Callable[[bytes, str], Mapping[str, str]]


class World:
    """Implements the contract's Simulator over whichever providers are simulated."""

    def __init__(
        self, memory: Memory, seam: Seam, around: Surroundings, voice: SimulatedVoice | None,
        whatsapp: SimulatedWhatsapp | None, sms: SimulatedSms | None, billing: SimulatedBilling | None,
    ) -> None:  # fmt: skip
        self._memory = memory
        self._seam = seam
        self._around = around
        self._voice = voice
        self._messengers = {"WHATSAPP": whatsapp, "SMS": sms}
        self._billing = billing
        signers = (voice, whatsapp, sms, billing)
        self._sign: dict[str, Sign] = {provider.name: provider.sign for provider in signers if provider is not None}

    def outbox(self, kind: str | None, template: str | None, since: datetime | None, limit: int) -> list[OutboxEntry]:
        rows = self._memory.rows(
            "SELECT id, kind, recipient, template, subject, body, token, code, payload, at FROM given "
            "WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR template = ?2) AND at >= ?3 ORDER BY seq DESC LIMIT ?4",
            kind, template, ms(since) if since else -(2**62), limit,
        )  # fmt: skip
        return [_entry(row) for row in rows]

    def faults(self) -> dict[str, Fault]:
        return {kind: self._memory.fault(kind) for kind in KINDS}

    def set_fault(self, kind: str, fault: Fault) -> None:
        self._memory.set_fault(kind, asdict(fault))

    def pick_up(self, provider_call_id: str, action: str, analysis: Mapping[str, Any], seconds: int | None) -> None:
        if self._voice is None:
            raise LookupError("the voice provider is not simulated")
        self._voice.pick_up(provider_call_id, action, analysis, seconds)

    def write(self, from_number: str, channel: str, text: str | None, button: str | None) -> str:
        messenger = self._messengers[channel]
        if messenger is None:
            raise LookupError(f"{channel.lower()} is not simulated")
        return messenger.write(from_number, text, button)

    def report(self, provider_id: str, channel: str, message_id: str, status: str, error: str | None) -> None:
        messenger = self._messengers[channel]
        found = self._memory.row("SELECT recipient FROM given WHERE provider_id = ?", provider_id)
        if messenger is None or not found:
            raise LookupError("no simulated provider has sent this message")
        messenger.report(provider_id, message_id, found[0], status, error, self._around.now())

    def subscribe(self, user_id: str, email: str, tier: str) -> None:
        if self._billing is None:
            raise LookupError("the payment provider is not simulated")
        self._billing.subscribe(user_id, tier)

    def finish_checkout(self, session_id: str, action: str) -> None:
        if self._billing is None:
            raise LookupError("the payment provider is not simulated")
        self._billing.finish(session_id, action)

    def next_due(self) -> datetime | None:
        found = self._memory.row("SELECT MIN(due) FROM webhook WHERE delivered_at IS NULL")
        return at_ms(found[0]) if found and found[0] is not None and self._seam.mounted else None

    def deliver_due(self, now: datetime) -> int:
        if not self._seam.mounted:
            return 0
        rows = self._memory.rows(
            "SELECT seq, provider, path, body, tries FROM webhook WHERE delivered_at IS NULL AND due <= ? ORDER BY due, seq",
            ms(now),
        )
        return sum(self._deliver(now, *row) for row in rows)

    def _deliver(self, now: datetime, seq: int, provider: str, path: str, body: bytes, tries: int) -> bool:
        """Delivered, tried again later, or given up as real providers do. A kill in between delivers it once more."""
        sign = self._sign.get(provider)
        status = self._seam.deliver(path, sign(body, path), body) if sign else 0
        if 200 <= status < 300:
            self._memory.run("UPDATE webhook SET delivered_at = ? WHERE seq = ?", ms(now), seq)
            return True
        if not sign or tries + 1 >= TRIES:
            log.warning("the simulated %s gives up on a webhook: status %s", provider, status)
            self._memory.run("UPDATE webhook SET delivered_at = ?, tries = tries + 1 WHERE seq = ?", ms(now), seq)
        else:
            later = now + FIRST_RETRY * int(2**tries)
            self._memory.run("UPDATE webhook SET due = ?, tries = tries + 1 WHERE seq = ?", ms(later), seq)
        return False

    def close(self) -> None:
        self._memory.close()


def _entry(row: tuple[Any, ...]) -> OutboxEntry:
    message_id, kind, to, template, subject, body, token, code, payload, at = row
    return OutboxEntry(message_id, kind, to, template, subject, body, token, code, json.loads(payload), at_ms(at))
