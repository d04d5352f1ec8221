"""Bodies and answers about consents."""

from typing import Any

from pydantic import Field, StrictBool, model_validator

from ivy_engine.domain import consents
from ivy_engine.web.schemas.base import Answer, Body, Instant, shown

_NAMES = ("calls", "messages", "recording", "coach", "calendarTitles")


class ConsentChange(Body):
    """At least one of the kinds."""

    # Said in a keyword that generators of clients leave alone: they make a class of each part of an anyOf
    model_config = shown(
        {"recording": True, "messages": False}, **{"not": {"properties": {name: {"type": "null"} for name in _NAMES}}}
    )

    calls: StrictBool | None = None
    messages: StrictBool | None = None
    recording: StrictBool | None = None
    coach: StrictBool | None = None
    calendar_titles: StrictBool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "ConsentChange":
        if not self.said():
            raise ValueError(f"name at least one of {', '.join(_NAMES)}")
        return self

    def said(self) -> dict[Any, bool]:
        """An answer is not taken back by null."""
        return {kind: granted for kind in consents.KINDS if (granted := getattr(self, kind)) is not None}


class ConsentState(Answer):
    granted: bool | None = Field(description="null: never asked.", examples=[True])
    at: Instant | None
    source: str | None = Field(description="`api`, `onboarding`, `call`, `whatsapp` or `sms`.", examples=["api"])
    text_version: str | None = Field(description="Which text was agreed to.", examples=[consents.TEXT_VERSION])


class ConsentStates(Answer):
    calls: ConsentState
    messages: ConsentState
    recording: ConsentState
    coach: ConsentState
    calendar_titles: ConsentState
