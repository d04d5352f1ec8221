"""The real program as a process: started on a data folder, killed, started again."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import httpx

from tests.conformity import AS_DESCRIBED
from tests.driver import Driver

_UNLIMITED = {f"IVY_LIMITS__{name}": "off" for name in ("API", "AUTH", "LINKS_PER_EMAIL", "CALL_START", "MESSAGE_SEND")}
PROGRAM = ("-m", "ivy_engine")  # what Python runs
_LISTENS = re.compile(r"listens on (http://\S+)\n")  # the whole line: it may be read while it is written


class Engine:
    """`ivy serve` on a free port. As a context manager it ends by SIGTERM."""

    def __init__(self, folder: Path, program: Sequence[str] = PROGRAM, **environment: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("IVY_")}
        self._environment = {**kept, "IVY_DATA_DIR": str(folder), "IVY_LOG": "json", **_UNLIMITED, **environment}
        self.folder = folder
        self._log = folder.with_suffix(".log")
        self.start(program)

    def start(self, program: Sequence[str] = PROGRAM) -> None:
        """Start, and wait for the line that says where it listens."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            began = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, *program, "serve", "--port", "0"],
                env=self._environment, stdout=subprocess.DEVNULL, stderr=log, cwd=self._log.parent,
            )  # fmt: skip
        self.url = self._address(began)
        self.client = httpx.Client(base_url=self.url, timeout=60, event_hooks=AS_DESCRIBED)
        self.driver = Driver(self.client)

    def _address(self, began: int) -> str:
        while True:
            said = self._log.read_bytes()[began:].decode()
            if found := _LISTENS.search(said):
                return found[1]
            assert self.process.poll() is None, f"the engine ended:\n{said}"

    @property
    def log(self) -> str:
        return self._log.read_text()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        self.client.close()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(12)
        self.client.close()
        return code

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self.client.close()
