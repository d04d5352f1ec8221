"""What happens to every request: its id, and the headers that keep a browser safe."""

import logging
import re
from typing import Any

import falcon

from ivy_engine.clock import Clock
from ivy_engine.log import request_id

log = logging.getLogger("ivy_engine.requests")
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_FIT = re.compile(r"[\w.:-]{1,128}", re.ASCII)


class RequestId:
    """`X-Request-Id` in and out; the id stands in every log line of the request."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def process_request(self, req: falcon.Request, resp: falcon.Response) -> None:
        given = req.get_header("X-Request-Id") or ""
        current = given if _FIT.fullmatch(given) else self._clock.new_id()
        req.context.began = self._clock.monotonic()
        req.context.outer_id = request_id.set(current)
        resp.set_header("X-Request-Id", current)

    def process_response(self, req: falcon.Request, resp: falcon.Response, resource: Any, succeeded: bool) -> None:
        if "began" not in req.context:  # Falcon has refused the method before any of us saw it
            self.process_request(req, resp)
        if req.path != "/health":
            took = (self._clock.monotonic() - req.context.began) * 1000
            log.info("%s %s %s %.0f ms", req.method, req.uri_template or "(unknown)", resp.status_code, took)
        request_id.reset(req.context.outer_id)


class ReadOnlyFiles:
    """Files are there to be read, by whatever method somebody tries."""

    def process_request(self, req: falcon.Request, resp: falcon.Response) -> None:
        if req.path.startswith("/static/") and req.method not in ("GET", "HEAD", "OPTIONS"):
            raise falcon.HTTPMethodNotAllowed(["GET", "HEAD", "OPTIONS"])


class SafeHeaders:
    """Nothing is sniffed, framed, or kept by a cache."""

    def process_response(self, req: falcon.Request, resp: falcon.Response, resource: Any, succeeded: bool) -> None:
        resp.set_header("X-Content-Type-Options", "nosniff")
        resp.set_header("Referrer-Policy", "no-referrer")
        file = req.path.startswith("/static/") and resp.status_code == 200
        resp.set_header("Cache-Control", "max-age=300" if file else "no-store")
        html = (resp.content_type or "").startswith("text/html")
        if resp.get_header("Content-Security-Policy") is None:
            resp.set_header("Content-Security-Policy", _PAGE_POLICY if html else "default-src 'none'; frame-ancestors 'none'")
