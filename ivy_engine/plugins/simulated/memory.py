"""What the simulated providers remember: a database of their own, so that what they accepted survives a kill."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ivy_engine.plugins.contract import Fault, OutboxEntry

_TABLES = """
CREATE TABLE IF NOT EXISTS given (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL, recipient TEXT NOT NULL, template TEXT, subject TEXT,
  body TEXT, token TEXT, code TEXT, payload TEXT NOT NULL, provider_id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL,
  times INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX IF NOT EXISTS given_id ON given (id);
CREATE TABLE IF NOT EXISTS phone (
  provider_id TEXT PRIMARY KEY, state TEXT NOT NULL, request TEXT NOT NULL, started_at INTEGER, ended_at INTEGER,
  reason TEXT, analysis TEXT
);
CREATE TABLE IF NOT EXISTS webhook (
  seq INTEGER PRIMARY KEY, due INTEGER NOT NULL, provider TEXT NOT NULL, path TEXT NOT NULL, body BLOB NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, delivered_at INTEGER
);
CREATE INDEX IF NOT EXISTS webhook_due ON webhook (due, seq) WHERE delivered_at IS NULL;
CREATE TABLE IF NOT EXISTS fault (kind TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS last_inbound (number TEXT PRIMARY KEY, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS checkout (session_id TEXT PRIMARY KEY, state TEXT NOT NULL, request TEXT NOT NULL);
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ms(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def at_ms(value: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=value)


class Memory:
    """One connection behind one lock."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            self._connection.execute("PRAGMA journal_mode = wal")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_TABLES)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise OSError(f"{path}: {error}") from error

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written inside is written whole or not at all."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    def run(self, sql: str, *values: Any) -> int:
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def give(self, entry: OutboxEntry, provider_id: str) -> bool:
        """Remember what was accepted; False (and one more counted) if the provider had it already."""
        values = (
            entry.id, entry.kind, entry.to, entry.template, entry.subject, entry.body, entry.token, entry.code,
            json.dumps(dict(entry.payload)), provider_id, ms(entry.at),
        )  # fmt: skip
        added = self.run(
            "INSERT OR IGNORE INTO given (id, kind, recipient, template, subject, body, token, code, payload, "
            "provider_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *values,
        )
        if not added:
            self.run("UPDATE given SET times = times + 1 WHERE provider_id = ?", provider_id)
        return added == 1

    def post_later(self, provider: str, path: str, body: bytes, due: datetime) -> None:
        self.run("INSERT INTO webhook (due, provider, path, body) VALUES (?, ?, ?, ?)", ms(due), provider, path, body)

    def withdraw(self, mark: str) -> None:
        """Webhooks that have not been delivered and speak of `mark` are not delivered any more."""
        self.run("DELETE FROM webhook WHERE delivered_at IS NULL AND instr(body, ?) > 0", mark.encode())

    def fault(self, kind: str) -> Fault:
        found = self.row("SELECT value FROM fault WHERE kind = ?", kind)
        return Fault(**json.loads(found[0])) if found else Fault()

    def set_fault(self, kind: str, value: Mapping[str, Any]) -> None:
        self.run("INSERT OR REPLACE INTO fault (kind, value) VALUES (?, ?)", kind, json.dumps(dict(value)))
