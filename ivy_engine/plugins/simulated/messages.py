"""Messengers that speak WhatsApp's and Twilio's wire: they accept, and report sent, delivered and read (PROVIDERS 8)."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

from pydantic import SecretStr

from ivy_engine.plugins import twilio, whatsapp
from ivy_engine.plugins.contract import Incoming, OutboxEntry, ProviderError, SentText, Surroundings, TextRequest
from ivy_engine.plugins.simulated import chance
from ivy_engine.plugins.simulated.memory import Memory, at_ms, ms

READ_AFTER = timedelta(seconds=60)
WINDOW = timedelta(hours=24)
_OURS = "+15005550100"
_ACCOUNT = {"AccountSid": "AC" + "0" * 32, "ApiVersion": "2010-04-01"}


class WhatsappOptions(Protocol):
    @property
    def app_secret(self) -> SecretStr: ...


class TwilioOptions(Protocol):
    @property
    def auth_token(self) -> SecretStr: ...


class _Messenger(ABC):
    """What both channels share: faults, the memory of what was given, the statuses that follow."""

    kind: str
    channel: str
    statuses: tuple[tuple[str, timedelta], ...]

    def __init__(self, memory: Memory, around: Surroundings, seed: int) -> None:
        self._memory = memory
        self._around = around
        self._seed = seed

    @abstractmethod
    def report(self, provider_id: str, message_id: str, to: str, status: str, error: str | None, due: datetime) -> None:
        """Post a status later."""

    @abstractmethod
    def write(self, from_number: str, text: str | None, button: str | None) -> str:
        """Somebody writes; the provider's message id."""

    @abstractmethod
    def payload(self, request: TextRequest) -> Mapping[str, Any]:
        """The request as it stands on the wire."""

    @abstractmethod
    def provider_id(self, *what: object) -> str: ...

    def send(self, request: TextRequest) -> SentText:
        fault = self._memory.fault(self.kind)
        now = self._around.now()
        failing = chance.draw(self._seed, self.kind, request.message_id, now) < fault.rate
        if failing and fault.mode == "reject":
            raise ProviderError(f"the simulated {self.kind} provider rejects every message", permanent=True)
        if failing and fault.mode == "error":
            raise ProviderError(f"the simulated {self.kind} provider is out of order", permanent=False)
        sent = self._accept(request, now, silent=failing and fault.mode == "silent")
        if failing and fault.mode == "timeout":
            raise ProviderError("no answer within the time-out", permanent=False)
        return sent

    def _accept(self, request: TextRequest, now: datetime, silent: bool) -> SentText:
        provider_id = self.provider_id(request.message_id, ms(now))
        entry = OutboxEntry(
            request.message_id, self.kind, request.to, request.template, None, request.body, None, None,
            self.payload(request), now,
        )  # fmt: skip
        with self._memory.together():
            self._memory.give(entry, provider_id)
            if not silent:
                self._follow(request, provider_id, now)
        return SentText(provider_id)

    def _follow(self, request: TextRequest, provider_id: str, now: datetime) -> None:
        if self._window_closed(request, now):
            self.report(provider_id, request.message_id, request.to, "failed", "131047", now)
            return
        fault = self._memory.fault(self.kind)
        steps = self.statuses[::-1] if fault.reorder else self.statuses
        for (status, _), (_, delay) in zip(steps, self.statuses, strict=True):
            for _ in range(2 if fault.duplicate else 1):
                self.report(provider_id, request.message_id, request.to, status, None, now + delay)

    def _window_closed(self, request: TextRequest, now: datetime) -> bool:
        """Free text more than 24 h after the last message this provider carried from that number."""
        if self.channel != "WHATSAPP" or not request.free_text:
            return False
        last = self._memory.row("SELECT at FROM last_inbound WHERE number = ?", request.to)
        return bool(last) and now - at_ms(last[0] if last else 0) > WINDOW

    def check(self) -> str:
        return f"{'SMS' if self.channel == 'SMS' else 'WhatsApp'} messages are simulated: they are kept in the simulator's outbox"


class SimulatedWhatsapp(_Messenger):
    name = "whatsapp"
    simulated = True
    base_url = None
    webhook_path = "/webhooks/whatsapp"
    kind, channel = "whatsapp", "WHATSAPP"
    statuses = (("sent", timedelta()), ("delivered", timedelta()), ("read", READ_AFTER))

    def __init__(self, options: WhatsappOptions, own_key: str, memory: Memory, around: Surroundings, seed: int) -> None:
        super().__init__(memory, around, seed)
        configured = options.app_secret.get_secret_value()
        self.takes_unsigned = not configured
        self._key = configured or own_key

    def read(self, headers: Mapping[str, str], raw: bytes, url: str) -> Sequence[Incoming]:
        whatsapp.verify(self._key, headers.get(whatsapp.SIGNATURE.upper()), raw)
        return whatsapp.parse(raw)

    def parse(self, raw: bytes) -> Sequence[Incoming]:
        return whatsapp.parse(raw)

    def sign(self, body: bytes, path: str) -> Mapping[str, str]:
        return {whatsapp.SIGNATURE: whatsapp.sign(self._key, body), "Content-Type": "application/json"}

    def provider_id(self, *what: object) -> str:
        return "wamid." + chance.token(self._seed, *what)

    def payload(self, request: TextRequest) -> Mapping[str, Any]:
        common = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": request.to,
            "biz_opaque_callback_data": request.message_id,
        }
        if request.free_text or request.template is None:
            return {**common, **whatsapp.free_form(request)}
        return {**common, "type": "template", "template": whatsapp.template(request)}

    def report(self, provider_id: str, message_id: str, to: str, status: str, error: str | None, due: datetime) -> None:
        told: dict[str, Any] = {
            "id": provider_id,
            "status": status,
            "timestamp": str(ms(due) // 1000),
            "recipient_id": to.lstrip("+"),
            "biz_opaque_callback_data": message_id,
        }
        if error:
            told["errors"] = [{"code": int(error) if error.isdigit() else 131000, "title": "Message failed to send"}]
        self._post({"statuses": [told]}, due)

    def write(self, from_number: str, text: str | None, button: str | None) -> str:
        now = self._around.now()
        digits = from_number.lstrip("+")
        with self._memory.together():
            count = self._memory.row("SELECT COUNT(*) FROM webhook")
            wamid = self.provider_id("in", digits, ms(now), count)
            message: dict[str, Any] = {"from": digits, "id": wamid, "timestamp": str(ms(now) // 1000)}
            if button is not None:
                message |= {"type": "button", "button": {"payload": button, "text": text or button}}
            else:
                message |= {"type": "text", "text": {"body": text or ""}}
            self._memory.run("INSERT OR REPLACE INTO last_inbound (number, at) VALUES (?, ?)", "+" + digits, ms(now))
            self._post({"contacts": [{"profile": {"name": "Member"}, "wa_id": digits}], "messages": [message]}, now)
        return wamid

    def _post(self, value: Mapping[str, Any], due: datetime) -> None:
        about = {"display_phone_number": "15005550100", "phone_number_id": "1"}
        change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": about, **value}}
        body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
        self._memory.post_later(self.name, self.webhook_path, json.dumps(body).encode(), due)


class SimulatedSms(_Messenger):
    name = "twilio"
    simulated = True
    base_url = None
    webhook_path = "/webhooks/twilio"
    kind, channel = "sms", "SMS"
    statuses = (("sent", timedelta()), ("delivered", timedelta()))

    def __init__(self, options: TwilioOptions, own_key: str, memory: Memory, around: Surroundings, seed: int) -> None:
        super().__init__(memory, around, seed)
        configured = options.auth_token.get_secret_value()
        self.takes_unsigned = not configured
        self._key = configured or own_key

    def read(self, headers: Mapping[str, str], raw: bytes, url: str) -> Sequence[Incoming]:
        twilio.verify(self._key, headers.get(twilio.SIGNATURE.upper()), url, twilio.read_form(raw))
        return twilio.parse(raw, url)

    def parse(self, raw: bytes) -> Sequence[Incoming]:
        return twilio.parse(raw, self.webhook_path)

    def sign(self, body: bytes, path: str) -> Mapping[str, str]:
        signature = twilio.sign(self._key, self._around.public_url + path, twilio.read_form(body))
        return {twilio.SIGNATURE: signature, "Content-Type": "application/x-www-form-urlencoded"}

    def provider_id(self, *what: object) -> str:
        return "SM" + chance.token(self._seed, *what)

    def payload(self, request: TextRequest) -> Mapping[str, Any]:
        callback = f"{self._around.public_url}{self.webhook_path}?{twilio.OUR_ID}={request.message_id}"
        return {"To": request.to, "From": _OURS, "Body": request.body, "StatusCallback": callback}

    def report(self, provider_id: str, message_id: str, to: str, status: str, error: str | None, due: datetime) -> None:
        form = {**_ACCOUNT, "MessageSid": provider_id, "SmsSid": provider_id, "MessageStatus": status, "SmsStatus": status}
        form |= {"From": _OURS, "To": to}
        if error:
            form["ErrorCode"] = error
        path = f"{self.webhook_path}?{twilio.OUR_ID}={message_id}"
        self._memory.post_later(self.name, path, urlencode(form).encode(), due)

    def write(self, from_number: str, text: str | None, button: str | None) -> str:
        now = self._around.now()
        with self._memory.together():
            count = self._memory.row("SELECT COUNT(*) FROM webhook")
            sid = self.provider_id("in", from_number, ms(now), count)
            form = {**_ACCOUNT, "MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "From": from_number, "To": _OURS}
            form |= {"SmsStatus": "received", "Body": text or button or "", "NumMedia": "0", "NumSegments": "1"}
            body = urlencode(form)
            self._memory.post_later(self.name, self.webhook_path, body.encode(), now)
        return sid
