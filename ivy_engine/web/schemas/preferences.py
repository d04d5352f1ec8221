"""Bodies and answers about preferences."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, WithJsonSchema

from ivy_engine.actions.preferences import check_language
from ivy_engine.web.schemas.base import Answer, Body, by_rule, shown
from ivy_engine.web.schemas.members import TimeOfDay
from ivy_engine.web.schemas.vocabulary import ClockTime

_LANGUAGE = WithJsonSchema(
    {"type": "string", "format": "language", "examples": ["en-GB"], "description": "One that there are words in."}
)
GivenLanguage = Annotated[str, by_rule(check_language), _LANGUAGE]


class PreferenceChange(Body):
    """What is not named, or null, stays; a null or empty bedtime is none."""

    model_config = shown({"channel": "sms", "pulse": False, "bedtime": "22:30"})

    channel: Literal["whatsapp", "sms"] | None = None
    language: GivenLanguage | None = None
    reminders: StrictBool | None = None
    celebrations: StrictBool | None = None
    pulse: StrictBool | None = None
    summaries: StrictBool | None = None
    check_ins: StrictBool | None = None
    receipts: StrictBool | None = None
    bedtime: TimeOfDay = None


class Preferences(Answer):
    channel: str = Field(examples=["whatsapp"])
    language: str = Field(examples=["en-GB"])
    reminders: bool = Field(description="Workouts to come, and how they went.")
    celebrations: bool = Field(description="What was done, and the streak.")
    pulse: bool = Field(description="Energy and mood, once a week.")
    summaries: bool = Field(description="The week in numbers.")
    check_ins: bool = Field(description="A word when it has been quiet.")
    receipts: bool = Field(description="The month's giving, by mail.")
    bedtime: ClockTime | None
