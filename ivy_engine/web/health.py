"""Is it alive, is it ready: for load balancers, containers and people."""

import falcon

from ivy_engine import __version__
from ivy_engine.engine import Ivy
from ivy_engine.web.schemas import outside as answers


class Health:
    """`GET /health`: the process answers."""

    def __init__(self, ivy: Ivy) -> None:
        self._ivy = ivy
        self._began = ivy.clock.monotonic()

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        uptime = round(self._ivy.clock.monotonic() - self._began, 3)
        answer = answers.Health(status="ok", timestamp=self._ivy.clock.wall(), uptime=uptime, version=__version__)
        resp.content_type = falcon.MEDIA_JSON
        resp.text = answer.model_dump_json(by_alias=True)


class Ready:
    """`GET /ready`: migrated, jobs running, disk writable; 503 otherwise."""

    def __init__(self, ivy: Ivy) -> None:
        self._ivy = ivy

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        checks = answers.Checks(migrated=True, jobs=self._ivy.workers.running, disk=self._writable())
        ready = checks.jobs and checks.disk
        answer = answers.Ready(status="ready", checks=checks) if ready else answers.NotReady(status="not ready", checks=checks)
        resp.status = 200 if ready else 503
        resp.content_type = falcon.MEDIA_JSON
        resp.text = answer.model_dump_json(by_alias=True)

    def _writable(self) -> bool:
        probe = self._ivy.folder / ".writable"
        try:
            probe.write_bytes(b"")
            probe.unlink(missing_ok=True)
        except OSError:
            return False
        return True
