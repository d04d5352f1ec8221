"""One table from error codes to HTTP statuses, one JSON shape for every refusal (RULEBOOK 7.1)."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import falcon
import orjson

from ivy_engine.domain.errors import Invalid, IvyError, TierRequired
from ivy_engine.log import request_id

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Refusal:
    """An error code: its HTTP status, when it comes, and a sentence that it comes with."""

    status: int
    when: str
    says: str


REFUSALS = {
    "BAD_REQUEST": Refusal(400, "The body is not JSON, or a webhook cannot be read or verified.", "The body is not valid JSON."),
    "INVALID_LINK": Refusal(
        400,
        "The link or code is wrong, used or expired.",
        "This link or code is wrong, was used already, or has expired. Please ask for a new one.",
    ),
    "UNAUTHORIZED": Refusal(401, "Not signed in, and nothing else: drop the token and sign in.", "Please sign in."),
    "FORBIDDEN": Refusal(403, "The role or the subscription does not allow this.", "Your role does not allow this."),
    "TIER_REQUIRED": Refusal(
        403, "A higher subscription is needed; `requiredTier` says which.", "This comes with the ELITE subscription."
    ),
    "NOT_FOUND": Refusal(404, "There is no such row or address, or it is somebody else's.", "There is nothing at this address."),
    "METHOD_NOT_ALLOWED": Refusal(405, "`Allow` says which methods there are.", "This address does not take that method."),
    "CONFLICT": Refusal(409, "It is taken, or not possible in the present state.", "This e-mail address is already registered."),
    "IDEMPOTENCY_RUNNING": Refusal(
        409, "The first request with this key is still at work.", "The first request with this key is still at work."
    ),
    "PRECONDITION_FAILED": Refusal(
        412, "`If-Match` names what is no longer there.", "This was changed in the meantime. Please load it again."
    ),
    "PAYLOAD_TOO_LARGE": Refusal(413, "The body has more than 1 MB, a webhook's more than 4.", "A body may have at most 1 MB."),
    "UNSUPPORTED_MEDIA_TYPE": Refusal(415, "The body is not JSON.", "Send the body as application/json."),
    "VALIDATION_ERROR": Refusal(422, "Something sent does not fit; `details` lists everything.", "params.id: this is not an id"),
    "IDEMPOTENCY_MISMATCH": Refusal(
        422, "The key came before with another body.", "This Idempotency-Key was used for another request. Please take a new one."
    ),
    "RATE_LIMITED": Refusal(429, "`Retry-After` says when to try again.", "Too many requests. Please try again in 60 seconds."),
    "INTERNAL_SERVER_ERROR": Refusal(500, "Our mistake.", "Something went wrong on our side. Please try again."),
    "SERVICE_UNAVAILABLE": Refusal(503, "A provider is off or cannot be reached.", "The provider retell is off."),
}
STATUS = {code: refusal.status for code, refusal in REFUSALS.items()}
# a status has one general code; these are special ones, which Falcon never means
_SPECIAL = {"INVALID_LINK", "TIER_REQUIRED", "IDEMPOTENCY_RUNNING", "IDEMPOTENCY_MISMATCH"}
_CODES = {status: code for code, status in STATUS.items() if code not in _SPECIAL}
_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "The body is too large.",
}


def handle_refusal(req: falcon.Request, resp: falcon.Response, error: IvyError, params: Any) -> None:
    """What a rule of ours refuses."""
    more: dict[str, Any] = {}
    if isinstance(error, Invalid):
        more["details"] = [vars(problem) for problem in error.problems]
    if isinstance(error, TierRequired):
        more["requiredTier"] = error.required_tier
    refuse(resp, STATUS[error.code], error.code, error.message, more)


def handle_http(req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError, params: Any) -> None:
    """What Falcon itself refuses."""
    status = error.status_code
    code = _CODES.get(status, "BAD_REQUEST" if status < 500 else "INTERNAL_SERVER_ERROR")
    for name, value in dict(error.headers or {}).items():
        resp.set_header(name, value)
    refuse(resp, status, code, error.description or _SENTENCES.get(status) or error.title or "The request was refused.")


def handle_crash(req: falcon.Request, resp: falcon.Response, error: Exception, params: Any) -> None:
    """Our mistake: it is logged whole and told in one sentence."""
    log.exception("%s %s failed", req.method, req.uri_template or req.path)
    refuse(resp, 500, "INTERNAL_SERVER_ERROR", "Something went wrong on our side. Please try again.")


def refuse(resp: falcon.Response, status: int, code: str, message: str, more: Mapping[str, Any] = MappingProxyType({})) -> None:
    """The failure envelope; `more` stands beside the message (`details`, `requiredTier`)."""
    error = {"message": message, "code": code, "requestId": request_id.get(), **more}
    resp.status = status
    resp.content_type = falcon.MEDIA_JSON
    resp.data = orjson.dumps({"success": False, "error": error})
