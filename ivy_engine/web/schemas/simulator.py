"""Bodies and answers of the simulator (CONTRACT 3)."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field
from pydantic.functional_validators import AfterValidator

from ivy_engine.web.schemas.base import Answer, Body, Instant


def _plausible(value: AwareDatetime) -> AwareDatetime:
    if not 2000 <= value.year < 2100:
        raise ValueError("write a year from 2000 to 2099")
    return value


Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]


class OutboxQuery(Body):
    kind: Literal["email", "whatsapp", "sms", "call"] | None = None
    to: str | None = Field(None, max_length=254)
    template: str | None = Field(None, max_length=100)
    since: AwareDatetime | None = None
    limit: int = Field(50, ge=1, le=1000)


class OutboxEntry(Answer):
    id: str
    kind: str
    to: str
    user_id: str | None
    template: str | None
    subject: str | None
    body: str | None
    token: str | None
    code: str | None
    payload: dict[str, Any]
    status: str | None
    at: Instant


class ClockChange(Body):
    now: Moment | None = None
    virtual: Literal[False] | None = None


class ClockState(Answer):
    now: Instant
    virtual: bool


class Advance(Body):
    to: Moment | None = None
    seconds: int | None = Field(None, ge=0, le=366 * 86400)


class Advanced(Answer):
    now: Instant
    ran: dict[str, int]


class JobRun(Answer):
    job: str
    changed: int


class PhoneQuery(Body):
    user_id: str | None = None


class Ringing(Answer):
    call_id: str
    retell_call_id: str
    user_id: str
    call_type: str
    status: str
    variables: dict[str, str]


class PhoneAction(Body):
    action: Literal["answer", "decline", "no_answer", "busy", "voicemail", "hangup"]
    analysis: dict[str, Any] = Field(default_factory=dict)
    seconds: int | None = Field(None, ge=0, le=7200)


class MemberMessage(Body):
    from_: str = Field(alias="from", max_length=40)
    channel: Literal["whatsapp", "sms"]
    text: str | None = Field(None, max_length=4096)
    button: str | None = Field(None, max_length=256)


class MessageStatus(Body):
    message_id: str
    status: Literal["delivered", "read", "failed"]
    error_code: str | int | None = None


class CheckoutAction(Body):
    action: Literal["complete", "abandon"]


class Fault(Body):
    mode: Literal["ok", "reject", "timeout", "error", "silent", "manual"] | None = None
    rate: float | None = Field(None, ge=0, le=1)
    reorder: bool | None = None
    duplicate: bool | None = None


class Faults(Body):
    voice: Fault | None = None
    whatsapp: Fault | None = None
    sms: Fault | None = None
    email: Fault | None = None
    billing: Fault | None = None


class FaultState(Answer):
    mode: str
    rate: float
    reorder: bool
    duplicate: bool


class FaultStates(Answer):
    voice: FaultState
    whatsapp: FaultState
    sms: FaultState
    email: FaultState
    billing: FaultState


class Done(Answer):
    id: str


class Grant(Body):
    email: str = Field(max_length=254)
    role: Literal["superadmin", "coach", "admin"] = "superadmin"
    company_id: str | None = Field(None, max_length=64)
    members: list[str] = Field(default_factory=list, max_length=1000)


class Granted(Answer):
    id: str
    email: str
    role: str
    company_id: str | None
    members: tuple[str, ...]
