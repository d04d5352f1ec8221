"""Fixtures: a migrated database copied per test, a frozen clock, the app in process, and the real program as a process."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from ivy_engine import jobs
from ivy_engine.actions import companies, seeds
from ivy_engine.engine import FolderLock, Ivy, open_ivy
from ivy_engine.settings import Limits, Settings
from ivy_engine.web.app import create_app
from tests.conformity import AS_DESCRIBED
from tests.driver import Driver

FACTS = Path(os.environ.get("IVY_PROVIDER_FACTS", Path(__file__).parents[2] / "shared" / "providers"))
UNLIMITED = Limits(api="off", auth="off", links_per_email="off")  # the clock stands still: no window would ever end
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
        ivy = open_ivy(Settings(data_dir=folder, **{"limits": UNLIMITED, **settings}), FolderLock(folder))
        opened.append(ivy)
        return ivy

    yield open_on
    for ivy in opened:
        ivy.close()


@pytest.fixture
def ivy(open_engine: Callable[..., Ivy]) -> Ivy:
    """An engine whose clock stands at 2026-05-04 08:00 UTC, a Monday, and whose work is done only when asked for."""
    return at_start(open_engine())


def at_start(engine: Ivy) -> Ivy:
    jobs.prepare(engine)
    jobs.set_clock(engine, START)
    return engine


@pytest.fixture
def driver(ivy: Ivy) -> Iterator[Driver]:
    """The app over HTTP, in process."""
    with driving(ivy) as driver:
        yield driver


@pytest.fixture
def drive(open_engine: Callable[..., Ivy]) -> Iterator[Callable[..., Driver]]:
    """As `driver`, for an engine with settings of its own."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(driving(at_start(open_engine(**settings))))


@contextmanager
def driving(ivy: Ivy) -> Iterator[Driver]:
    transport = httpx.WSGITransport(create_app(ivy))
    with httpx.Client(transport=transport, base_url="http://127.0.0.1", event_hooks=AS_DESCRIBED) as client:
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


def found_company(ivy: Ivy, **more: Any) -> str:
    """A company with a season from 2026-05-04 on; its id."""
    with ivy.db.write():
        company = companies.found_demo_company(ivy, START.date(), START)
        for name, value in more.items():
            setattr(company, name, value)
        company.save()
    company_id: str = company.id
    return company_id
