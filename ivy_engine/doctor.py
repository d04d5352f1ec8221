"""`ivy doctor`: what is live, what is simulated, what is missing. It changes nothing."""

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from ivy_engine.engine import FolderInUse, FolderLock
from ivy_engine.plugins.table import TABLE, NotOffered, decided_mode, missing_keys
from ivy_engine.settings import Settings


@dataclass(frozen=True)
class Finding:
    """`state` is ok, running, new, live, simulated, off or broken."""

    subject: str
    state: str
    says: str


def examine(settings: Settings) -> list[Finding]:
    return [*_providers(settings), _folder(settings), _secret(settings), _port(settings), _simulator(settings)]


def _providers(settings: Settings) -> Iterator[Finding]:
    for row in TABLE:
        options = getattr(settings, row.name)
        subject = f"{row.capability} ({row.name})"
        try:
            mode = decided_mode(row, options, settings.simulation_allowed)
        except NotOffered as problem:
            yield Finding(subject, "broken", str(problem))
            continue
        missing = missing_keys(row, options)
        yield Finding(subject, mode, f"to go live, set {', '.join(missing)}" if missing else "its keys are complete")


def _folder(settings: Settings) -> Finding:
    folder = settings.data_dir
    if not folder.exists():
        return Finding("data folder", "new", f"{folder} will be created at the first start")
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Finding("data folder", "broken", f"{folder} is not a folder we may write to")
    try:
        FolderLock(folder).release()
    except FolderInUse:
        return Finding("data folder", "running", f"{folder} is served by an Ivy process at the moment")
    except OSError as error:
        return Finding("data folder", "broken", f"{folder}: {error}")
    return Finding("data folder", "ok", f"{folder.resolve()}")


def _secret(settings: Settings) -> Finding:
    if settings.security.secret.get_secret_value():
        return Finding("secret", "ok", "from the settings")
    file = settings.data_dir / "secret.key"
    if not file.exists():
        return Finding("secret", "new", f"{file} will be created at the first start")
    if file.stat().st_mode & 0o077:
        return Finding("secret", "broken", f"{file} can be read by others: chmod 600 {file}")
    return Finding("secret", "ok", f"from {file}")


def _port(settings: Settings) -> Finding:
    web = settings.web
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((web.host, web.port))
        except OSError as error:
            return Finding("address", "running", f"{web.host}:{web.port} cannot be taken now: {error.strerror}")
    return Finding("address", "ok", f"{web.host}:{web.port} is free")


def _simulator(settings: Settings) -> Finding:
    if not settings.simulator_mounted:
        return Finding("simulator", "off", "its routes are not there")
    reach = "anybody" if settings.simulator.public else "this machine only"
    return Finding("simulator", "ok", f"answers to {reach}")
