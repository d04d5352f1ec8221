"""What the README shows works as it stands there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.process import Engine

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def test_the_two_commands_stand_on_the_first_screen() -> None:
    first_screen = "\n".join(README.splitlines()[:25])
    for words in ("make demo", "make test", "docs/day.svg"):
        assert words in first_screen


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_day_with_curl(tmp_path: Path) -> None:
    found = re.search(r"## A day with curl\n\n```sh\n(.*?)```", README, re.DOTALL)
    assert found
    with Engine(tmp_path / "data") as engine:
        script = found[1].replace("http://127.0.0.1:8080", engine.url)
        told = subprocess.run(["bash", "-eu", "-c", script], text=True, capture_output=True, timeout=60)
    assert told.returncode == 0, told.stderr
    assert '"success":false' not in told.stdout
    assert '"streak":{"current":1,"longest":1,' in told.stdout
    assert '"donations":{"lifetimeTotal":1,' in told.stdout


def test_every_page_it_links_to_is_there() -> None:
    root = Path(__file__).parents[1]
    for page in (root / "README.md", root / "CONTRIBUTING.md", *(root / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
