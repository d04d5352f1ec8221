"""Which web origins may call from a browser: exact matches, no credentials (CONTRACT 1, R-169)."""

from typing import Any
from urllib.parse import urlsplit

import falcon

from ivy_engine.engine import Ivy

_METHODS = "GET, POST, PATCH, PUT, DELETE, OPTIONS"
_TAKEN = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id"
_SHOWN = "X-Request-Id, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, ETag, Idempotent-Replayed"
_REMEMBERED = "7200"  # seconds: no browser keeps an answer longer
_USUAL_PORTS = {"http": 80, "https": 443}


class Cors:
    """Every answer says whether the page that asks may read it, errors included. It stands outside whatever may refuse."""

    def __init__(self, ivy: Ivy) -> None:
        settings = ivy.settings
        self.allowed = {origin_of(settings.public_url), origin_of(settings.frontend_url), *settings.web.cors_origins}

    def process_request(self, req: falcon.Request, resp: falcon.Response) -> None:
        """A preflight ends here: without a token, for any path, counted by no limit."""
        origin = req.get_header("Origin")
        if req.method != "OPTIONS" or origin is None or req.get_header("Access-Control-Request-Method") is None:
            return
        if origin in self.allowed:
            resp.set_header("Access-Control-Allow-Methods", _METHODS)
            resp.set_header("Access-Control-Allow-Headers", _TAKEN)
            resp.set_header("Access-Control-Max-Age", _REMEMBERED)
        resp.status = 204
        resp.complete = True

    def process_response(self, req: falcon.Request, resp: falcon.Response, resource: Any, succeeded: bool) -> None:
        resp.append_header("Vary", "Origin")
        origin = req.get_header("Origin")
        if origin is not None and origin in self.allowed:
            resp.set_header("Access-Control-Allow-Origin", origin)
            resp.set_header("Access-Control-Expose-Headers", _SHOWN)


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL as a browser writes them: lower case, without the scheme's usual port."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return url  # an address that no browser can be at
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" if port in (None, _USUAL_PORTS.get(scheme)) else f"{scheme}://{name}:{port}"
