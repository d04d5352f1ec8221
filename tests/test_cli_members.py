"""`ivy member` and `ivy ledger verify`, beside a running engine and alone: data on stdout, exit codes of the contract."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import rows
from tests.process import Engine
from tests.test_cli import Ended, ivy

UNKNOWN = "0199a1b2-1234-7abc-8def-0123456789ab"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("members") / "data"
    with Engine(folder) as engine:
        engine.driver.clock("2026-05-04T08:00:00Z")
        for name in ("ana", "bob", "dana"):
            engine.driver.sign_up(f"{name}@example.com")
        yield engine


def command(engine: Engine, *words: str) -> Ended:
    return ivy(*words, cwd=engine.folder.parent, IVY_DATA_DIR=str(engine.folder))


def test_members_are_listed(engine: Engine) -> None:
    listed = command(engine, "member", "list", "--json")
    assert listed.returncode == 0
    assert [row["email"] for row in json.loads(listed.stdout)] == ["ana@example.com", "bob@example.com", "dana@example.com"]
    for_people = command(engine, "member", "list")
    assert "ana@example.com" in for_people.stdout
    assert "FREE" in for_people.stdout
    assert ("members_listed", "command_line") in rows(engine.folder / "ivy.db", "SELECT action, actor_role FROM audit")


def test_a_link_signs_in_on_the_running_engine(engine: Engine) -> None:
    made = command(engine, "member", "link", "ANA@example.com")
    assert made.returncode == 0
    token = made.stdout.strip().partition("?token=")[2]
    assert engine.driver.post("/api/auth/verify", {"token": token})["user"]["email"] == "ana@example.com"
    assert command(engine, "member", "link", "nobody@example.com").returncode == 4


def test_roles_and_assignments(engine: Engine) -> None:
    granted = command(engine, "member", "role", "dana@example.com", "coach", "--json")
    assert json.loads(granted.stdout)["role"] == "coach"
    ana = json.loads(command(engine, "member", "list", "--json").stdout)[0]["id"]
    assigned = command(engine, "member", "assign", "dana@example.com", "bob@example.com", ana, "--json")
    assert len(json.loads(assigned.stdout)["members"]) == 2
    dana = engine.driver.member_again(engine.driver.named("dana@example.com"))
    assert dana.get(f"/api/users/{ana}")["email"] == "ana@example.com"
    assert "superadmin" in command(engine, "member", "role", "bob@example.com", "superadmin").stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("role", "nobody@example.com", "coach"), 4),
        (("role", "bob@example.com", "king"), 2),
        (("role", "bob@example.com", "admin"), 2),
        (("role", "bob@example.com", "admin", "--company", UNKNOWN), 4),
        (("assign", "ana@example.com", "bob@example.com"), 5),
        (("assign", "ana@example.com"), 2),
        (("assign", "nobody@example.com", "bob@example.com"), 4),
        (("link",), 2),
    ],
)
def test_what_cannot_be_is_refused(engine: Engine, words: tuple[str, ...], code: int) -> None:
    ended = command(engine, "member", *words)
    assert ended.returncode == code
    assert ended.stdout == ""
    assert ended.stderr


def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    for words in (("member", "list"), ("ledger", "verify")):
        assert ivy(*words, cwd=tmp_path, IVY_DATA_DIR="nowhere").returncode == 4
    assert not (tmp_path / "nowhere").exists()


def test_the_ledger_is_verified_and_a_bad_row_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Engine(folder) as engine:
        engine.driver.clock("2026-05-04T08:00:00Z")
        ana = engine.driver.member()
        for _ in range(3):
            ana.complete(ana.plan("2026-05-04"))
        right = command(engine, "ledger", "verify", "--json")
        assert (right.returncode, json.loads(right.stdout)) == (0, {"rows": 3, "total": 3, "currency": "GBP", "bad": None})
        assert "every sum and cap is right" in command(engine, "ledger", "verify").stdout
    changed = ivy("serve", "--port", "0", cwd=folder.parent, IVY_DATA_DIR=str(folder), IVY_GIVING__CURRENCY="EUR")
    assert (changed.returncode, "the ledger is in GBP" in changed.stderr) == (3, True)
    second = rows(folder / "ivy.db", "SELECT id FROM donation ORDER BY rowid")[1][0]
    with sqlite3.connect(folder / "ivy.db") as connection:  # only by force: the triggers refuse it
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute("UPDATE donation SET amount = 99 WHERE id = ?", (second,))
        connection.execute("DROP TRIGGER donation_is_final")
        connection.execute("UPDATE donation SET amount = 99 WHERE id = ?", (second,))
    connection.close()
    wrong = command(engine, "ledger", "verify", "--json")
    assert wrong.returncode == 6
    assert json.loads(wrong.stdout)["bad"]["id"] == second
    assert "Row 2" in wrong.stderr
    assert second in command(engine, "ledger", "verify").stderr


def test_a_safety_hold_is_ended_by_an_operator(engine: Engine) -> None:
    """R-151."""
    engine.driver.callable_member(email="held@example.com", phone="+447700900190")
    assert command(engine, "member", "release", "held@example.com").returncode == 5
    assert command(engine, "member", "release", "nobody@example.com").returncode == 4
    engine.driver.post("/simulator/messages", {"from": "+447700900190", "channel": "whatsapp", "text": "I want to die"})
    held = "SELECT hold_why FROM member WHERE email = 'held@example.com'"
    assert rows(engine.folder / "ivy.db", held) == [("self_harm",)]
    ended = command(engine, "member", "release", "HELD@example.com", "--json")
    assert json.loads(ended.stdout) == {"email": "held@example.com", "held": False}
    assert rows(engine.folder / "ivy.db", held) == [(None,)]
    assert ("safety_hold_ended", "command_line") in rows(engine.folder / "ivy.db", "SELECT action, actor_role FROM audit")
