"""The headers that requests may carry and that answers do (CONTRACT 2)."""

from collections.abc import Callable, Mapping
from typing import Any

from ivy_engine.web.endpoint import Route
from ivy_engine.web.idempotency import LONGEST_KEY
from ivy_engine.web.openapi.operations import answers_with_tag, is_api
from ivy_engine.web.schemas.failure import REQUEST_ID

TAG = "0123456789abcdef0123456789abcdef"


def _sent(name: str, description: str, example: str, **schema: Any) -> Mapping[str, Any]:
    return {
        "name": name,
        "in": "header",
        "description": description,
        "schema": {"type": "string", **schema, "examples": [example]},
    }


def _told(description: str, kind: str, example: Any, required: bool = False) -> Mapping[str, Any]:
    return {"description": description, "required": required, "schema": {"type": kind}, "example": example}


PARAMETERS = {
    "X-Request-Id": _sent("X-Request-Id", "Your own id for this request; one is made when there is none.", REQUEST_ID),
    "Idempotency-Key": _sent(
        "Idempotency-Key",
        "The same key and body within 24 hours give the same answer and no second effect.",
        "order-7f3a",
        maxLength=LONGEST_KEY,
    ),
    "If-Match": _sent("If-Match", "The `ETag` of what you have seen: 412 if it has changed since.", f'"{TAG}"'),
    "If-None-Match": _sent("If-None-Match", "The `ETag` that you hold: 304 if nothing has changed.", f'"{TAG}"'),
}
HEADERS = {
    "X-Request-Id": _told("The request's id, yours or ours, as the log has it.", "string", REQUEST_ID, required=True),
    "ETag": _told("Names this version of the answer.", "string", f'"{TAG}"', required=True),
    "Idempotent-Replayed": _told("`true`: this is the answer of an earlier request with the same key.", "string", "true"),
    "RateLimit-Limit": _told("Requests allowed in a window, of the tightest limit that counts this request.", "integer", 100),
    "RateLimit-Remaining": _told("Requests left in this window.", "integer", 99),
    "RateLimit-Reset": _told("Seconds until the window ends.", "integer", 60),
    "Retry-After": _told("Seconds to wait.", "integer", 60, required=True),
    "Allow": _told("The methods that this address takes.", "string", "GET, PATCH, OPTIONS", required=True),
}

_LIMITED = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
# Which requests carry a parameter, and which answers a header; failures are shared by many routes and come without one
SENT: Mapping[str, Callable[[Route], bool]] = {
    "X-Request-Id": lambda route: True,
    "Idempotency-Key": lambda route: route.takes_keys,
    "If-Match": lambda route: route.method == "PATCH",
    "If-None-Match": answers_with_tag,
}
TOLD: Mapping[str, Callable[[Route | None, int], bool]] = {
    "X-Request-Id": lambda route, status: True,
    "ETag": lambda route, status: route is not None and answers_with_tag(route),
    "Idempotent-Replayed": lambda route, status: route is not None and route.takes_keys,
    **{name: lambda route, status: route is None or is_api(route) for name in _LIMITED},
    "Retry-After": lambda route, status: status == 429,
    "Allow": lambda route, status: status == 405,
}
