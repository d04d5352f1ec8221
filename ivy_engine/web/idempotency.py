"""`Idempotency-Key`: the same request twice has one effect and one answer (CONTRACT 2)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import falcon
import orjson

from ivy_engine.domain.errors import BadRequest, Invalid, IvyError, OtherBody, Problem, StillRunning
from ivy_engine.engine import Ivy
from ivy_engine.store import idempotency
from ivy_engine.store.idempotency import Idempotency

KEPT = timedelta(hours=24)
LONGEST_KEY = 255
_DROPPED_AT_ONCE = 20
_UNANSWERED = 0  # the status of a claim whose answer is still to come; its answer is the id of the row it has made


@dataclass(frozen=True)
class Outcome:
    """A rendered answer."""

    status: int
    body: bytes
    replayed: bool = False


@dataclass(frozen=True)
class Claim:
    """One use of a key: where it counts, and what was sent."""

    key: str
    fingerprint: str
    member_id: str | None


def claim(ivy: Ivy, req: falcon.Request, member_id: str | None, sent: Any) -> Claim | None:
    """What the request's key stands for; None without one. `sent` is the JSON value of the body: white space does not count."""
    given = _given(req)
    if not given:
        return None
    scope = orjson.dumps([member_id, req.method, req.path, given]).decode()
    return Claim(ivy.keys.hash("idempotency", scope), ivy.keys.hash("idempotency body", _canonical(sent)), member_id)


def check_key(req: falcon.Request) -> None:
    """422 VALIDATION_ERROR for a key that is too long (D-10)."""
    if len(_given(req)) > LONGEST_KEY:
        raise Invalid(Problem("headers.Idempotency-Key", f"a key may have at most {LONGEST_KEY} characters"))


def _given(req: falcon.Request) -> str:
    counts = req.method != "GET" and takes_keys(req.uri_template or "")
    return (req.get_header("Idempotency-Key") or "").strip() if counts else ""


def takes_keys(path: str) -> bool:
    """Signing in is left out: its answers are keys themselves, and are stored nowhere."""
    return path.startswith("/api/") and not path.startswith("/api/auth/")


def _canonical(sent: Any) -> str:
    try:
        return orjson.dumps(sent, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError:
        raise BadRequest("The body is nested too deeply.") from None


def once(ivy: Ivy, claimed: Claim, work: Callable[[], Outcome]) -> Outcome:
    """The outcome of `work`, or the answer that this key was given within the last 24 hours.

    Claim, effect and answer are one transaction: a twin waits for it and finds the answer; an exception leaves nothing.
    422 IDEMPOTENCY_MISMATCH when the key came with another body.
    """
    now = ivy.clock.now()
    with ivy.db.write():
        earlier = idempotency.answer_to(claimed.key, now - KEPT)
        if earlier is None:
            return _kept(ivy, claimed, work())
        if earlier.fingerprint != claimed.fingerprint:
            raise OtherBody("This Idempotency-Key was used for another request. Please take a new one.")
        return Outcome(earlier.status, earlier.answer.encode(), replayed=True)


class Asking:
    """Requests that must ask a provider before they answer, and are at work in this process (CONTRACT 2)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[str] = set()

    def once(
        self, ivy: Ivy, claimed: Claim, begin: Callable[[], str], work: Callable[[str], Outcome], after: Callable[[str], Outcome]
    ) -> Outcome:
        """Claim and row are committed first (`begin` gives the row's id), then the provider is asked (`work`).

        409 IDEMPOTENCY_RUNNING while the first is at work. If it never answered, because the process died, the answer is what
        `after` makes of the row. An exception leaves no claim: errors are not kept.
        """
        self._enter(claimed.key)
        try:
            row_id, begun_here = self._begin(ivy, claimed, begin)
            if isinstance(row_id, Outcome):
                return row_id
            try:
                outcome = work(row_id) if begun_here else after(row_id)
            except IvyError:
                with ivy.db.write():
                    idempotency.drop(claimed.key)
                raise
            with ivy.db.write():
                idempotency.answered(claimed.key, outcome.status, outcome.body.decode())
            return outcome
        finally:
            with self._lock:
                self._keys.discard(claimed.key)

    def _enter(self, key: str) -> None:
        with self._lock:
            if key in self._keys:
                raise StillRunning("The first request with this key is still at work.")
            self._keys.add(key)

    def _begin(self, ivy: Ivy, claimed: Claim, begin: Callable[[], str]) -> tuple[str | Outcome, bool]:
        """The row, and whether it is new; or the answer that was kept."""
        now = ivy.clock.now()
        with ivy.db.write():
            earlier = idempotency.answer_to(claimed.key, now - KEPT)
            if earlier is None:
                row_id = begin()
                _kept(ivy, claimed, Outcome(_UNANSWERED, row_id.encode()))
                return row_id, True
            if earlier.fingerprint != claimed.fingerprint:
                raise OtherBody("This Idempotency-Key was used for another request. Please take a new one.")
            if earlier.status == _UNANSWERED:
                return earlier.answer, False
            return Outcome(earlier.status, earlier.answer.encode(), replayed=True), False


def _kept(ivy: Ivy, claimed: Claim, outcome: Outcome) -> Outcome:
    now = ivy.clock.now()
    idempotency.drop_old(now - KEPT, _DROPPED_AT_ONCE)
    idempotency.keep(
        Idempotency(
            key=claimed.key,
            member_id=claimed.member_id,
            fingerprint=claimed.fingerprint,
            status=outcome.status,
            answer=outcome.body.decode(),
            created_at=now,
        )
    )
    return outcome
