"""What one route of the table looks like from outside: its parameters, its answers, the codes it may refuse with."""

import inspect
import re
from dataclasses import dataclass

from ivy_engine.web.endpoint import Door, Route
from ivy_engine.web.errors import REFUSALS
from ivy_engine.web.schemas.vocabulary import CALL_ID, CHARITY_ID, MEMBER_ID, SESSION_ID, WORKOUT_ID

# whose id it is that follows a word of a path
IDS = {
    "users": MEMBER_ID, "workouts": WORKOUT_ID, "charities": CHARITY_ID, "sessions": SESSION_ID, "calls": CALL_ID,
    "queue": CALL_ID,
}  # fmt: skip
FREE = {"name": "plan_calls", "callId": CALL_ID, "sessionId": "cs_test_0f1e2d3c4b5a", "queue": "call-schedule"}


@dataclass(frozen=True)
class PathParameter:
    name: str
    is_id: bool
    example: str


def name_of(route: Route) -> str:
    """The operation's id, for generated clients: `workoutsPlan`."""
    words = [tag_of(route), *route.handler.__name__.split("_")]
    return words[0] + "".join(word.capitalize() for word in words[1:])


def tag_of(route: Route) -> str:
    """The chapter it stands in."""
    parts = route.path.split("/")
    return parts[2] if parts[1] == "api" else parts[1]


def told(route: Route) -> tuple[str, str]:
    """Its summary and description: what the handler's docstring says, without the rules' numbers."""
    summary, _, description = (inspect.getdoc(route.handler) or "").partition("\n")
    return summary.rstrip("."), re.sub(r"\s\((?:[A-Z]-\d+[^)]*)\)", "", description).strip()


def path_parameters(route: Route) -> list[PathParameter]:
    found = []
    for before, name in re.findall(r"(\w+)\}?(?=/\{(\w+)\})", route.path):
        is_id = name not in route.free
        found.append(PathParameter(name, is_id, IDS[before] if is_id else FREE[name]))
    return found


def codes_of(route: Route) -> list[str]:
    """Every code it may refuse with: what follows from its door, method and path, and what its rules add."""
    changes, ids = route.method != "GET", any(parameter.is_id for parameter in path_parameters(route))
    follows = {
        "BAD_REQUEST": changes,
        "UNAUTHORIZED": route.door is Door.MEMBER,
        "FORBIDDEN": route.door is Door.LOOPBACK or bool(route.roles),
        "NOT_FOUND": ids,
        "PRECONDITION_FAILED": route.method == "PATCH",
        "PAYLOAD_TOO_LARGE": changes,
        "UNSUPPORTED_MEDIA_TYPE": changes,
        "VALIDATION_ERROR": ids or route.takes_keys or route.body is not None or route.query is not None,
        "IDEMPOTENCY_RUNNING": route.takes_keys and route.asks is not None,
        "IDEMPOTENCY_MISMATCH": route.takes_keys,
        "RATE_LIMITED": is_api(route),
        "INTERNAL_SERVER_ERROR": True,
    }
    refuses = {refusal.code for refusal in route.refuses}
    return [code for code in REFUSALS if follows.get(code) or code in refuses]


def is_api(route: Route) -> bool:
    """Under `/api`, where every promise of CONTRACT 2 holds."""
    return route.path.startswith("/api/")


def answers_with_tag(route: Route) -> bool:
    return route.method == "GET" and is_api(route)
