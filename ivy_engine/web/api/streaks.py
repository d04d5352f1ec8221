"""`/api/stats/streak/explain`: why the streak is what it is."""

from typing import Any

from ivy_engine.actions import explanations
from ivy_engine.web.endpoint import Asked


def explain(asked: Asked) -> Any:
    """Why the streak is what it is.

    Every date of the current run, the rule that made it count or not, and the facts behind it.
    """
    return explanations.explain(asked.ivy, asked.who.id)
