"""Bodies and answers of the simulator (CONTRACT 3)."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, WithJsonSchema
from pydantic.functional_validators import AfterValidator

from ivy_engine.web.schemas.base import Answer, Body, Instant, QueryInteger, WrittenInstant, shown
from ivy_engine.web.schemas.members import CODE, LINK
from ivy_engine.web.schemas.vocabulary import (
    CALL_ID,
    MEMBER_ID,
    MESSAGE_ID,
    CallId,
    CompanyId,
    EmailAddress,
    MemberId,
    MessageId,
    Role,
)


def _plausible(value: datetime) -> datetime:
    if not 2000 <= value.year < 2100:
        raise ValueError("write a year from 2000 to 2099")
    return value


Moment = Annotated[
    WrittenInstant,
    AfterValidator(_plausible),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-05-04T08:00:00Z"]}),
]


Kind = Literal["email", "whatsapp", "sms", "call"]


def _one_of(*names: str) -> dict[str, Any]:
    """At least one of these, in a keyword that generators of clients leave alone."""
    return {"not": {"properties": {name: {"type": "null"} for name in names}}}


class OutboxQuery(Body):
    kind: Kind | None = None
    to: str | None = Field(None, max_length=254, description="A member's e-mail or phone.", examples=["ana@example.com"])
    template: str | None = Field(None, max_length=100, examples=["magic_link"])
    since: Moment | None = None
    limit: QueryInteger = Field(50, ge=1, le=1000, examples=[50])


class OutboxEntry(Answer):
    id: MessageId
    kind: Kind
    to: str = Field(examples=["ana@example.com"])
    user_id: MemberId | None
    template: str | None = Field(examples=["magic_link"])
    subject: str | None = Field(examples=["Your sign-in link for Ivy"])
    body: str | None = Field(examples=["Hello Ana"])
    token: str | None = Field(description="Of a sign-in mail: its link's token.", examples=[LINK])
    code: str | None = Field(description="Of a sign-in mail: its six digits.", examples=[CODE])
    payload: dict[str, Any] = Field(description="What the provider was asked, as it would go over the wire.", examples=[{}])
    status: str | None = Field(examples=["SENT"])
    at: Instant


class ClockChange(Body):
    """Either an instant, or `{"virtual": false}` for the wall clock."""

    model_config = shown({"now": "2026-05-04T08:00:00Z"}, {"virtual": False}, **_one_of("now", "virtual"))

    now: Moment | None = None
    virtual: Literal[False] | None = None


class ClockState(Answer):
    now: Instant
    virtual: bool = Field(description="Whether it was set: then it stands still.")


class Advance(Body):
    """Either an instant or a number of seconds."""

    model_config = shown({"seconds": 3600}, {"to": "2026-05-04T09:00:00Z"}, **_one_of("to", "seconds"))

    to: Moment | None = None
    seconds: Annotated[int, Field(strict=True)] | None = Field(None, ge=0, le=366 * 86400)


class Advanced(Answer):
    now: Instant
    ran: dict[str, int] = Field(description="Rows changed, by job.", examples=[{"plan_calls": 1}])


class JobRun(Answer):
    job: str = Field(examples=["plan_calls"])
    changed: int = Field(examples=[1])


class PhoneQuery(Body):
    user_id: str | None = Field(None, examples=[MEMBER_ID])


class Ringing(Answer):
    call_id: CallId
    retell_call_id: str = Field(examples=["call_0f1e2d3c4b5a"])
    user_id: MemberId
    call_type: str = Field(examples=["MORNING_PLANNING"])
    status: str = Field(examples=["IN_PROGRESS"])
    variables: dict[str, str] = Field(examples=[{"first_name": "Ana"}])


class PhoneAction(Body):
    model_config = shown({"action": "answer", "seconds": 60, "analysis": {"plan_activity": "Walk"}})

    action: Literal["answer", "decline", "no_answer", "busy", "voicemail", "hangup"]
    analysis: dict[str, Any] = Field(default_factory=dict)
    seconds: int | None = Field(None, ge=0, le=7200)


class MemberMessage(Body):
    model_config = shown({"from": "+447700900101", "channel": "whatsapp", "text": "Done!"}, **_one_of("text", "button"))

    from_: str = Field(alias="from", max_length=40)
    channel: Literal["whatsapp", "sms"]
    text: str | None = Field(None, max_length=4096)
    button: str | None = Field(None, max_length=256)


class MessageStatus(Body):
    model_config = shown({"messageId": MESSAGE_ID, "status": "delivered"})

    message_id: str
    status: Literal["delivered", "read", "failed"]
    error_code: str | None = Field(None, coerce_numbers_to_str=True)


class CheckoutAction(Body):
    action: Literal["complete", "abandon"]


class Fault(Body):
    mode: Literal["ok", "reject", "timeout", "error", "silent", "manual"] | None = None
    rate: float | None = Field(None, ge=0, le=1)
    reorder: StrictBool | None = None
    duplicate: StrictBool | None = None


class Faults(Body):
    """Only what is named changes."""

    model_config = shown({"whatsapp": {"mode": "reject", "rate": 0.5}})

    voice: Fault | None = None
    whatsapp: Fault | None = None
    sms: Fault | None = None
    email: Fault | None = None
    billing: Fault | None = None


class FaultState(Answer):
    mode: str = Field(examples=["ok"])
    rate: float = Field(examples=[1])
    reorder: bool
    duplicate: bool


class FaultStates(Answer):
    voice: FaultState
    whatsapp: FaultState
    sms: FaultState
    email: FaultState
    billing: FaultState


class Done(Answer):
    id: str = Field(description="What was acted on.", examples=[CALL_ID])


class Grant(Body):
    model_config = shown({"email": "ana@example.com", "role": "superadmin"})

    email: str = Field(max_length=254)
    role: Literal["superadmin", "coach", "admin"] = Field(default_factory=lambda: "superadmin")
    company_id: str | None = Field(None, max_length=64)
    members: list[str] = Field(default_factory=list, max_length=1000)


class Granted(Answer):
    id: MemberId
    email: EmailAddress
    role: Role
    company_id: CompanyId | None
    members: tuple[MemberId, ...]
