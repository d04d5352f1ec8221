"""The one network seam. Simulated providers post their webhooks through it onto the engine's own app, without a socket."""

from collections.abc import Mapping
from typing import Any

import httpx


class Seam:
    """`mount` connects the app; until then webhooks wait."""

    def __init__(self) -> None:
        self._engine: httpx.Client | None = None

    @property
    def mounted(self) -> bool:
        return self._engine is not None

    def mount(self, app: Any) -> None:
        """From now on `deliver` reaches this WSGI app."""
        transport = httpx.WSGITransport(app, remote_addr="127.0.0.1")
        self._engine = httpx.Client(transport=transport, base_url="http://127.0.0.1")

    def deliver(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Post to the engine as the world outside does; returns the status."""
        if self._engine is None:
            raise RuntimeError("the app is not mounted")
        return self._engine.post(path, headers=dict(headers), content=body).status_code

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None
