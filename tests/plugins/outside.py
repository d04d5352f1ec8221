"""The simulated providers on a folder of their own, and a door in the engine's place that keeps what they post."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ivy_engine.domain.calls import states
from ivy_engine.plugins.contract import (
    CallRequest,
    Fault,
    Incoming,
    MailRequest,
    Provider,
    Providers,
    Simulator,
    Surroundings,
    TextRequest,
)
from ivy_engine.plugins.http import Seam
from ivy_engine.plugins.table import build
from ivy_engine.settings import Settings

START = datetime(2026, 5, 4, 8, tzinfo=UTC)
PUBLIC_URL = "http://127.0.0.1:8080"
PHONE = "+447700900101"


@dataclass(frozen=True)
class Posted:
    """A webhook as it arrived."""

    path: str
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Door:
    """A WSGI app that keeps every request and answers with `status`."""

    status: str = "200 OK"
    posted: list[Posted] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        headers = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
        query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
        path = environ["PATH_INFO"]
        self.posted.append(Posted(path, PUBLIC_URL + path + query, headers, environ["wsgi.input"].read()))
        start_response(self.status, [("Content-Type", "text/plain")])
        return [b""]


@dataclass
class Outside:
    """Everything outside the engine."""

    providers: Providers
    world: Simulator
    seam: Seam
    door: Door
    now: datetime = START

    def later(self, **span: float) -> list[Posted]:
        """Let time pass; what was posted meanwhile, from due time to due time."""
        until, before = self.now + timedelta(**span), len(self.door.posted)
        while (due := self.world.next_due()) is not None and due <= until:
            self.now = max(self.now, due)
            self.world.deliver_due(self.now)
        self.now = until
        return self.door.posted[before:]

    def read(self, posted: Posted) -> list[Incoming]:
        """As the engine's hook reads it: the signature first."""
        provider = self.by_path(posted.path)
        return list(provider.read(posted.headers, posted.body, posted.url))

    def by_path(self, path: str) -> Provider:
        return next(provider for provider in self.providers.every() if provider.webhook_path == path)

    def heard(self, **span: float) -> list[Any]:
        """The events that time brings."""
        return [item.event for posted in self.later(**span) for item in self.read(posted)]

    def fault(self, kind: str, mode: str = "ok", **more: Any) -> None:
        self.world.set_fault(kind, Fault(mode=mode, **more))


@contextmanager
def opened(folder: Path, now: datetime = START, mounted: bool = True, **settings: Any) -> Iterator[Outside]:
    """The world on this folder; on the same folder it is the same world."""
    seam, door = Seam(), Door()
    around = Surroundings(lambda: outside.now, lambda: START, PUBLIC_URL)  # signatures are made on the machine's clock
    built = build(Settings(**settings), folder, lambda purpose: f"our key, {purpose}", around, seam)
    outside = Outside(built.providers, built.world, seam, door, now)
    if mounted:
        seam.mount(door)
    try:
        yield outside
    finally:
        seam.close()
        built.world.close()


def call(call_id: str = "c1", to: str = PHONE, call_type: str = "EVENING_REVIEW", zone: str = "Europe/London") -> CallRequest:
    variables = {"user_name": "Ana", "goal": "Run 5K"}
    return CallRequest(call_id, "u1", call_type, to, "default-agent", zone, variables, "Write when you can.")


def text(message_id: str = "m1", free_text: bool = False, **params: str) -> TextRequest:
    words = params or {"name": "Ana", "time": "18:00", "activity": "Run"}
    return TextRequest(message_id, PHONE, "workout_reminder", words, "Run at 18:00, Ana.", free_text)


def mail(message_id: str = "m1", to: str = "ana@example.com") -> MailRequest:
    return MailRequest(message_id, to, "magic_link", "Sign in", "Your link", {"token": "t" * 64, "code": "123456"})


def folded(events: Sequence[Any]) -> states.Call:
    """What a call becomes by these events."""
    now_is = states.Call(status=states.IN_PROGRESS)
    for event in events:
        now_is = states.after(now_is, event, START)
    return now_is


def ended_as(events: Sequence[Any]) -> tuple[str, str | None]:
    now_is = folded(events)
    return now_is.status, now_is.outcome
