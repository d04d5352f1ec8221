"""The database: migrations with a copy before, refusals, encryption, indexes, transactions that join."""

import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from ivy_engine import jobs
from ivy_engine.actions import seeds
from ivy_engine.engine import Ivy, open_ivy
from ivy_engine.settings import Settings, SettingsError
from ivy_engine.store import db as db_module
from ivy_engine.store.db import db
from tests.conftest import rows
from tests.driver import Driver

# Tables that do not grow with members or time
SMALL = {"charity", "company", "clock"}


def test_a_copy_is_kept_before_a_new_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = tmp_path / "migrations"
    shutil.copytree(db_module.MIGRATIONS, steps)
    monkeypatch.setattr(db_module, "MIGRATIONS", steps)
    settings = Settings(data_dir=tmp_path / "data")
    open_ivy(settings).close()
    assert not (tmp_path / "data" / "backups").exists()
    (steps / "9999_more.py").write_text('def up(migrator, db):\n    db.execute_sql("CREATE TABLE extra (id INTEGER)")\n')
    open_ivy(settings).close()
    assert rows(tmp_path / "data" / "ivy.db", "SELECT COUNT(*) FROM extra") == [(0,)]
    copy = tmp_path / "data" / "backups" / "before-9999_more.db"
    assert ("9999_more",) not in rows(copy, "SELECT name FROM schema_migration")
    assert ("0001_first_tables",) in rows(copy, "SELECT name FROM schema_migration")


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = tmp_path / "migrations"
    shutil.copytree(db_module.MIGRATIONS, steps)
    monkeypatch.setattr(db_module, "MIGRATIONS", steps)
    (steps / "9999_bad.py").write_text('def up(migrator, db):\n    db.execute_sql("CREATE TABLE extra (id)")\n    1 / 0\n')
    with pytest.raises(ZeroDivisionError):
        open_ivy(Settings(data_dir=tmp_path / "data"))
    db.close_all()
    tables = {row[0] for row in rows(tmp_path / "data" / "ivy.db", "SELECT name FROM sqlite_master")}
    assert "member" in tables
    assert "extra" not in tables


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    open_ivy(settings).close()
    with sqlite3.connect(tmp_path / "ivy.db") as connection:
        connection.execute("INSERT INTO schema_migration (name, applied) VALUES ('0099_future', '2030-01-01')")
    connection.close()
    with pytest.raises(SettingsError, match="newer version"):
        open_ivy(settings)


@pytest.mark.parametrize("name", ["ivy.db", "simulated.db", "secret.key"])
def test_a_file_that_is_not_ours_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"not a database and not a secret" * 40 if name != "secret.key" else b"short")
    with pytest.raises(SettingsError, match=r"data folder|not a database"):
        open_ivy(Settings(data_dir=tmp_path))


def test_a_broken_queue_is_set_aside(tmp_path: Path) -> None:
    """It only carries wake-ups."""
    (tmp_path / "queue.db").write_bytes(b"not a database" * 400)
    open_ivy(Settings(data_dir=tmp_path)).close()
    assert (tmp_path / "queue.broken").read_bytes().startswith(b"not a database")


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(SettingsError, match="data folder"):
        open_ivy(Settings(data_dir=tmp_path / "data"))


def test_the_secret_is_for_its_owner_only(tmp_path: Path) -> None:
    open_ivy(Settings(data_dir=tmp_path)).close()
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_an_older_secret_still_decrypts(tmp_path: Path) -> None:
    """Rotation: a new first line, the old one kept below it."""
    first = open_ivy(Settings(data_dir=tmp_path))
    text = first.keys.encrypt("+447700900101")
    first.close()
    key = tmp_path / "secret.key"
    key.write_text("n" * 48 + "\n" + key.read_text())
    second = open_ivy(Settings(data_dir=tmp_path))
    assert second.keys.decrypt(text) == "+447700900101"
    second.close()


def test_private_words_are_unreadable_in_the_file(driver: Driver, ivy: Ivy) -> None:
    """R-160."""
    ana = driver.callable_member(phone="+447700900177")
    workout = ana.plan("2026-05-04")
    ana.complete(workout, "SKIPPED", skippedReason="my secret knee", notes="my secret note")
    driver.post("/simulator/messages", {"from": "+447700900177", "channel": "whatsapp", "text": "my secret words"})
    ana.patch("/api/users/me", {"whyStarted": "my secret reason"})
    driver.advance("2026-05-05T08:00:00Z")
    with ivy.db.read():
        dump = b"".join(path.read_bytes() for path in ivy.folder.glob("ivy.db*"))
    assert b"7700900177" not in dump
    assert b"my secret" not in dump
    assert b"Hi Ivy" not in dump  # the transcript
    assert ana.get(f"/api/workouts/{workout['id']}")["notes"] == "my secret note"


def test_the_seed_is_loaded_once(ivy: Ivy) -> None:
    assert seeds.load_charities(ivy) == 0
    assert rows(ivy.folder / "ivy.db", "SELECT COUNT(*) FROM charity") == [(5,)]


def test_an_inner_write_joins_the_outer_one(ivy: Ivy) -> None:
    with pytest.raises(ZeroDivisionError), ivy.db.write():
        with ivy.db.write():
            ivy.db.changed("UPDATE charity SET is_active = 0")
        raise ZeroDivisionError
    assert rows(ivy.folder / "ivy.db", "SELECT COUNT(*) FROM charity WHERE is_active = 0") == [(0,)]


def test_a_wake_up_comes_after_the_outermost_commit_and_may_fail(ivy: Ivy, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Any] = []
    with ivy.db.write():
        with ivy.db.write():
            ivy.db.later(lambda: seen.append(rows(ivy.folder / "ivy.db", "SELECT COUNT(*) FROM company")))
            ivy.db.later(lambda: 1 / 0)
            ivy.db.changed("INSERT INTO company SELECT 'c', 'C', '', '', NULL, '', 0, 1, NULL, NULL, 8, 0, 0, NULL, 0, 1, 0, 0")
        assert seen == []
    assert seen == [[(1,)]]
    assert "waking the workers failed" in caplog.text


def test_many_writers_wait_for_each_other(ivy: Ivy) -> None:
    def add() -> None:
        for _ in range(25):
            with ivy.db.write():
                count = ivy.db.row("SELECT virtual_now FROM clock")
                ivy.db.changed("UPDATE clock SET virtual_now = ?", (count or (0,))[0] + 1)

    jobs.set_clock(ivy, ivy.clock.now())
    [(before,)] = rows(ivy.folder / "ivy.db", "SELECT virtual_now FROM clock")
    threads = [Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(ivy.folder / "ivy.db", "SELECT virtual_now FROM clock") == [(before + 200,)]


def test_no_request_or_job_scans_a_table_that_grows(driver: Driver, ivy: Ivy) -> None:
    """Every statement of a whole day and of every route, explained by SQLite itself."""
    statements: set[str] = set()
    db.query_hooks.append(lambda event: statements.add(event.sql))
    try:
        _use_everything(driver, ivy)
    finally:
        db.query_hooks.clear()
    assert len(statements) > 60
    scans = [(line, sql) for sql in sorted(statements) for line in _plan(sql) if _is_full_scan(line)]
    assert not scans, "\n".join(f"{line}: {sql}" for line, sql in scans)


def _use_everything(driver: Driver, ivy: Ivy) -> None:
    driver.clock("2026-05-04T04:30:00Z")
    ana = driver.callable_member()
    workout = ana.plan("2026-05-04", plannedTime="09:00")
    driver.advance("2026-05-04T17:00:00Z")
    ana.complete(workout)
    ana.patch("/api/users/me", {"timezone": "America/New_York"})
    ana.patch(f"/api/workouts/{workout['id']}", {"activity": "Row"})
    for text in ("done", "hello"):
        driver.post("/simulator/messages", {"from": "+447700900101", "channel": "sms", "text": text})
    for path in (
        "workouts",
        "donations",
        "donations/impact-wallet",
        "donations/stats",
        "donations/charities",
        "stats",
        "stats/streak",
    ):
        ana.get(f"/api/{path}")
    ana.get("/api/workouts", status="PLANNED", startDate="2026-05-01", endDate="2026-05-09")
    ana.get("/api/donations", donationType="COMPLETION", charityId=driver.charity())
    driver.client.post("/api/auth/verify", json={"email": ana.email, "code": "000000"})
    driver.outbox(to=ana.email)
    driver.get("/simulator/phone", userId=ana.id)
    assert driver.client.get("/").status_code == 200
    for job in jobs.TIMETABLE:
        if job.name != "plan_calls":  # by hand it looks at everybody on purpose
            driver.job(job.name)


def _plan(sql: str) -> list[str]:
    if not re.match(r"(SELECT|UPDATE|DELETE|INSERT)\b", sql):
        return []
    with db.read():
        marks = ("x",) * sql.count("?")
        return [row[3] for row in db.execute_sql(f"EXPLAIN QUERY PLAN {sql}", marks).fetchall()]


def _is_full_scan(line: str) -> bool:
    found = re.match(r'SCAN "?(\w+)"?', line)
    if not found or found[1] in SMALL or found[1].startswith("("):
        return False
    return "USING" not in line and "CONSTANT ROW" not in line and "SUBQUERY" not in line


def test_reads_see_one_snapshot(open_engine: Callable[..., Ivy]) -> None:
    ivy = open_engine()
    with ivy.db.read():
        before = ivy.db.row("SELECT COUNT(*) FROM charity")
        writer = sqlite3.connect(ivy.folder / "ivy.db")
        with writer:
            writer.execute("DELETE FROM charity")
        writer.close()
        assert ivy.db.row("SELECT COUNT(*) FROM charity") == before
    with ivy.db.read():
        assert ivy.db.row("SELECT COUNT(*) FROM charity") == (0,)
