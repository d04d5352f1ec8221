"""Whatever fits /openapi.json, and whatever does not, is answered as it says: schemathesis with all its checks, for each role."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process import Engine

pytestmark = pytest.mark.slow
HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
EMAIL = "fuzz@ivy.example"
FEWEST = 2000  # cases of one role: fewer would mean that something was not tried at all


@pytest.mark.parametrize("role", [None, "user", "coach", "superadmin"])
def test_every_answer_is_as_described(tmp_path: Path, role: str | None) -> None:
    with Engine(tmp_path / "data") as engine:
        if role:
            engine.driver.sign_up(EMAIL)
        if role not in (None, "user"):
            engine.driver.post("/simulator/operator", {"email": EMAIL, "role": role})
        said = schemathesis(engine.url, tmp_path, EMAIL if role else "")
    cases = re.search(r"(\d+) generated, (\d+) passed", said)
    assert cases, said[-20_000:]
    assert int(cases[1]) >= FEWEST
    assert "Traceback" not in engine.log


def schemathesis(url: str, folder: Path, email: str) -> str:
    """What the program says at its end. The simulator is left out: it moves the clock, and has tests of its own."""
    settings = {"IVY_FUZZED": url, "IVY_FUZZED_AS": email, "SCHEMATHESIS_HOOKS": "tests.slow.schemathesis_hooks"}
    program, rules = Path(sys.executable).parent / "schemathesis", HERE / "schemathesis.toml"
    ran = subprocess.run(
        [program, "--config-file", rules, "run", f"{url}/openapi.json", "--exclude-path-regex", "^/simulator/", "--no-color"],
        env={**os.environ, **settings, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=1200,
    )
    return ran.stdout + ran.stderr
