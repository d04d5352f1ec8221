"""What a hostile or broken client may send: JSON, texts, stamps, ids, headers, query strings, bytes."""

import json
from typing import Any, Literal, get_args, get_origin
from urllib.parse import quote, urlencode

from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from ivy_engine.web.endpoint import Route
from ivy_engine.web.schemas.base import Body

STAMPS = [
    "2026-05-04", "2026-05-04T08:00:00Z", "2026-05-05T18:00:00+02:00", "0001-01-01", "0001-01-01T00:00:00Z", "9999-12-31",
    "9999-12-31T23:59:59-01:00", "0001-01-01T00:30:00+14:00", "2026-02-30", "2026-W19-1", "20260504", "1777881600", "24:00",
]  # fmt: skip
WORDS = [
    "", " ", "a", "\x00", "\ufeff", "é", "💪", "١٢:٣٠", "7:05", "23:59", "²", "Europe/London", "Pacific/Kiritimati", "localtime",
    "../../etc/passwd", "' OR 1=1 --", "<script>alert(1)</script>", "{{7*7}}", "${jndi:x}", "%s%n", "x" * 5000, "[" * 3000,
    '["monday"]', "COMPLETED", "SKIPPED", "PLANNED", "rest_day", "done", "I want to die", "+447700900101", "+15005550001",
    "ana@example.com", "a@b.co", "whatsapp", "sms", "delivered", "failed", "answer", "hangup", "voicemail", "complete", "reject",
    "manual", "silent", "calls", "fitness", "false", "null", "0", "-1", "1e400", "NaN",
]  # fmt: skip
LIKELY = {
    "date": STAMPS,
    "since": STAMPS,
    "_at": STAMPS,
    "_time": ["", "7:05", "23:59", "24:00", "١٢:٣٠"],
    "timezone": ["Europe/London", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu", "localtime", "Mars/Base"],
    "phone": ["", "+447700900102", "+44 20 7946 0018", "07700900003"],
    "from_": ["447700900101", "+447700900101", "+447700900199", "x"],
    "email": ["ana@example.com", "ANA@EXAMPLE.COM ", "x", "new@example.org"],
    "duration": [1, 30, 1440, 0, 1441],
    "page": ["1", "2", "0", "1000000", "1000001"],
    "limit": ["1", "100", "0", "101"],
    "analysis": [{}, {"plan_activity": "Run", "plan_duration": 1e308}, {"plan_activity": "x" * 600}, {"completion": "completed"}],
    "seconds": [0, 45, 7200, -1],
    "days": [["monday"], '["monday"]', "[" * 3000, []],
}
NUMBERS = [0, 1, -1, 2, 7, 20, 100, 101, 1440, 7200, 2**31, 2**63 - 1, 2**63, 2**64 - 1, 0.5, -0.0, 1.5, 1e308, 1e-320]

texts = st.sampled_from([*STAMPS, *WORDS]) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
scalars = st.none() | st.booleans() | st.sampled_from(NUMBERS) | texts
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["mode", "rate", "energy"]) | texts, inner, max_size=4)
    ),
    max_leaves=8,
)
surrogates = st.sampled_from(['"\\ud83d"', '{"entry": "\\udcaa"}'])


def mostly(usual: st.SearchStrategy[Any], *seldom: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The usual five times in six. (`one_of` would count a strategy that is named twice once.)"""
    return st.sampled_from(range(6)).flatmap(lambda draw: usual if draw < 5 else st.one_of(*seldom))


@st.composite
def named(draw: st.DrawFn, model: type[Body] | None) -> dict[str, Any]:
    """A JSON object with what a body or a query must have and up to three of its other fields; seldom not even that."""
    fields = _fields(model)
    required = [name for name, field in fields.items() if field.is_required()]
    others = [name for name in fields if name not in required]
    size = min(draw(st.sampled_from([1, 2, 3, 0])), len(others))
    chosen = draw(st.lists(st.sampled_from(others), min_size=size, max_size=size, unique=True)) if size else []
    if required:
        required = draw(mostly(st.just(required), st.just(required[1:])))
    return {str(fields[name].alias or name): draw(_value(name, fields[name])) for name in (*required, *chosen)}


def _fields(model: type[Body] | None) -> dict[str, FieldInfo]:
    return dict(model.model_fields) if model else {}


def _value(name: str, field: FieldInfo) -> st.SearchStrategy[Any]:
    literals = sorted(_literals(field.annotation), key=repr)
    likely = st.sampled_from(literals or next((pool for word, pool in LIKELY.items() if word in name), WORDS))
    return mostly(likely, values)


def _literals(annotation: Any) -> set[Any]:
    """The words that a field may have, if it may have only some."""
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return {word for part in get_args(annotation) for word in _literals(part)}


def json_bodies(model: type[Body] | None) -> st.SearchStrategy[bytes]:
    """Mostly JSON of the right shape, sometimes any JSON, sometimes no JSON at all."""
    shaped = mostly(named(model), values).map(lambda value: json.dumps(value).encode())
    broken = st.binary(max_size=40) | st.sampled_from(
        [b"", b"{", b"[" * 20_000, b'{"a":' * 20_000, b'{"a": 1e400}', b"\xff\xfe{}"]
    )
    return mostly(shaped, broken, surrogates.map(str.encode))


def queries(model: type[Body] | None) -> st.SearchStrategy[str]:
    """A query string with the fields of a query, or any text."""
    flat = named(model).map(lambda given: urlencode({name: _word(value) for name, value in given.items()}))
    twice = flat.map(lambda query: f"{query}&{query}")
    strange = st.sampled_from(["%", "%zz=%00", "&&&", "=", "a=%ff%fe", "page=1&page=2", "limit[]=3", "?" * 50])
    text = st.text(max_size=20).map(lambda given: quote(given, safe="=&%+", errors="replace"))
    return mostly(flat, twice, strange, text)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def paths(route: Route, known: dict[str, list[str]]) -> st.SearchStrategy[str]:
    """The route's path with known ids, strange ids and any text in place of its parameters."""
    every = [known_id for ids in known.values() for known_id in ids]
    fitting = next((ids for kind, ids in known.items() if kind in route.path), every)
    strange = st.uuids().map(str) | st.sampled_from(
        ["0", "me", "{x}", "%00", "%ff", "%2e%2e", "urn:uuid:" + "0" * 32, "x" * 3000]
    )
    text = st.text(max_size=12).map(lambda given: quote(given, safe="", errors="replace")).filter(bool)
    part = mostly(st.sampled_from(fitting), strange, text)
    pieces = [part if piece.startswith("{") else st.just(piece) for piece in route.path.split("/")]
    return st.tuples(*pieces).map("/".join)


HEADERS = [
    ("Content-Type", "text/plain"), ("Content-Type", "application/json; charset=utf-16"), ("Content-Type", ";;;"),
    ("Content-Length", "-1"), ("Content-Length", "abc"), ("Content-Length", "99999999999999999999"), ("Content-Length", "0"),
    ("Transfer-Encoding", "chunked"), ("Authorization", "Bearer"), ("Authorization", "Bearer x.y.z"),
    ("Authorization", "Basic eDp5"),
    ("Authorization", "Bearer " + "W1tb" * 2000 + ".e30.eHh4"), ("Host", "localhost:abc"), ("Host", "[::1"), ("Host", ""),
    ("Host", "evil.example"), ("X-Forwarded-For", "10.0.0.1"), ("Forwarded", "for=x"), ("X-Request-Id", "x" * 500),
    ("X-Request-Id", "<b>"), ("Accept", "text/html"), ("Accept", "*/*;q=x"), ("If-None-Match", "*"), ("Range", "bytes=0-1"),
    ("Range", "bytes=z"), ("If-Modified-Since", "yesterday"), ("Expect", "100-continue"), ("Cookie", "a=b; c"),
    ("Origin", "null"),     ("X-HTTP-Method-Override", "DELETE"), ("User-Agent", "x" * 3000), ("Idempotency-Key", "x" * 300),
    ("X-Retell-Signature", "v=1,d=" + "0" * 64), ("X-Hub-Signature-256", "sha256=x"), ("X-Twilio-Signature", "x"),
    ("Stripe-Signature", "t=1,v1=x"),
]  # fmt: skip
# mostly none: a request that is refused for its headers says little about the rest
headers = mostly(st.just({}), st.lists(st.sampled_from(HEADERS), max_size=3).map(dict))
addresses = st.text(max_size=20).map(lambda text: "/" + quote(text, errors="replace"))
forms = st.dictionaries(
    st.sampled_from(["MessageSid", "SmsSid", "MessageStatus", "SmsStatus", "Body", "From", "To", "ErrorCode"]), texts, max_size=8
).map(lambda form: urlencode(form).encode())


def webhooks(name: str, known: dict[str, list[str]]) -> st.SearchStrategy[bytes]:
    """A webhook of the right shape about something of ours, with one part replaced by whatever."""
    whole = _whole(name, known["phone"][0], known["messages"][0], known["users"][0])
    strange = values | st.sampled_from(["half an emoji \ud83d", "²", float("inf"), float("nan")])
    swapped = st.tuples(st.sampled_from(_places(whole)), strange).map(lambda draw: _replaced(whole, *draw))
    return (st.just(whole) | swapped).map(lambda body: json.dumps(body).encode())


def _whole(name: str, call: str, message: str, member: str) -> Any:
    if name == "retell":
        about = {
            "call_id": "call_1",
            "metadata": {"callId": call},
            "start_timestamp": 1777881600000,
            "end_timestamp": 1777881660000,
        }
        said = {"plan_activity": "Run", "plan_date": "2026-05-04", "plan_duration": 30, "completion": "completed"}
        analysis = {"user_sentiment": "Negative", "custom_analysis_data": said}
        return {"event": "call_analyzed", "call": {**about, "disconnection_reason": "user_hangup", "call_analysis": analysis}}
    if name == "whatsapp":
        said = {
            "from": "447700900101",
            "id": "wamid.1",
            "timestamp": "1777881600",
            "type": "text",
            "text": {"body": "done"},
        }
        status = {
            "id": "wamid.2",
            "status": "failed",
            "timestamp": "1777881600",
            "biz_opaque_callback_data": message,
            "errors": [{"code": 1}],
        }
        return {"entry": [{"changes": [{"value": {"messages": [said], "statuses": [status]}}]}]}
    thing = {"customer": "cus_1", "status": "active", "metadata": {"userId": member, "tier": "ELITE"}, "items": {"data": [{}]}}
    return {"id": "evt_1", "type": "customer.subscription.updated", "created": 1777881600, "data": {"object": thing}}


def _places(body: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [path, *(place for key, value in inner for place in _places(value, (*path, key)))]


def _replaced(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copied = dict(body) if isinstance(body, dict) else list(body)
    copied[path[0]] = _replaced(copied[path[0]], path[1:], value)
    return copied
