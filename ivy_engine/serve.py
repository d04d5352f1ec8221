"""Serving: one process with the web server in front and the workers behind, and a graceful end."""

import errno
import logging
import os
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

from waitress import create_server

from ivy_engine import jobs
from ivy_engine.engine import Ivy
from ivy_engine.web.hooks import LIMIT

log = logging.getLogger(__name__)


class PortInUse(Exception):
    """Another program listens where we should."""


def listen(ivy: Ivy, app: Any) -> Any:
    """A server bound to the configured address; it answers once `run` is called. Raises PortInUse."""
    web = ivy.settings.web
    try:
        return create_server(
            app, host=web.host, port=web.port, threads=web.threads, ident="ivy", clear_untrusted_proxy_headers=False,
            max_request_body_size=LIMIT + 1024, inbuf_overflow=LIMIT, channel_timeout=60,
        )  # fmt: skip
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(f"port {web.port} on {web.host} is in use by another program") from None
        raise


def free_port(host: str) -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def address(ivy: Ivy, server: Any) -> str:
    """Where the server can be reached from this machine."""
    host = ivy.settings.web.host
    port = getattr(server, "effective_port", None) or ivy.settings.web.port
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::', '') else host}:{port}"  # noqa: S104 - compared, not bound


def run(ivy: Ivy, server: Any, announce: Callable[[Ivy, str], None]) -> int:
    """Serve until a signal: stop accepting, drain, write back, end. A second signal ends at once. Returns the exit code."""
    stopped_by: list[int] = []

    def stop(signum: int, frame: FrameType | None) -> None:
        if stopped_by:
            os._exit(128 + signum)
        stopped_by.append(signum)
        ivy.workers.stopping = True
        raise SystemExit

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, stop)
    try:
        jobs.start(ivy)
        announce(ivy, address(ivy, server))
        server.run()
    except SystemExit:
        log.info("stopped before serving")
    finally:
        server.close()
        ivy.close()
    return 130 if stopped_by == [signal.SIGINT] else 0
