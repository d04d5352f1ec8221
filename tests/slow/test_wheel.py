"""The wheel, as a stranger meets it: installed in an empty environment, started in an empty folder with an empty home.

It stays in `dist/`, so that what was examined is what can be published.
"""

import re
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from ivy_engine import __version__
from tests.driver import Driver

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
WHEEL = ROOT / "dist" / f"ivy_engine-{__version__}-py3-none-any.whl"
LISTENS = re.compile(r"^Ivy \S+ listens on (http://127\.0\.0\.1:\d+)$")


@pytest.fixture(scope="module")
def wheel() -> Path:
    """Built by way of the source archive: a wheel built in the tree would keep modules that are gone in build/lib."""
    subprocess.run([sys.executable, "-m", "build", "--outdir", WHEEL.parent, ROOT], check=True)
    return WHEEL


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `ivy` of an environment that holds nothing but the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", wheel], check=True)
    return folder / "bin" / "ivy"


def test_the_wheel_carries_every_file_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if name.startswith("ivy_engine/")}
    package = ROOT / "ivy_engine"
    files = (path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc")
    assert carried == {str(path.relative_to(ROOT)) for path in files}
    for part in (
        "wording/catalogue.toml",
        "wording/en-GB/messages.toml",
        "web/pages/templates/",
        "web/pages/static/",
        "store/migrations/0001",
    ):
        assert any(name.startswith(f"ivy_engine/{part}") for name in carried), f"no {part}"


def test_it_installs_no_development_tools(program: Path) -> None:
    asked = [program.with_name("pip"), "list", "--format=freeze"]
    installed = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    assert "ivy-engine==" in installed
    assert not {"pytest", "mypy", "hypothesis", "retell-sdk"} & {line.partition("==")[0] for line in installed.split()}


def test_it_serves_from_an_empty_folder(program: Path, tmp_path: Path) -> None:
    with serving(program, tmp_path) as (process, url), httpx.Client(base_url=url, timeout=20) as client:
        assert client.get("/health").json()["status"] == "ok"

        page = client.get("/")
        assert page.headers["Content-Type"].startswith("text/html")
        [sheet] = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
        styles = client.get(sheet)
        assert (styles.status_code, styles.headers["Content-Type"].partition(";")[0]) == (200, "text/css")
        assert "{" in styles.text

        driver = Driver(client)
        assert len(driver.get("/api/donations/charities")) == 5
        user = driver.sign_up()
        [mail] = driver.until(lambda: driver.outbox(kind="email", to=user["email"]))
        assert mail["token"] in mail["body"]

        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=10)[1]
        assert process.returncode == 0, said
        assert "Traceback" not in said


@contextmanager
def serving(program: Path, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`ivy serve` on a free port, knowing nothing of this machine but where its tools are. Yields it and its address."""
    home, work = folder / "home", folder / "work"
    home.mkdir()
    work.mkdir()
    process = subprocess.Popen(
        [program, "serve", "--port", "0"],
        cwd=work, env={"PATH": "/usr/bin:/bin", "HOME": str(home)}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = threading.Timer(30, process.kill)
    deadline.start()
    with process:
        try:
            yield process, _address(process)
        finally:
            deadline.cancel()
            process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if found := LISTENS.match(line):
            return found[1]
    raise AssertionError(f"it ended without listening:\n{''.join(said)}")
