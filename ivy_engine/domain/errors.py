"""Everything that can be refused, each with a stable code. The edge turns codes into HTTP statuses or exit codes."""

from dataclasses import dataclass


class IvyError(Exception):
    """A refusal with a message fit to show a person."""

    code = "INTERNAL_SERVER_ERROR"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequest(IvyError):
    code = "BAD_REQUEST"


class InvalidLink(IvyError):
    code = "INVALID_LINK"


class Unauthorized(IvyError):
    code = "UNAUTHORIZED"


class Forbidden(IvyError):
    code = "FORBIDDEN"


class TierRequired(IvyError):
    """The member's subscription does not include this (C-2)."""

    code = "TIER_REQUIRED"

    def __init__(self, message: str, required_tier: str) -> None:
        super().__init__(message)
        self.required_tier = required_tier


class NotFound(IvyError):
    code = "NOT_FOUND"


class Conflict(IvyError):
    code = "CONFLICT"


class Unavailable(IvyError):
    code = "SERVICE_UNAVAILABLE"


class Stale(IvyError):
    """What the client means to change is no longer what it has seen (`If-Match`)."""

    code = "PRECONDITION_FAILED"


class OtherBody(IvyError):
    """An Idempotency-Key that came before with another body."""

    code = "IDEMPOTENCY_MISMATCH"


class StillRunning(IvyError):
    """The first request with this Idempotency-Key has not been answered yet."""

    code = "IDEMPOTENCY_RUNNING"


class RateLimited(IvyError):
    code = "RATE_LIMITED"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the input: where (`body.email`) and what."""

    path: str
    message: str


class Invalid(IvyError):
    """Input that does not fit; the message joins `path: text` items."""

    code = "VALIDATION_ERROR"

    def __init__(self, *problems: Problem) -> None:
        super().__init__(", ".join(f"{problem.path}: {problem.message}" for problem in problems))
        self.problems = problems


def invalid(field: str, message: str) -> Invalid:
    """One wrong field of a request's body."""
    return Invalid(Problem(f"body.{field}", message))
