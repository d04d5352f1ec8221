"""One table from error codes to HTTP statuses, one JSON shape for every refusal (RULEBOOK 7.1)."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import falcon
import orjson

from ivy_engine.domain.errors import Invalid, IvyError, TierRequired
from ivy_engine.log import request_id

log = logging.getLogger(__name__)

STATUS = {
    "BAD_REQUEST": 400,
    "INVALID_LINK": 400,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "TIER_REQUIRED": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "CONFLICT": 409,
    "IDEMPOTENCY_RUNNING": 409,
    "PRECONDITION_FAILED": 412,
    "PAYLOAD_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "VALIDATION_ERROR": 422,
    "IDEMPOTENCY_MISMATCH": 422,
    "RATE_LIMITED": 429,
    "INTERNAL_SERVER_ERROR": 500,
    "SERVICE_UNAVAILABLE": 503,
}
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
