"""Twilio's SMS webhooks on the wire: signature, inbound messages, status callbacks (PROVIDERS 3.3 to 3.7)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from ivy_engine.plugins.contract import Incoming, Malformed, Received, Rejected, StatusUpdate

SIGNATURE = "X-Twilio-Signature"
OUR_ID = "messageId"  # in the query of the status callback's address
_STATUSES = {"sent": "SENT", "delivered": "DELIVERED", "read": "READ", "undelivered": "FAILED", "failed": "FAILED"}

Form = Mapping[str, Sequence[str]]


def read_form(raw: bytes) -> Form:
    try:
        return parse_qs(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        raise Malformed("the body is not a form") from None


def sign(token: str, url: str, form: Form) -> str:
    """base64 of HMAC-SHA1 over the address and the sorted parameters."""
    text = url + "".join(name + value for name in sorted(form) for value in sorted(set(form[name])))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def verify(token: str, header: str | None, url: str, form: Form) -> None:
    """Rejected unless the header signs the form for this address, with or without its port."""
    if not header:
        raise Rejected("the signature is missing", unsigned=True)
    given = header.encode("utf-8", "replace")
    if not any(hmac.compare_digest(given, sign(token, address, form).encode()) for address in _addresses(url)):
        raise Rejected("the signature is wrong")


def _addresses(url: str) -> list[str]:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    standard = 443 if parts.scheme == "https" else 80
    without = parts._replace(netloc=host).geturl()
    with_port = parts._replace(netloc=f"{host}:{port or standard}").geturl()
    return [url, without, with_port]


def parse(raw: bytes, url: str) -> Sequence[Incoming]:
    """An inbound message, or the status of one of ours."""
    form = {name: values[0] for name, values in read_form(raw).items()}
    sid = form.get("MessageSid") or form.get("SmsSid")
    if not sid:
        raise Malformed("MessageSid is missing")
    status = form.get("MessageStatus") or form.get("SmsStatus") or "received"
    if "Body" in form and status == "received":
        kind = "image" if not form["Body"] and form.get("NumMedia", "0") not in ("", "0") else "text"
        said = form.get("OptOutType") or form["Body"]  # what the carrier has understood, and acted on, by itself
        received = Received("SMS", sid, form.get("From", ""), kind, said or None, None, None)
        return [Incoming(f"message:{sid}", "message", received)]
    if status not in _STATUSES:
        return []
    ours = parse_qs(urlsplit(url).query).get(OUR_ID, [None])[0]
    update = StatusUpdate("SMS", sid, ours, _STATUSES[status], form.get("ErrorCode") or None, None)
    return [Incoming(f"status:{sid}:{status}", "message_status", update)]
