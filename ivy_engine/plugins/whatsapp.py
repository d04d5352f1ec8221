"""WhatsApp Cloud API webhooks on the wire: signature, messages, statuses (PROVIDERS 2.5, 2.6)."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ivy_engine.plugins.body import read_object
from ivy_engine.plugins.body import text as words
from ivy_engine.plugins.contract import Incoming, Malformed, Received, Rejected, StatusUpdate, TextRequest

SIGNATURE = "X-Hub-Signature-256"
# 20 characters at most
TITLES = {
    "DONE": "Done",
    "SKIP": "Skip",
    "REST": "Rest day",
    "MINIMUM": "The small one",
    "CALL_ME": "Call me",
}  # 20 characters at most
_STATUSES = {"sent": "SENT", "delivered": "DELIVERED", "read": "READ", "played": "READ", "failed": "FAILED"}


def sign(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify(secret: str, header: str | None, body: bytes) -> None:
    """Rejected unless the header is the signature of the raw body."""
    if not header:
        raise Rejected("the signature is missing", unsigned=True)
    if not hmac.compare_digest(header.encode("utf-8", "replace"), sign(secret, body).encode()):
        raise Rejected("the signature is wrong")


def free_form(request: TextRequest) -> Mapping[str, Any]:
    """The words as they are, with buttons where there are some (PROVIDERS 2.2)."""
    if not request.buttons:
        return {"type": "text", "text": {"body": request.body}}
    buttons = [{"type": "reply", "reply": {"id": payload, "title": TITLES[payload]}} for payload in request.buttons]
    return {
        "type": "interactive",
        "interactive": {"type": "button", "body": {"text": request.body}, "action": {"buttons": buttons}},
    }


def template(request: TextRequest) -> Mapping[str, Any]:
    """An approved template with its named parameters, and what its buttons send back."""
    words = [{"type": "text", "parameter_name": name, "text": value} for name, value in request.params.items()]
    components: list[dict[str, Any]] = [{"type": "body", "parameters": words}] if words else []
    for index, payload in enumerate(request.buttons):
        said = [{"type": "payload", "payload": payload}]
        components.append({"type": "button", "sub_type": "quick_reply", "index": str(index), "parameters": said})
    language = {"code": request.language.replace("-", "_")}
    return {"name": request.template, "language": language, **({"components": components} if components else {})}


def parse(raw: bytes) -> Sequence[Incoming]:
    """Every message and status of every change of every entry; what cannot be read does not lose the others."""
    body = read_object(raw)
    if not isinstance(body.get("entry", []), list):
        raise Malformed("the body is not a WhatsApp notification")
    found: list[Incoming] = []
    for value in _values(body):
        found += [item for message in _list(value.get("messages")) if (item := _message(message, _only_contact(value)))]
        found += [item for status in _list(value.get("statuses")) if (item := _status(status))]
    return found


def _values(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for entry in _list(body.get("entry")):
        for change in _list(entry.get("changes")):
            value = change.get("value")
            if isinstance(value, dict) and change.get("field", "messages") == "messages":
                yield value


def _list(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _only_contact(value: Mapping[str, Any]) -> str | None:
    """The number of the one whom a change is about; who has a user name sends without it (PROVIDERS 2.3)."""
    contacts = _list(value.get("contacts"))
    return words(contacts[0].get("wa_id")) if len(contacts) == 1 else None


def _message(message: Mapping[str, Any], contact: str | None) -> Incoming | None:
    wamid, sender, kind = message.get("id"), message.get("from", contact), message.get("type")
    if not isinstance(wamid, str) or not isinstance(sender, str) or not isinstance(kind, str):
        return None
    text, button = _said(message, kind)
    received = Received("WHATSAPP", wamid, "+" + sender.lstrip("+"), kind, text, button, _instant(message.get("timestamp")))
    return Incoming(f"message:{wamid}", "message", received)


def _said(message: Mapping[str, Any], kind: str) -> tuple[str | None, str | None]:
    """Text, or the payload of the button that was tapped."""
    part = message.get(kind)
    if not isinstance(part, dict):
        return None, None
    if kind == "text":
        return words(part.get("body")), None
    if kind == "button":
        return words(part.get("text")), words(part.get("payload"))
    if kind == "interactive":
        reply = part.get(str(part.get("type")))
        return (words(reply.get("title")), words(reply.get("id"))) if isinstance(reply, dict) else (None, None)
    return None, None


def _status(status: Mapping[str, Any]) -> Incoming | None:
    wamid, word = status.get("id"), status.get("status")
    if not isinstance(wamid, str) or not isinstance(word, str) or word not in _STATUSES:
        return None
    errors = _list(status.get("errors"))
    update = StatusUpdate(
        channel="WHATSAPP",
        provider_id=wamid,
        message_id=words(status.get("biz_opaque_callback_data")),
        status=_STATUSES[word],
        error=str(errors[0].get("code")) if errors else None,
        at=_instant(status.get("timestamp")),
    )
    return Incoming(f"status:{wamid}:{word}", "message_status", update)


def _instant(value: Any) -> datetime | None:
    return (
        datetime.fromtimestamp(int(value), UTC)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 11
        else None
    )
