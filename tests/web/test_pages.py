"""The first page, and whether the engine is alive and ready."""

from pathlib import Path

import pytest

from ivy_engine import __version__
from ivy_engine.engine import Ivy
from tests.driver import Driver
from tests.process import Engine


def test_the_first_page_says_what_runs_and_what_happened(driver: Driver) -> None:
    ana = driver.callable_member()
    driver.advance("2026-05-05T07:00:00Z")
    page = driver.client.get("/")
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    for words in (__version__, "simulated", "virtual", "call: onboarding", "completed", "e-mail to a member: magic link"):
        assert words in page.text
    for private in (ana.email, "+447700900101", "Ana", ana.id):
        assert private not in page.text
    assert "<script" not in page.text
    assert driver.client.get("/static/ivy.css").headers["Content-Type"].startswith("text/css")


def test_health_has_no_envelope(driver: Driver) -> None:
    health = driver.client.get("/health").json()
    assert (health["status"], health["version"]) == ("ok", __version__)
    assert health["uptime"] >= 0
    assert health["timestamp"].endswith("Z")


def test_without_workers_or_disk_it_is_not_ready(driver: Driver, ivy: Ivy, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = driver.client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"migrated": True, "jobs": False, "disk": True}
    monkeypatch.setattr(ivy, "folder", Path("/proc/nowhere"))
    assert driver.client.get("/ready").json()["checks"]["disk"] is False


def test_a_served_engine_is_ready(tmp_path: Path) -> None:
    with Engine(tmp_path / "data") as engine:
        assert engine.client.get("/ready").json()["status"] == "ready"
