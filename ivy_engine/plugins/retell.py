"""Retell's webhooks on the wire: signature and events (PROVIDERS 1.4 to 1.7)."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ivy_engine.plugins.body import mapping, read_object, text
from ivy_engine.plugins.contract import CallEvent, Incoming, Malformed, Rejected

SIGNATURE = "X-Retell-Signature"
TOLERANCE = timedelta(minutes=5)
_KINDS = {"call_started": "started", "call_ended": "ended", "call_no_answer": "ended", "call_analyzed": "analyzed"}


def sign(key: str, body: bytes, at: datetime) -> str:
    """The signature header's value for a body posted at `at`."""
    stamp = str(int(at.timestamp() * 1000))
    return f"v={stamp},d={_digest(key, body, stamp)}"


def verify(key: str, header: str | None, body: bytes, now: datetime) -> None:
    """Rejected unless the header is a signature of the body, made within five minutes of now."""
    if not header:
        raise Rejected("the signature is missing", unsigned=True)
    match = re.fullmatch(r"v=(\d{1,15}),d=([0-9a-f]{64})", header)
    if not match:
        raise Rejected("the signature cannot be read")
    if not hmac.compare_digest(match[2], _digest(key, body, match[1])):
        raise Rejected("the signature is wrong")
    if abs(int(now.timestamp() * 1000) - int(match[1])) > TOLERANCE / timedelta(milliseconds=1):
        raise Rejected("the signature is too old")


def _digest(key: str, body: bytes, stamp: str) -> str:
    return hmac.new(key.encode(), body + stamp.encode(), hashlib.sha256).hexdigest()


def parse(raw: bytes) -> Sequence[Incoming]:
    """The one lifecycle event of a body, or nothing for the kinds that Ivy does not act on."""
    body = read_object(raw)
    name, call = body.get("event"), body.get("call")
    if not isinstance(name, str):
        raise Malformed("`event` is missing")
    if name not in _KINDS:
        return []
    if not isinstance(call, dict):
        raise Malformed("`call` is missing")
    event = read_call(_KINDS[name], call, no_answer=name == "call_no_answer", at=_instant(body.get("event_timestamp")))
    subject = event.provider_call_id or event.call_id or hashlib.sha256(raw).hexdigest()
    return [Incoming(f"{name}:{subject}", "call", event)]


def read_call(kind: str, call: Mapping[str, Any], no_answer: bool = False, at: datetime | None = None) -> CallEvent:
    """What a call object says, as an event of that kind, sent at a time."""
    metadata = mapping(call.get("metadata"))
    analysis = mapping(call.get("call_analysis")) if kind == "analyzed" else {}
    duration = _number(call.get("duration_ms"))
    return CallEvent(
        kind=kind,
        provider_call_id=text(call.get("call_id")),
        call_id=text(metadata.get("callId")),
        at=at,
        started_at=_instant(call.get("start_timestamp")),
        ended_at=_instant(call.get("end_timestamp")),
        duration=int(duration / 1000) if duration is not None else _seconds(call),
        reason="dial_no_answer" if no_answer else text(call.get("disconnection_reason")),
        transcript=text(call.get("transcript")),
        recording_url=text(call.get("recording_url")),
        summary=text(analysis.get("call_summary")),
        sentiment=text(analysis.get("user_sentiment")),
        in_voicemail=analysis.get("in_voicemail") is True if analysis else None,
        extracted=_flat(mapping(analysis.get("custom_analysis_data"))),
    )


def _flat(extracted: Mapping[str, Any]) -> dict[str, Any]:
    """The extracted fields; what is nested is none of them (R-107), and must not cost us the rest."""
    return {name: value for name, value in extracted.items() if not isinstance(value, list | dict)}


def _seconds(call: Mapping[str, Any]) -> int | None:
    value = _number(mapping(call.get("call_analysis")).get("call_duration"))
    return int(value) if value is not None else None


def _number(value: Any) -> float | None:
    ok = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15
    return float(value) if ok else None


def _instant(value: Any) -> datetime | None:
    number = _number(value)
    return datetime.fromtimestamp(number / 1000, UTC) if number is not None and number < 4e12 else None
