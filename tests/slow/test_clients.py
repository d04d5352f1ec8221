"""The guide to typed clients is true: its commands make clients of the document, its programs pass the compiler and run."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.process import Engine

pytestmark = pytest.mark.slow

GUIDE = (Path(__file__).parents[2] / "docs" / "clients.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ADDRESS = "http://127.0.0.1:8080"
Change = tuple[str, str, str]  # what stands in the program, what stands there instead, what is said of it
Told = subprocess.CompletedProcess[str]


def blocks(chapter: str, language: str) -> list[str]:
    text = GUIDE.partition(f"\n## {chapter}\n")[2].partition("\n## ")[0]
    return [block for name, block in BLOCK.findall(text) if name == language]


class Project:
    """A folder in which a chapter's commands run, with the client that they have made there."""

    def __init__(self, folder: Path, engine: Engine, chapter: str, language: str, file: str) -> None:
        self._folder, self._engine, self._file = folder, engine, file
        [self.program] = blocks(chapter, language)
        make, use = blocks(chapter, "sh")
        self._check, self._run = use.splitlines()
        for commands in (FETCH, make):
            told = self.told(commands)
            assert told.returncode == 0, told.stdout + told.stderr

    def told(self, commands: str) -> Told:
        """What commands of the guide say, with the project's own programs first on the path, and Ivy's after them."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("IVY_")}
        path = [str(self._folder / ".venv" / "bin"), str(Path(sys.executable).parent), kept["PATH"]]
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands.replace(ADDRESS, self._engine.url)],
            cwd=self._folder, env={**kept, "PATH": os.pathsep.join(path)}, capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    def checked(self) -> Told:
        (self._folder / self._file).write_text(self.program.replace(ADDRESS, self._engine.url), "utf-8")
        return self.told(self._check)

    def ran(self) -> Told:
        return self.told(self._run)

    def complaints(self, changes: Sequence[Change]) -> list[list[str]]:
        """What the check says of each changed program. One run for all: the client's types are read once."""
        names = [f"wrong{number}{Path(self._file).suffix}" for number, _ in enumerate(changes)]
        for name, (right, wrong, _) in zip(names, changes, strict=True):
            assert self.program.count(right) == 1, right
            (self._folder / name).write_text(self.program.replace(right, wrong), "utf-8")
        told = self.told(self._check.replace(self._file, " ".join(names)))
        assert told.returncode != 0
        said = re.split(r"\n(?! )", told.stdout)  # what a complaint goes on with is indented
        return [[one for one in said if one.startswith(name)] for name in names]


FETCH, PRINT = blocks("The document", "sh")
[PRINTED] = blocks("TypeScript", "text")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("engine") / "data") as engine:
        yield engine


@pytest.fixture(scope="module")
def typescript(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Project:
    assert shutil.which("npm"), "these tests need Node.js and npm: on Debian or Ubuntu, apt install nodejs npm"
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "package.json").write_text('{"private": true}')  # or npm looks for one in the folders above
    return Project(folder, engine, "TypeScript", "ts", "first.mts")


@pytest.fixture(scope="module")
def python(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("python"), engine, "Python", "python", "first.py")


def test_the_document_is_the_same_with_and_without_an_engine(python: Project) -> None:
    served, printed = (json.loads(python.told(f"{commands}\ncat openapi.json").stdout) for commands in (FETCH, PRINT))
    assert {**served, "servers": None} == {**printed, "servers": None}


def test_the_typescript_program_runs(typescript: Project) -> None:
    _compiles_and_runs(typescript)


def test_the_python_program_runs(python: Project) -> None:
    _compiles_and_runs(python)


def _compiles_and_runs(project: Project) -> None:
    checked = project.checked()
    assert checked.returncode == 0, checked.stdout
    ran = project.ran()
    assert (ran.returncode, ran.stdout) == (0, PRINTED), ran.stderr


def test_wrong_typescript_programs_do_not_compile(typescript: Project) -> None:
    _are_refused(
        typescript,
        [
            ('firstName: "Ana"', 'firstname: "Ana"', "'firstname' does not exist"),
            ('lastName: "Li",', "", "'lastName' is missing"),
            ('activity: "Run"', "activity: 5", "'number' is not assignable to type 'string'"),
            ('"COMPLETED"', '"DONE"', "'\"DONE\"' is not assignable"),
            ('kind: "email"', 'kind: "letter"', "'\"letter\"' is not assignable"),
            ('"/api/workouts",', '"/api/workout",', "'\"/api/workout\"' is not assignable"),
            ("params: { path: { id: planned.id } },", "", "'params' is missing"),
            ("donations.lifetimeTotal", "donations.total", "'total' does not exist"),
            ("if (!done.donation) throw", "if (false) throw", "'done.donation' is possibly 'null'"),
        ],
    )


def test_wrong_python_programs_do_not_pass(python: Project) -> None:
    _are_refused(
        python,
        [
            ('first_name="Ana"', 'firstname="Ana"', 'Unexpected keyword argument "firstname"'),
            ('last_name="Li",', "", 'argument "last_name"'),
            ('activity="Run"', "activity=5", 'incompatible type "int"; expected "str"'),
            ("WorkoutCompletionStatus.COMPLETED", "WorkoutCompletionStatus.DONE", 'has no attribute "DONE"'),
            ("donations.lifetime_total", "donations.total", 'has no attribute "total"'),
            ("assert isinstance(done.donation, Donation), done.donation_skipped_reason", "", 'Item "None" of "Donation | None"'),
            ("assert isinstance(stats, StatsOverviewResponse200), stats", "", 'has no attribute "data"'),
        ],
    )


def _are_refused(project: Project, changes: Sequence[Change]) -> None:
    for (_, wrong, complaint), said in zip(changes, project.complaints(changes), strict=True):
        assert any(complaint in one for one in said), (wrong, said)
