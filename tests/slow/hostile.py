"""What a hostile or broken client may send: JSON, texts, stamps, ids, headers, query strings, bytes."""

import json
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

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


def named(model: type[Body] | None) -> st.SearchStrategy[dict[str, Any]]:
    """A JSON object with the fields of a body or a query, each with whatever value."""
    fields = [str(field.alias or name) for name, field in model.model_fields.items()] if model else ["x"]
    return st.dictionaries(st.sampled_from(fields), values, max_size=len(fields))


def json_bodies(model: type[Body] | None) -> st.SearchStrategy[bytes]:
    """Mostly JSON of the right shape, sometimes any JSON, sometimes no JSON at all."""
    shaped = (named(model) | values).map(lambda value: json.dumps(value).encode())
    broken = st.binary(max_size=40) | st.sampled_from(
        [b"", b"{", b"[" * 20_000, b'{"a":' * 20_000, b'{"a": 1e400}', b"\xff\xfe{}"]
    )
    return st.one_of(shaped, shaped, shaped, broken, surrogates.map(str.encode))


def queries(model: type[Body] | None) -> st.SearchStrategy[str]:
    """A query string with the fields of a query, or any text."""
    flat = named(model).map(lambda given: urlencode({name: _word(value) for name, value in given.items()}))
    twice = flat.map(lambda query: f"{query}&{query}")
    strange = st.sampled_from(["%", "%zz=%00", "&&&", "=", "a=%ff%fe", "page=1&page=2", "limit[]=3", "?" * 50])
    return (
        st.just("") | flat | twice | strange | st.text(max_size=20).map(lambda text: quote(text, safe="=&%+", errors="replace"))
    )


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def paths(route: Route, ids: list[str]) -> st.SearchStrategy[str]:
    """The route's path with known ids, strange ids and any text in place of its parameters."""
    strange = st.uuids().map(str) | st.sampled_from(
        ["0", "me", "{x}", "%00", "%ff", "%2e%2e", "urn:uuid:" + "0" * 32, "x" * 3000]
    )
    text = st.text(max_size=12).map(lambda given: quote(given, safe="", errors="replace")).filter(bool)
    part = st.sampled_from(ids) | strange | text
    pieces = [part if piece.startswith("{") else st.just(piece) for piece in route.path.split("/")]
    return st.tuples(*pieces).map("/".join)


_HEADER = st.sampled_from([
    ("Content-Type", "text/plain"), ("Content-Type", "application/json; charset=utf-16"), ("Content-Type", ";;;"),
    ("Content-Length", "-1"), ("Content-Length", "abc"), ("Content-Length", "99999999999999999999"), ("Content-Length", "0"),
    ("Transfer-Encoding", "chunked"), ("Authorization", "Bearer"), ("Authorization", "Bearer x.y.z"), ("Authorization", "Basic eDp5"),
    ("Authorization", "Bearer " + "W1tb" * 2000 + ".e30.eHh4"), ("Host", "localhost:abc"), ("Host", "[::1"), ("Host", ""),
    ("Host", "evil.example"), ("X-Forwarded-For", "10.0.0.1"), ("Forwarded", "for=x"), ("X-Request-Id", "x" * 500),
    ("X-Request-Id", "<b>"), ("Accept", "text/html"), ("Accept", "*/*;q=x"), ("If-None-Match", "*"), ("Range", "bytes=0-1"),
    ("Range", "bytes=z"), ("If-Modified-Since", "yesterday"), ("Expect", "100-continue"), ("Cookie", "a=b; c"), ("Origin", "null"),
    ("X-HTTP-Method-Override", "DELETE"), ("User-Agent", "x" * 3000), ("Idempotency-Key", "x" * 300),
    ("X-Retell-Signature", "v=1,d=" + "0" * 64), ("X-Hub-Signature-256", "sha256=x"), ("X-Twilio-Signature", "x"),
    ("Stripe-Signature", "t=1,v1=x"),
])  # fmt: skip
# mostly none: a request that is refused for its headers says little about the rest
headers = st.one_of(
    st.just({}),
    st.just({}),
    st.just({}),
    st.dictionaries(st.just("Accept"), st.just("*/*")),
    st.lists(_HEADER, max_size=3).map(dict),
)
forms = st.dictionaries(
    st.sampled_from(["MessageSid", "SmsSid", "MessageStatus", "SmsStatus", "Body", "From", "To", "ErrorCode"]), texts, max_size=8
).map(lambda form: urlencode(form).encode())
