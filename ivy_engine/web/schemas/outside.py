"""Answers of what is served outside `/api`, without envelope but for the webhooks'."""

from typing import Literal

from pydantic import Field

from ivy_engine.web.schemas.base import Answer, Instant


class Health(Answer):
    status: Literal["ok"]
    timestamp: Instant = Field(description="The wall clock's time.")
    uptime: float = Field(ge=0, description="Seconds.", examples=[12.5])
    version: str = Field(examples=["0.3.0"])


class Checks(Answer):
    migrated: bool
    jobs: bool
    disk: bool


class Readiness(Answer):
    status: Literal["ready", "not ready"]
    checks: Checks


class Received(Answer):
    received: Literal[True]
