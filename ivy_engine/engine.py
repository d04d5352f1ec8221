"""Ivy: everything one running engine consists of, built once by open_ivy() and closed by close()."""

import fcntl
import os
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import reset_tzpath

from ivy_engine.clock import Clock
from ivy_engine.keys import Keys, load_keys
from ivy_engine.plugins.contract import Providers, Simulator, Surroundings
from ivy_engine.plugins.http import Seam
from ivy_engine.plugins.table import NotOffered, build
from ivy_engine.settings import Settings, SettingsError
from ivy_engine.store import clockwork
from ivy_engine.store.db import Database, NewerDatabase, db
from ivy_engine.workers import Workers


class FolderInUse(Exception):
    """Another process serves this data folder."""


class FolderLock:
    """Held by the one process that runs jobs and sets the clock. Raises FolderInUse when another one holds it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._descriptor)
            raise FolderInUse(f"the data folder {folder} is in use by another Ivy process") from None

    def release(self) -> None:
        os.close(self._descriptor)


@dataclass
class Ivy:
    """Passed as the first argument to every action."""

    settings: Settings
    folder: Path
    clock: Clock
    keys: Keys
    db: Database
    workers: Workers
    providers: Providers
    simulator: Simulator
    seam: Seam
    run: str  # the id of this run, which claims carry
    lock: FolderLock | None = None
    _saved_now: object = field(default=None, repr=False)

    def later(self, job: str, *ids: str) -> None:
        """After the outermost commit, wake the workers for rows of a job that are due now."""
        self.db.later(lambda: self.workers.wake(job, list(ids)))

    @property
    def holds_folder(self) -> bool:
        return self.lock is not None

    def keep_clock(self) -> None:
        """Before each commit: the virtual clock is saved with the first change that was made at its time."""
        now = self.clock.now() if self.clock.virtual else None
        if self.holds_folder and now != self._saved_now:
            clockwork.save_virtual_now(now)
            self.db.later(lambda: setattr(self, "_saved_now", now))

    def close(self, drain_seconds: float = 4.0) -> None:
        self.workers.stop(drain_seconds)
        self.workers.close()
        self.seam.close()
        self.simulator.close()
        self.db.close_all()
        if self.lock is not None:
            self.lock.release()
            self.lock = None


def open_ivy(settings: Settings, lock: FolderLock | None = None) -> Ivy:
    """Open the data folder, creating what is missing. Raises SettingsError when it cannot be used as configured.

    With a lock on the folder this process runs jobs and sets the clock; without one it only reads and writes rows.
    """
    folder = settings.data_dir
    reset_tzpath(())  # the zones that are installed with us, not those of the machine: the same hours everywhere
    try:
        folder.mkdir(parents=True, exist_ok=True)
        keys = load_keys(settings.security.secret.get_secret_value(), folder)
        if not os.access(folder, os.W_OK):
            raise PermissionError(f"{folder} is not writable")
        db.open(folder / "ivy.db", keys, settings.store.synchronous)
        workers = Workers(folder / "queue.db", settings.jobs.threads)
    except (OSError, ValueError) as error:
        raise SettingsError(f"the data folder {folder} cannot be used: {error}") from None
    except NewerDatabase as error:
        raise SettingsError(str(error)) from None
    with db.read():
        virtual = clockwork.virtual_now()
    clock = Clock(virtual)
    seam = Seam()
    around = Surroundings(clock.now, clock.wall, settings.public_url)
    try:
        built = build(settings, folder, lambda purpose: keys.derive(purpose).hex(), around, seam)
    except (NotOffered, OSError) as error:
        workers.close()
        db.close_all()
        raise SettingsError(str(error)) from None
    ivy = Ivy(
        settings=settings, folder=folder, clock=clock, keys=keys, db=db, workers=workers, providers=built.providers,
        simulator=built.world, seam=seam, run=clock.new_token()[:16], lock=lock, _saved_now=virtual,
    )  # fmt: skip
    db.before_commit = ivy.keep_clock
    return ivy
