"""Webhook bodies that no provider sends: Malformed, or read as far as they can be, never another exception (R-166)."""

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivy_engine.plugins import retell, stripe, twilio, whatsapp
from ivy_engine.plugins.contract import Incoming, Malformed, dump_event, load_event

STEADY = settings(derandomize=True, deadline=None, max_examples=100)
Parse = Callable[[bytes], Sequence[Incoming]]


def twilio_parse(raw: bytes) -> Sequence[Incoming]:
    return twilio.parse(raw, "http://127.0.0.1:8080/webhooks/twilio?messageId=m1")


JSON_PARSERS: dict[str, Parse] = {"retell": retell.parse, "whatsapp": whatsapp.parse, "stripe": stripe.parse}
PARSERS = {**JSON_PARSERS, "twilio": twilio_parse}
every_json = pytest.mark.parametrize("parse", JSON_PARSERS.values(), ids=JSON_PARSERS.keys())


def raw(body: Any) -> bytes:
    return json.dumps(body).encode()


def read_or_malformed(parse: Parse, body: bytes) -> None:
    """What is read can be stored as a row and read again (DESIGN 2)."""
    try:
        found = parse(body)
    except Malformed:
        return
    for item in found:
        item.event_id.encode()
        stored = orjson.loads(orjson.dumps(dump_event(item.event, item.kind)))
        assert isinstance(load_event(item.kind, stored), type(item.event))


NOT_JSON = [b"", b"{", b"\xff\xfe", b"null,", b'{"event": }', b"\x00", "é".encode("utf-16"), b"[" * 100_000, b'{"a":' * 100_000]


@every_json
@pytest.mark.parametrize("body", NOT_JSON, ids=lambda body: repr(body[:12]))
def test_what_is_no_json_is_malformed(parse: Parse, body: bytes) -> None:
    """RULEBOOK 7.2: 400."""
    with pytest.raises(Malformed):
        parse(body)


@every_json
@pytest.mark.parametrize("body", [b"null", b"[]", b"7", b'"text"', b"true", b"NaN"])
def test_json_that_is_no_object_is_malformed(parse: Parse, body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(body)


@pytest.mark.parametrize("body", [b"", b"Body=hi", b"\xff\xfe", b"MessageSid=", b"&".join(b"a%d=1" % n for n in range(300))])
def test_what_is_no_form_of_twilio_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        twilio_parse(body)


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=12)
    | st.sampled_from(["\ud800", "²"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
_CALL = {
    "call_id": "call_1",
    "metadata": {"callId": "c1"},
    "start_timestamp": 1,
    "end_timestamp": 2,
    "duration_ms": 1,
    "transcript": "x",
}
_CALL |= {
    "call_analysis": {
        "call_summary": "x",
        "user_sentiment": "Positive",
        "custom_analysis_data": {"energy": 7},
        "call_duration": 1,
    }
}
_MESSAGE = {"from": "4477", "id": "wamid.1", "timestamp": "1760000000", "type": "text", "text": {"body": "done"}}
_TAP = {**_MESSAGE, "type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "a", "title": "b"}}}
_STATUS = {
    "id": "wamid.2",
    "status": "failed",
    "timestamp": "1760000000",
    "errors": [{"code": 1}],
    "biz_opaque_callback_data": "m1",
}
_SUBSCRIPTION = {
    "customer": "cus_1",
    "status": "active",
    "metadata": {"userId": "u1"},
    "items": {"data": [{"price": {"id": "p"}}]},
}
_FIRST_MESSAGE = ("entry", 0, "changes", 0, "value", "messages", 0)
WHOLE: dict[str, Any] = {
    "retell": {"event": "call_analyzed", "call": _CALL},
    "whatsapp": {"entry": [{"changes": [{"value": {"messages": [_MESSAGE, _TAP], "statuses": [_STATUS]}}]}]},
    "stripe": {"id": "evt_1", "type": "customer.subscription.updated", "created": 1, "data": {"object": _SUBSCRIPTION}},
}


def places(body: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every part of a JSON value."""
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


def replaced(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The JSON value with another part at `path`."""
    if not path:
        return value
    copied = dict(body) if isinstance(body, dict) else list(body)
    copied[path[0]] = replaced(copied[path[0]], path[1:], value)
    return copied


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("half", ["\ud83d", "\udcaa"])
def test_half_an_emoji_loses_nothing_else(name: str, half: str) -> None:
    """PROVIDERS 2.6: providers write `\\ud83d\\udcaa`; a text that was cut in between is still a message."""
    for path in places(WHOLE[name]):
        body = replaced(WHOLE[name], path, f"done {half}")
        read_or_malformed(JSON_PARSERS[name], raw(body))
    said = replaced(WHOLE["whatsapp"], (*_FIRST_MESSAGE, "text", "body"), f"done {half}")
    assert whatsapp.parse(raw(said))[0].event.text.startswith("done")


@every_json
@STEADY
@given(value=_VALUES)
def test_any_json_is_read_or_malformed(parse: Parse, value: Any) -> None:
    read_or_malformed(parse, raw(value))


@pytest.mark.parametrize("name", WHOLE)
@STEADY
@given(data=st.data())
def test_any_part_may_have_a_wrong_type(name: str, data: st.DataObject) -> None:
    """PROVIDERS: unused optionals are omitted, new ones appear, nothing is promised; half an emoji is a lone surrogate."""
    path = data.draw(st.sampled_from(places(WHOLE[name])))
    read_or_malformed(JSON_PARSERS[name], raw(replaced(WHOLE[name], path, data.draw(_VALUES))))


@STEADY
@given(
    st.dictionaries(
        st.sampled_from(["MessageSid", "SmsSid", "MessageStatus", "SmsStatus", "Body", "From", "ErrorCode"]), st.text()
    )
)
@example({"MessageSid": "SM1", "Body": "", "SmsStatus": "received"})
def test_any_form_is_read_or_malformed(form: dict[str, str]) -> None:
    read_or_malformed(twilio_parse, urlencode(form, errors="surrogatepass").encode())


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS.keys())
@STEADY
@given(body=st.binary(max_size=60))
def test_any_bytes_are_read_or_malformed(parse: Parse, body: bytes) -> None:
    read_or_malformed(parse, body)
