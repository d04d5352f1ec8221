"""Whether a client still sees what is there: entity tags of answers, If-None-Match and If-Match (CONTRACT 2)."""

import hashlib
from collections.abc import Sequence

import falcon


def tag_of(body: bytes) -> str:
    """The entity tag of an answer, without its quotes."""
    return hashlib.sha256(body).hexdigest()[:32]


def already_seen(req: falcon.Request, tag: str) -> bool:
    """If-None-Match names the tag, weakly or not: 304 says all."""
    return _names(req.if_none_match, tag, weakly=True)


def still_current(req: falcon.Request, tag: str | None) -> bool:
    """If-Match names the tag. RFC 9110 compares strongly here: `W/"..."` never matches."""
    return _names(req.if_match, tag, weakly=False)


def _names(given: Sequence[str] | None, tag: str | None, *, weakly: bool) -> bool:
    return any(one == "*" or (one == tag and (weakly or not getattr(one, "is_weak", False))) for one in given or ())
