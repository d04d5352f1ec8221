"""Answers of what is served outside `/api`, without envelope but for the webhooks'."""

from typing import Literal

from pydantic import Field

from ivy_engine import __version__
from ivy_engine.web.schemas.base import Answer, Instant, shown


class Health(Answer):
    status: Literal["ok"]
    timestamp: Instant = Field(description="The wall clock's time.")
    uptime: float = Field(ge=0, description="Seconds.", examples=[12.5])
    version: str = Field(examples=[__version__])


class Checks(Answer):
    migrated: bool
    jobs: bool
    disk: bool


class Ready(Answer):
    status: Literal["ready"]
    checks: Checks


class NotReady(Answer):
    model_config = shown({"status": "not ready", "checks": {"migrated": True, "jobs": False, "disk": True}})

    status: Literal["not ready"]
    checks: Checks


class Received(Answer):
    received: Literal[True]
