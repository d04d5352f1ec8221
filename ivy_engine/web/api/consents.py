"""`/api/users/me/consents`: what a member agrees to."""

from typing import Any

from ivy_engine.actions import consents
from ivy_engine.web.endpoint import Asked


def own_consents(asked: Asked) -> Any:
    """The own consents.

    Each kind by itself: whether it was granted (null: never asked), when, through which door, to which text (R-165).
    """
    return consents.of_member(asked.ivy, asked.who.id)


def change_consents(asked: Asked) -> Any:
    """Give or withdraw consents.

    Those that are named; the others stay. A withdrawal takes effect at once: calls that wait are cancelled, and so are automatic
    messages. What was said before is not written down again (R-120, R-165).
    """
    return consents.change(asked.ivy, asked.who.id, asked.body.said())
