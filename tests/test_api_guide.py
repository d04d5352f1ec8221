"""The API guide is true: its requests run against a started engine, its tables know every route and every code."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ivy_engine.web.app import API
from ivy_engine.web.errors import STATUS
from tests.process import Engine

GUIDE = (Path(__file__).parents[1] / "docs" / "api.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```\n+```json\n(.*?)```", GUIDE, re.DOTALL)
BETWEEN = "----- the next answer -----"


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="curl or jq is not installed")
def test_every_request_gives_the_answer_that_stands_below_it(tmp_path: Path) -> None:
    assert len(BLOCKS) == GUIDE.count("```sh") == GUIDE.count("```json") > 10
    script = f"\necho '{BETWEEN}'\n".join(commands for commands, _ in BLOCKS)
    with Engine(tmp_path / "data") as engine:
        script = script.replace("http://127.0.0.1:8080", engine.url)
        told = subprocess.run(["bash", "-eu", "-c", script], text=True, capture_output=True, timeout=60)
    assert told.returncode == 0, told.stderr
    answers = told.stdout.split(BETWEEN)
    for (commands, wanted), answer in zip(BLOCKS, answers, strict=True):
        missing = differences(json.loads(wanted), json.loads(answer))
        assert not missing, f"{commands}\n{missing}\n{answer}"


def differences(wanted: Any, found: Any, at: str = "") -> list[str]:
    """What the guide shows and the answer does not have; `<any>` stands for any value that is there."""
    if wanted == "<any>":
        return [] if found not in (None, "") else [f"{at}: nothing is there"]
    if isinstance(wanted, dict) and isinstance(found, dict):
        gone = [f"{at}.{name} is not there" for name in wanted if name not in found]
        return gone + [
            line for name in wanted if name in found for line in differences(wanted[name], found[name], f"{at}.{name}")
        ]
    if isinstance(wanted, list) and isinstance(found, list):
        if len(wanted) > len(found) or (found and not wanted):  # an empty list is no beginning of another
            return [f"{at}: {len(found)} instead of {len(wanted)}"]
        return [line for place, item in enumerate(wanted) for line in differences(item, found[place], f"{at}[{place}]")]
    return [] if wanted == found and type(wanted) is type(found) else [f"{at}: {found!r} instead of {wanted!r}"]


def test_what_a_difference_is() -> None:
    assert differences({"a": [1, "<any>"]}, {"a": [1, "x", 3], "b": 2}) == []
    for wanted, found in (
        ({"a": 1}, {}),
        ({"a": 1}, {"a": "1"}),
        ([1, 2], [1]),
        ([], [1]),
        ("<any>", None),
        ({"a": {}}, {"a": 1}),
    ):
        assert differences(wanted, found)


def test_every_route_stands_in_its_table() -> None:
    table = GUIDE.partition("## Every route")[2]
    told = re.findall(r"`((?:GET|POST|PATCH|PUT|DELETE) /api[^`]*)`", table)
    assert sorted(told) == sorted(f"{route.method} {route.path}" for route in API)


def test_every_code_stands_in_its_table() -> None:
    told = re.findall(r"^\| (\d{3}) \| `([A-Z_]+)` \|", GUIDE, re.MULTILINE)
    assert sorted((code, int(status)) for status, code in told) == sorted(STATUS.items())
