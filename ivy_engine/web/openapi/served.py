"""`GET /openapi.json`: the document of this engine's routes."""

from collections.abc import Sequence
from functools import cached_property

import falcon
import orjson

from ivy_engine.web import fresh
from ivy_engine.web.endpoint import Route
from ivy_engine.web.openapi.document import document


class OpenApi:
    """Made at the first request, so that starting costs nothing."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes

    @cached_property
    def _body(self) -> bytes:
        return orjson.dumps(document(self._routes))

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        tag = fresh.tag_of(self._body)
        resp.content_type = falcon.MEDIA_JSON
        resp.set_header("ETag", f'"{tag}"')
        if fresh.already_seen(req, tag):
            resp.status = 304
        else:
            resp.data = self._body
