"""Fixtures: a migrated database copied per test, a frozen clock, the app in process, and the real program as a process."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from ivy_engine import jobs
from ivy_engine.actions import seeds
from ivy_engine.engine import FolderLock, Ivy, open_ivy
from ivy_engine.settings import Settings
from ivy_engine.web.app import create_app
from tests.driver import Driver

FACTS = Path(os.environ.get("IVY_PROVIDER_FACTS", Path(__file__).parents[2] / "shared" / "providers"))
START = datetime.fromisoformat("2026-05-04T08:00:00+00:00")


@pytest.fixture(scope="session")
def provider_facts() -> Path:
    """Provider specifications and payloads; the tests that need them are skipped where they are absent."""
    if not (FACTS / "payloads").is_dir():
        pytest.skip(f"no provider facts at {FACTS}: set IVY_PROVIDER_FACTS to the folder that has them")
    return FACTS


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a migrated database and the five charities."""
    folder = tmp_path_factory.mktemp("template")
    ivy = open_ivy(Settings(data_dir=folder))
    seeds.load_charities(ivy)
    ivy.close()
    return folder


@pytest.fixture
def open_engine(template: Path, tmp_path: Path) -> Iterator[Callable[..., Ivy]]:
    """Opens the engine on a copy of the template; one at a time."""
    opened: list[Ivy] = []

    def open_on(name: str = "data", **settings: Any) -> Ivy:
        folder = tmp_path / name
        if not folder.exists():
            shutil.copytree(template, folder)
        ivy = open_ivy(Settings(data_dir=folder, **settings), FolderLock(folder))
        opened.append(ivy)
        return ivy

    yield open_on
    for ivy in opened:
        ivy.close()


@pytest.fixture
def ivy(open_engine: Callable[..., Ivy]) -> Ivy:
    """An engine whose clock stands at 2026-05-04 08:00 UTC, a Monday, and whose work is done only when asked for."""
    engine = open_engine()
    jobs.prepare(engine)
    jobs.set_clock(engine, START)
    return engine


@pytest.fixture
def driver(ivy: Ivy) -> Iterator[Driver]:
    """The app over HTTP, in process."""
    transport = httpx.WSGITransport(create_app(ivy))
    with httpx.Client(transport=transport, base_url="http://127.0.0.1") as client:
        yield Driver(client, settle=lambda: _settle(ivy))


def _settle(ivy: Ivy) -> None:
    with jobs.settled(ivy):
        pass


def rows(path: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Read a database file from outside."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()
