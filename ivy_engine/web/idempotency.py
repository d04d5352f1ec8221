"""`Idempotency-Key`: the same request twice has one effect and one answer (CONTRACT 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import falcon
import orjson

from ivy_engine.domain.errors import BadRequest, Invalid, OtherBody, Problem
from ivy_engine.engine import Ivy
from ivy_engine.store import idempotency
from ivy_engine.store.idempotency import Idempotency

KEPT = timedelta(hours=24)
LONGEST_KEY = 255
_DROPPED_AT_ONCE = 20


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
    """What the request's key stands for; None without one. `sent` is the JSON value of the body: white space does not count.

    422 VALIDATION_ERROR for a key that is too long (D-10).
    """
    given = (req.get_header("Idempotency-Key") or "").strip()
    if not given or not takes_keys(req.uri_template or ""):
        return None
    if len(given) > LONGEST_KEY:
        raise Invalid(Problem("headers.Idempotency-Key", f"a key may have at most {LONGEST_KEY} characters"))
    scope = orjson.dumps([member_id, req.method, req.path, given]).decode()
    return Claim(ivy.keys.hash("idempotency", scope), ivy.keys.hash("idempotency body", _canonical(sent)), member_id)


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
