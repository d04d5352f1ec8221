"""`/api/stats`: the dashboard and the streak."""

from typing import Any

from ivy_engine.actions import stats, streaks
from ivy_engine.web.endpoint import Asked


def overview(asked: Asked) -> Any:
    return stats.overview(asked.ivy, asked.who.id)


def streak(asked: Asked) -> Any:
    return streaks.details(asked.ivy, asked.who.id)
