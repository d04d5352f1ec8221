"""The quickstart is true: the demo shows what stands there, and the requests run against it in their order."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest

from tests.test_api_guide import BETWEEN, differences

QUICKSTART = (Path(__file__).parents[1] / "docs" / "quickstart.md").read_text("utf-8")
ADDRESS = "http://127.0.0.1:8080"
(PAGE,) = re.findall(r"```html\n(.*?)```", QUICKSTART, re.DOTALL)
_BLOCKS = re.findall(r"```sh\n(.*?)```\n+```json\n(.*?)```", QUICKSTART, re.DOTALL)


@dataclass(frozen=True)
class Demo:
    """The demo gym, served."""

    url: str
    shown: list[str]


@contextmanager
def demo(folder: Path, **environment: str) -> Iterator[Demo]:
    """`ivy demo` as `make demo` starts it, with the limits it ships with, in a folder of its own. It ends by SIGTERM."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IVY_")}
    command = [sys.executable, "-m", "ivy_engine", "demo", "--port", "0"]
    with subprocess.Popen(
        command, env={**kept, **environment}, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            shown = _until_it_listens(process.stdout)
            Thread(target=process.stdout.read).start()  # the engine would stand still before a full pipe
            yield Demo(shown[-1].split()[-1], shown)
            process.send_signal(signal.SIGTERM)
            assert process.wait(12) == 0
        finally:
            process.kill()


def _until_it_listens(lines: Iterable[str]) -> list[str]:
    shown = []
    for line in lines:
        shown.append(line.rstrip("\n"))
        if "listens on" in line:
            return shown
    pytest.fail("\n".join(["the demo ended:", *shown]))


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="curl or jq is not installed")
def test_the_hour_in_its_order(tmp_path: Path) -> None:
    assert len(_BLOCKS) == QUICKSTART.count("```sh") == QUICKSTART.count("```json") > 10
    script = f"\necho '{BETWEEN}'\n".join(commands for commands, _ in _BLOCKS)
    with demo(tmp_path) as gym:
        script = script.replace(ADDRESS, gym.url)
        told = subprocess.run(["bash", "-eu", "-c", script], text=True, capture_output=True, timeout=60)
    assert told.returncode == 0, told.stderr
    for (commands, wanted), answer in zip(_BLOCKS, told.stdout.split(BETWEEN), strict=True):
        missing = differences(json.loads(wanted), json.loads(answer))
        assert not missing, f"{commands}\n{missing}\n{answer}"
    shown = re.search(r"\$ make demo\n(.*?)```", QUICKSTART, re.DOTALL)
    assert shown
    for line in shown[1].splitlines():
        assert line in gym.shown or line == "  ..."


def test_it_is_an_hour() -> None:
    assert sum(int(minutes) for minutes in re.findall(r"^## .* \((\d+) minutes\)$", QUICKSTART, re.MULTILINE)) == 60


def test_the_page_knows_one_address_and_needs_nothing_else() -> None:
    assert re.findall(r"\w+://[^\s\"'`]*", PAGE) == [ADDRESS]
    assert not re.findall(r"""\b(?:src|srcset|action)=|@import|url\(""", PAGE)
    assert re.findall(r"href=(\S+)>", PAGE) == ['"data:,"']
