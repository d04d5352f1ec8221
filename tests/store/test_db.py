"""The database: migrations with a copy before, refusals, encryption, indexes, transactions that join."""

import re
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from ivy_engine import jobs
from ivy_engine.actions import rhythms, seeds, streaks
from ivy_engine.engine import FolderLock, Ivy, open_ivy
from ivy_engine.settings import Settings, SettingsError
from ivy_engine.store import db as db_module
from ivy_engine.store import job_runs, members
from ivy_engine.store.calls import Call
from ivy_engine.store.db import Table, db
from ivy_engine.store.giving import Charity, Wallet
from ivy_engine.store.inbound import InboundEvent
from ivy_engine.store.members import Member
from ivy_engine.store.messages import Message
from ivy_engine.store.workouts import Workout
from ivy_engine.web import cursors
from tests.conftest import rows
from tests.driver import Driver, Person

# Tables that do not grow with members or time
SMALL = {"charity", "company", "clock", "job_run"}


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


def test_members_of_the_first_version_move_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Migration 0002 gives everybody a streak record, a wallet period and a next closing; their days are closed soon."""
    steps = tmp_path / "migrations"
    shutil.copytree(db_module.MIGRATIONS, steps)
    later = [step for step in steps.glob("0*.py") if not step.name.startswith("0001")]
    for step in later:
        step.rename(tmp_path / step.name)
    monkeypatch.setattr(db_module, "MIGRATIONS", steps)
    settings = Settings(data_dir=tmp_path / "data")
    first = open_ivy(settings)
    nothing = first.keys.encrypt("[]")
    first.close()
    with sqlite3.connect(tmp_path / "data" / "ivy.db") as connection:
        connection.executescript(MEMBER_OF_0001.replace("NOTHING", nothing))
    connection.close()
    for step in later:
        (tmp_path / step.name).rename(step)
    ivy = open_ivy(settings, FolderLock(settings.data_dir))
    jobs.prepare(ivy)
    jobs.set_clock(ivy, datetime(2026, 5, 8, 12, tzinfo=UTC))
    assert streaks.details(ivy, "m1").longest_streak == 1
    jobs.advance(ivy, datetime(2026, 5, 8, 12, 30, tzinfo=UTC))
    assert streaks.details(ivy, "m1").longest_streak == 1
    ivy.close()
    found = rows(tmp_path / "data" / "ivy.db", "SELECT status FROM workout ORDER BY id")
    assert found == [("COMPLETED",), ("MISSED",)]
    assert rows(tmp_path / "data" / "ivy.db", "SELECT longest, longest_start FROM streak_record") == [(1, "2026-05-04")]
    assert rows(tmp_path / "data" / "ivy.db", "SELECT month_start IS NOT NULL, roll_due_at > 0 FROM wallet") == [(1, 1)]


# 2026-05-04 12:00 UTC is 1777896000000
MEMBER_OF_0001 = """
INSERT INTO member (id, email, first_name, last_name, timezone, role, subscription_tier, subscription_status, track, goal,
  weekly_call_enabled, call_frequency, weekly_goal, google_calendar_connected, outlook_calendar_connected,
  communication_preference, obstacles, status, is_active, is_onboarded, created_at, updated_at)
  VALUES ('m1', 'm1@example.com', 'A', 'B', 'Europe/London', 'user', 'FREE', 'active', 't', 'g', 1, 2, 3, 0, 0, 'calls',
  'NOTHING', 'active', 1, 0, 1777896000000, 1777896000000);
INSERT INTO account (member_id) VALUES ('m1');
INSERT INTO wallet VALUES ('w1', 'm1', 2000, 300, 1777896000000, 1777896000000);
INSERT INTO workout (id, member_id, planned_date, activity, status, completed_at, is_rest, is_minimum, credited_date,
  created_at, updated_at) VALUES
  ('a', 'm1', '2026-05-04', 'Run', 'COMPLETED', 1777896000000, 0, 0, '2026-05-04', 1777896000000, 1777896000000),
  ('b', 'm1', '2026-05-05', 'Run', 'PLANNED', NULL, 0, 0, NULL, 1777896000000, 1777896000000);
"""


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
        "donations/receipts",
        "donations/charities",
        "stats",
        "stats/streak",
        "stats/streak/explain",
        "stats/weekly",
        "stats/monthly",
        "stats/transformation/latest",
        "auth/sessions",
    ):
        ana.get(f"/api/{path}")
    ana.get("/api/workouts", status="PLANNED", startDate="2026-05-01", endDate="2026-05-09")
    ana.get("/api/donations", donationType="COMPLETION", charityId=driver.charity())
    driver.client.post("/api/auth/verify", json={"email": ana.email, "code": "000000"})
    driver.outbox(to=ana.email)
    span = {"startDate": "2026-05-01", "endDate": "2026-05-09"}
    ana.post("/api/stats/transformation", {"energyScore": 5}, 201)
    ana.post("/api/stats/life-markers", {"marker": "Stairs", "category": "physical"}, 201)
    for path in ("donations", "stats/transformation", "stats/life-markers"):
        ana.get(f"/api/{path}", **span)
    noon = "2026-05-04T12:00:00+00:00"
    for path, since in {"workouts": noon[:10], "donations": noon, "stats/life-markers": noon}.items():
        ana.get(f"/api/{path}", limit=1, cursor=cursors.written((since, "x")))
    _as_operator_and_stranger(driver, ana)
    driver.get("/simulator/phone", userId=ana.id)
    assert driver.client.get("/").status_code == 200
    _let_everybodys_turn_come(driver, ivy)
    for job in jobs.TIMETABLE:
        if job.name != "plan_calls":  # by hand it looks at everybody on purpose
            driver.job(job.name)


def _let_everybodys_turn_come(driver: Driver, ivy: Ivy) -> None:
    """A quiet member's week and month: the summary, the pulse, the check-in, bedtime, the receipt; then an illness."""
    bob = driver.member(phone="+447700900109")
    bob.post("/api/users/me/onboard")
    bob.complete(bob.plan("2026-05-04"))
    bob.plan("2026-05-05", plannedTime="12:00")
    with ivy.db.write():
        row = members.existing(bob.id)
        row.preferences = {"bedtime": "22:00"}
        rhythms.follow_bedtime(row, ivy.clock.now())
    driver.advance("2026-05-15T18:00:00Z")
    driver.member_again(bob).post("/api/users/me/pause", {"reason": "sick"})
    driver.advance("2026-06-01T12:00:00Z")


def _as_operator_and_stranger(driver: Driver, ana: Person) -> None:
    """What others do, what is done twice, and the end."""
    boss = driver.operator()
    coach = driver.member()
    driver.post("/simulator/operator", {"email": coach.email, "role": "coach", "members": [ana.id]})
    coach.get(f"/api/users/{ana.id}")
    boss.patch(f"/api/users/{ana.id}", {"timezone": "Europe/London"})
    boss.post("/api/donations/manual", {"userId": ana.id, "charityId": driver.charity(), "amount": 1}, 201)
    ana.patch("/api/donations/impact-wallet", {"dailyCap": 2})
    _as_operator_of_queues(boss)
    for _ in range(2):
        ana.call("POST", "/api/workouts", {"plannedDate": "2026-05-05", "activity": "Swim"}, headers={"Idempotency-Key": "k"})
    ana.delete(f"/api/workouts/{ana.plan('2026-05-05')['id']}")
    token = driver.member_again(ana).refresh
    for _ in range(2):
        driver.client.post("/api/auth/refresh", json={"refreshToken": token})
    ana.delete(f"/api/auth/sessions/{ana.get('/api/auth/sessions')[0]['id']}")
    driver.member_again(ana).delete(f"/api/users/{ana.id}")


def _as_operator_of_queues(boss: Person) -> None:
    queues = boss.get("/api/admin/jobs")
    assert [one["queue"] for one in queues] == ["call-schedule", "messages", "donations"]
    for one in queues:
        for more in ({}, {"cursor": cursors.written(("2026-05-04T12:00:00+00:00", "x"))}):
            boss.get(f"/api/admin/jobs/{one['queue']}/failed", **more)
    unknown = "0199a1b2-1234-7abc-8def-0123456789ab"
    assert boss.call("POST", f"/api/admin/jobs/messages/{unknown}/retry").status_code == 404
    with db.read():
        assert not job_runs.is_followed(unknown)
        assert not job_runs.is_said_otherwise(Message(id=unknown, fallback_of_id=unknown))


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


@pytest.mark.parametrize("table", [Call, Charity, InboundEvent, Member, Message, Wallet, Workout])
def test_the_query_that_is_built_once_finds_what_peewee_would(driver: Driver, ivy: Ivy, table: type[Table]) -> None:
    """DESIGN 3.9: every column, as Python values; and nothing is marked as changed."""
    ana = driver.callable_member()
    ana.plan("2026-05-04", notes="x")
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "text": "done"})
    with ivy.db.read():
        key = table.select().first().id
        by_peewee, at_once = table.get(table.id == key), table.one("id", key)
        assert at_once is not None
        assert at_once.__data__ == by_peewee.__data__
        assert at_once.dirty_fields == []
        assert table.one("id", "nobody") is None
