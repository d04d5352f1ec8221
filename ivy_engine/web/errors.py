"""One table from error codes to HTTP statuses, one JSON shape for every refusal (RULEBOOK 7.1)."""

import logging
from typing import Any

import falcon
import orjson

from ivy_engine.domain.errors import Invalid, IvyError
from ivy_engine.log import request_id

log = logging.getLogger(__name__)

STATUS = {
    "BAD_REQUEST": 400,
    "INVALID_LINK": 400,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "CONFLICT": 409,
    "PAYLOAD_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "VALIDATION_ERROR": 422,
    "INTERNAL_SERVER_ERROR": 500,
    "SERVICE_UNAVAILABLE": 503,
}
_CODES = {status: code for code, status in STATUS.items() if code != "INVALID_LINK"}
_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "The body is too large.",
}


def handle_refusal(req: falcon.Request, resp: falcon.Response, error: IvyError, params: Any) -> None:
    details = [vars(problem) for problem in error.problems] if isinstance(error, Invalid) else None
    refuse(resp, STATUS[error.code], error.code, error.message, details)


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


def refuse(resp: falcon.Response, status: int, code: str, message: str, details: Any = None) -> None:
    error: dict[str, Any] = {"message": message, "code": code, "requestId": request_id.get()}
    if details:
        error["details"] = details
    resp.status = status
    resp.content_type = falcon.MEDIA_JSON
    resp.data = orjson.dumps({"success": False, "error": error})
