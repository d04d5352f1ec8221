"""How often somebody may ask: fixed windows in memory, on the engine's clock (RULEBOOK 7.1, C-24, S-4)."""

import math
import threading
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import falcon

from ivy_engine.clock import Clock
from ivy_engine.domain.errors import RateLimited
from ivy_engine.domain.rates import Rate, rate
from ivy_engine.engine import Ivy

Address = IPv4Address | IPv6Address

_NAMES = ("api", "auth", "call_start", "message_send")
_AUTH = (["api", "auth", "magic-link"], ["api", "auth", "verify"])


@dataclass(frozen=True)
class Hit:
    """A request as its limit counts it."""

    limit: int
    count: int
    reset: int  # whole seconds until the window ends

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.count)

    @property
    def refused(self) -> bool:
        return self.count > self.limit


@dataclass
class _Window:
    began: datetime
    count: int = 0


class Windows:
    """One limit: a window for each key, which begins with its first request."""

    def __init__(self, clock: Clock, allowed: Rate) -> None:
        self._clock = clock
        self._allowed = allowed
        self._lock = threading.Lock()
        self._windows: dict[str, _Window] = {}  # the oldest first

    def __len__(self) -> int:
        return len(self._windows)

    def hit(self, key: str) -> Hit:
        """Count one request of `key`."""
        with self._lock:
            now = self._clock.now()  # inside, so that no thread counts at a moment before the window's first
            self._drop_closed(now)
            window = self._windows.get(key)
            if window is None or not self._open(window, now):
                self._windows.pop(key, None)
                window = self._windows[key] = _Window(now)
            window.count += 1
            left = window.began + self._allowed.within - now
            return Hit(self._allowed.times, window.count, math.ceil(left.total_seconds()))

    def _open(self, window: _Window, now: datetime) -> bool:
        """A clock that was set back to before the window's beginning has closed it, too."""
        return window.began <= now < window.began + self._allowed.within

    def _drop_closed(self, now: datetime) -> None:
        while self._windows:
            oldest = next(iter(self._windows))
            if self._open(self._windows[oldest], now):
                return
            del self._windows[oldest]


class RateLimits:
    """Counts every request under `/api`, before it is routed; routes with a limit of their own count their member."""

    def __init__(self, ivy: Ivy) -> None:
        allowed = {name: rate(getattr(ivy.settings.limits, name)) for name in _NAMES}
        self._windows = {name: Windows(ivy.clock, limit) for name, limit in allowed.items() if limit is not None}
        self._proxies = [ip_network(text) for text in ivy.settings.web.trusted_proxies]

    def process_request(self, req: falcon.Request, resp: falcon.Response) -> None:
        parts = [part for part in req.path.split("/") if part]  # no number of slashes is a way around
        if parts[:1] != ["api"]:
            return
        client = self._client(req)
        self.count("api", client, req, resp)
        if req.method == "POST" and parts in _AUTH:
            self.count("auth", client, req, resp)

    def count(self, name: str, key: str, req: falcon.Request, resp: falcon.Response) -> None:
        """Count the request and tell the tightest limit in the headers; 429 RATE_LIMITED when it is one too many."""
        windows = self._windows.get(name)
        if windows is None:
            return
        hit = windows.hit(key)
        told: Hit = getattr(req.context, "tightest_limit", hit)
        if hit.refused or hit.remaining < told.remaining:
            told = hit
        req.context.tightest_limit = told
        resp.set_header("RateLimit-Limit", str(told.limit))
        resp.set_header("RateLimit-Remaining", str(told.remaining))
        resp.set_header("RateLimit-Reset", str(told.reset))
        if hit.refused:
            resp.set_header("Retry-After", str(hit.reset))
            raise RateLimited(f"Too many requests. Please try again in {hit.reset} seconds.")

    def _client(self, req: falcon.Request) -> str:
        """Whom a request is counted for: an IPv4 address, or the /64 network that an IPv6 customer is given."""
        client = self._address(req)
        if isinstance(client, IPv6Address):
            return str(IPv6Network((int(client), 64), strict=False))
        return str(client)

    def _address(self, req: falcon.Request) -> Address | None:
        """The peer; behind trusted proxies, the last address that they did not add for one of themselves."""
        client = _read(req.remote_addr or "")
        passed_on = (req.get_header("X-Forwarded-For") or "").split(",")
        while client is not None and passed_on and self._trusted(client):
            before = _read(passed_on.pop().strip())
            if before is None:  # whatever stands further left was not written by a proxy of ours
                break
            client = before
        return client

    def _trusted(self, address: Address) -> bool:
        return any(address in network for network in self._proxies)


def _read(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
