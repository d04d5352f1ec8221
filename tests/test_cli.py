"""The `ivy` command as an operator uses it: exit codes, clear sentences, a graceful end."""

import fcntl
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ivy_engine import __version__
from ivy_engine.cli import main
from ivy_engine.engine import open_ivy
from ivy_engine.settings import Settings
from tests.conftest import rows
from tests.process import Engine


@dataclass
class Ended:
    returncode: int
    stdout: str
    stderr: str


def ivy(*words: str, cwd: Path, **environment: str) -> Ended:
    """The command in this process, in a folder and with an environment of its own."""
    before, kept = Path.cwd(), {name: None for name in os.environ if name.startswith("IVY_")}
    os.chdir(cwd)
    try:
        result = CliRunner().invoke(main, words, env={**kept, **environment}, prog_name="ivy")
    finally:
        os.chdir(before)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(autouse=True)
def quiet_log() -> Iterator[None]:
    """The command sets up the log of the whole process: put it back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_version_and_usage(tmp_path: Path) -> None:
    assert ivy("--version", cwd=tmp_path).stdout == f"ivy, version {__version__}\n"
    assert ivy("serve", "--port", "x", cwd=tmp_path).returncode == 2
    assert ivy("dance", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"IVY_WEB__PROT": "1"}, "did you mean web.port?"),
        ({"IVY_ENVIRONMENT": "production"}, "https://"),
        ({"IVY_RETELL__API_KEY": "k", "IVY_RETELL__FROM_NUMBER": "+15005550006"}, "no live voice yet"),
        ({"IVY_SMTP__MODE": "live"}, "smtp"),
        ({"IVY_DATA_DIR": "/proc/ivy"}, "data folder"),
    ],
)
def test_a_configuration_that_cannot_be_ends_with_3(tmp_path: Path, environment: dict[str, str], says: str) -> None:
    ended = ivy("serve", "--port", "0", cwd=tmp_path, **environment)
    assert ended.returncode == 3
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_unreadable_settings_file_ends_with_3(tmp_path: Path) -> None:
    (tmp_path / "ivy.toml").write_text("[web")
    ended = ivy("serve", cwd=tmp_path)
    assert ended.returncode == 3
    assert "ivy.toml is not valid TOML" in ended.stderr
    assert not (tmp_path / "data").exists()


def test_a_newer_database_ends_with_3(tmp_path: Path) -> None:
    opened = open_ivy(Settings(data_dir=tmp_path / "data"))
    with opened.db.write():
        opened.db.changed("INSERT INTO schema_migration (name, applied) VALUES ('0099_future', '2030-01-01')")
    opened.close()
    ended = ivy("serve", "--port", "0", cwd=tmp_path)
    assert ended.returncode == 3
    assert "newer version" in ended.stderr


def test_a_port_in_use_ends_with_5(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "ivy_engine", "serve", "--port", port]
        ended = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True, timeout=60)
    assert ended.returncode == 5
    assert f"Port {port}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_second_process_on_the_folder_ends_with_5(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ended = ivy("serve", "--port", "0", cwd=tmp_path)
    assert ended.returncode == 5
    assert "in use" in ended.stderr


def test_sigterm_drains_and_writes_back(tmp_path: Path) -> None:
    with Engine(tmp_path / "data") as engine:
        assert {entry["name"] for entry in engine.driver.get("/api/donations/charities")} >= {"Mind", "GiveDirectly"}
        engine.driver.sign_up()
        assert engine.stop() == 0
    assert not (tmp_path / "data" / "ivy.db-wal").exists()
    assert "Traceback" not in engine.log


def test_ctrl_c_ends_with_130_and_a_second_signal_at_once(tmp_path: Path) -> None:
    with Engine(tmp_path / "data") as engine:
        engine.process.send_signal(signal.SIGINT)
        assert engine.process.wait(12) == 130
    with Engine(tmp_path / "data") as engine:
        engine.process.send_signal(signal.SIGSTOP)  # both signals are pending when it goes on
        engine.process.send_signal(signal.SIGTERM)
        engine.process.send_signal(signal.SIGINT)
        engine.process.send_signal(signal.SIGCONT)
        assert engine.process.wait(12) in (130, 143)


def test_the_secret_file_of_the_environment_is_used(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s" * 40)
    with Engine(tmp_path / "data", IVY_SECURITY__SECRET_FILE=str(tmp_path / "secret")) as engine:
        assert engine.stop() == 0
    assert not (tmp_path / "data" / "secret.key").exists()


def states(cwd: Path, **environment: str) -> tuple[int, dict[str, Any]]:
    ended = ivy("doctor", "--json", cwd=cwd, **environment)
    return ended.returncode, {finding["subject"]: finding for finding in json.loads(ended.stdout)}


def test_doctor_says_what_is_simulated_live_and_missing(tmp_path: Path) -> None:
    code, fresh = states(tmp_path)
    assert code == 0
    assert fresh["voice (retell)"]["state"] == "simulated"
    assert "retell.api_key" in fresh["voice (retell)"]["says"]
    assert fresh["data folder"]["state"] == "new"
    assert not (tmp_path / "data").exists()

    code, production = states(tmp_path, IVY_ENVIRONMENT="production", IVY_WEB__PUBLIC_URL="https://ivy.example")
    assert code == 0
    assert production["sms (twilio)"]["state"] == "off"
    assert production["simulator"]["state"] == "off"

    code, keyed = states(tmp_path, IVY_STRIPE__API_KEY="sk_1")
    assert code == 3
    assert keyed["billing (stripe)"]["state"] == "broken"


def test_doctor_sees_a_served_folder(tmp_path: Path) -> None:
    with Engine(tmp_path / "data"):
        assert states(tmp_path)[1]["data folder"]["state"] == "running"


def test_doctor_for_people(tmp_path: Path) -> None:
    ended = ivy("doctor", cwd=tmp_path)
    assert "voice (retell)" in ended.stdout
    assert "simulated" in ended.stdout


def test_the_demo_lives_yesterday(tmp_path: Path) -> None:
    """Twice: the second run forgets the first, and nothing else in the folder."""
    (tmp_path / ".demo").mkdir()
    (tmp_path / ".demo" / "mine.txt").write_text("kept")
    for _ in range(2):
        ended = ivy("demo", "--no-serve", cwd=tmp_path)
        assert ended.returncode == 0, ended.stderr
        assert "Traceback" not in ended.stderr
        lines = {line.split()[0]: line for line in ended.stdout.splitlines() if line.strip()}
        assert "£1" in lines["Alice"] or "weekly" in lines["Alice"] or "-" in lines["Alice"]
        assert "£1.50" in lines["Bob"]
        assert lines["Charlie"].split()[2:] == ["-", "-", "-", "-", "0"]
    database = tmp_path / ".demo" / "ivy.db"
    assert rows(database, "SELECT COUNT(*) FROM member") == [(3,)]
    assert rows(database, "SELECT COUNT(*) FROM company") == [(1,)]
    assert rows(database, "SELECT virtual_now FROM clock") == [(None,)]
    assert (tmp_path / ".demo" / "mine.txt").read_text() == "kept"
