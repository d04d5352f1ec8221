"""Bodies and answers about messages."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ivy_engine.web.schemas.base import Answer, Body, Instant, shown
from ivy_engine.web.schemas.lists import Paging
from ivy_engine.web.schemas.vocabulary import (
    CallId,
    Channel,
    GivenMemberId,
    MemberId,
    MessageDirection,
    MessageId,
    MessageState,
    WorkoutId,
)


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


# Taken in any letter case
GivenChannel = Annotated[Literal["WHATSAPP", "SMS", "EMAIL"], BeforeValidator(_upper)]
TextChannel = Annotated[Literal["WHATSAPP", "SMS"], BeforeValidator(_upper)]
ParameterText = Annotated[str, Field(max_length=200)]


class MessageQuery(Paging):
    channel: GivenChannel | None = Field(None, examples=["WHATSAPP"])


class NewMessage(Body):
    model_config = shown({"channel": "WHATSAPP", "templateId": "motivational_nudge", "templateParams": {"streak": "5"}})

    channel: TextChannel
    template_id: str = Field(max_length=60, examples=["motivational_nudge"])
    template_params: dict[str, ParameterText] = Field({}, description="The template's parameters, all of them and no other.")
    message_type: str | None = Field(None, max_length=40, description="May be left out; it follows from the template.")
    user_id: GivenMemberId | None = Field(None, description="For operators: to whom.")


class Message(Answer):
    id: MessageId
    user_id: MemberId
    channel: Channel
    direction: MessageDirection
    message_type: str = Field(description="For an inbound message what kind of thing it is: `text`, `audio`.", examples=["nudge"])
    template: str | None = Field(examples=["motivational_nudge"])
    body: str | None = Field(description="null for a mail.", examples=["Your streak stands at 5."])
    status: MessageState
    whatsapp_id: str | None = Field(examples=["wamid.0f1e2d3c4b5a"])
    twilio_sid: str | None = Field(examples=["SM0f1e2d3c4b5a"])
    fallback_of_id: MessageId | None = Field(description="The message that this one goes instead of, by SMS.")
    call_id: CallId | None
    workout_id: WorkoutId | None
    failed_reason: str | None = Field(examples=["not_wanted"])
    created_at: Instant
    sent_at: Instant | None
    delivered_at: Instant | None
    read_at: Instant | None
