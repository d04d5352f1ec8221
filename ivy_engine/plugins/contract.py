"""All that a provider may know: what it is asked, what it answers, what it reports (DESIGN 4)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from pydantic import TypeAdapter

from ivy_engine.domain import billing, messages
from ivy_engine.domain.calls import states
from ivy_engine.domain.inbound import received

CallEvent = states.Event
Received = received.Received
StatusUpdate = messages.StatusUpdate
SubscriptionEvent = billing.SubscriptionEvent
ReportedEvent = CallEvent | Received | StatusUpdate | SubscriptionEvent

_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "call": TypeAdapter(CallEvent),
    "message": TypeAdapter(Received),
    "message_status": TypeAdapter(StatusUpdate),
    "subscription": TypeAdapter(SubscriptionEvent),
}


class ProviderError(Exception):
    """The provider refused or could not be reached. `permanent` means that asking again will not help.

    `stops` names what would meet any other call as well: `account` (not paid, key refused) or `lines` (none is free, 429) (D-14).
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        retry_after: timedelta | None = None,
        stops: Literal["account", "lines"] | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.stops = stops


class Rejected(Exception):
    """A webhook whose signature is missing or wrong."""

    def __init__(self, message: str, *, unsigned: bool = False) -> None:
        super().__init__(message)
        self.unsigned = unsigned


class Malformed(Exception):
    """A webhook whose body is not what the provider documents."""


@dataclass(frozen=True)
class Incoming:
    """One event of a webhook. `event_id` is the provider's, or what it documents as unique."""

    event_id: str
    kind: str  # call, message, message_status or subscription
    event: ReportedEvent


def dump_event(event: ReportedEvent, kind: str) -> Any:
    """The event as a JSON value, for its row."""
    return _ADAPTERS[kind].dump_python(event, mode="json")


def load_event(kind: str, payload: Any) -> ReportedEvent:
    """The event of a stored row."""
    event: ReportedEvent = _ADAPTERS[kind].validate_python(payload)
    return event


class Provider(Protocol):
    """What every provider has. `name` is its settings table and the last word of its webhook's path."""

    name: str
    simulated: bool
    base_url: str | None  # where a live provider is asked; None for a simulated one
    webhook_path: str | None
    takes_unsigned: bool  # simulated, and no secret of its own is configured (CONTRACT 3)

    def read(self, headers: Mapping[str, str], raw: bytes, url: str) -> Sequence[Incoming]:
        """Verify the signature over the raw body and return its events. Raises Rejected or Malformed."""

    def parse(self, raw: bytes) -> Sequence[Incoming]:
        """The events of a body without looking at its signature. Raises Malformed."""

    def check(self) -> str:
        """One sentence for `ivy doctor`; ProviderError when it does not answer."""


@dataclass(frozen=True)
class CallRequest:
    call_id: str  # ours; also the idempotency key
    user_id: str
    call_type: str
    to: str
    agent: str
    timezone: str
    variables: Mapping[str, str]
    voicemail: str | None  # what is said to a machine; None hangs up


@dataclass(frozen=True)
class PlacedCall:
    provider_call_id: str


class Voice(Provider, Protocol):
    def place(self, request: CallRequest) -> PlacedCall:
        """Ring somebody. The same `call_id` within an hour never rings twice."""

    def find(self, call_id: str) -> PlacedCall | None:
        """The call that was placed with our id in its metadata, or None if there is none."""

    def stop(self, provider_call_id: str) -> None:
        """End a call that rings or talks; its end is told as any other. Nothing happens to one that is over."""

    def fetch(self, provider_call_id: str) -> Sequence[CallEvent]:
        """What has happened to a call until now, as the events that would have told it."""


@dataclass(frozen=True)
class TextRequest:
    message_id: str  # ours; comes back with status events
    to: str
    template: str | None
    params: Mapping[str, str]  # of the approved template, in its order
    body: str
    free_text: bool  # whether `body` may be sent as it is; otherwise the approved template
    language: str = "en-GB"
    buttons: Sequence[str] = ()  # payloads of quick replies, three at most


@dataclass(frozen=True)
class SentText:
    provider_id: str


class Messenger(Provider, Protocol):
    def send(self, request: TextRequest) -> SentText:
        """Hand a message over. Accepted is not delivered: status events tell."""


@dataclass(frozen=True)
class MailRequest:
    message_id: str  # ours; the Message-ID is made of it, so that a repetition can be told
    to: str
    template: str
    subject: str
    body: str
    params: Mapping[str, str]
    html: str | None = None  # the same, set in HTML; `body` goes beside it
    unsubscribe_url: str | None = None  # of a mail that can be switched off: posting to it does (RFC 8058)

    @property
    def headers(self) -> Mapping[str, str]:
        """What the mail carries beside the usual headers."""
        if self.unsubscribe_url is None:
            return {}
        return {"List-Unsubscribe": f"<{self.unsubscribe_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


class Mailer(Provider, Protocol):
    def send(self, request: MailRequest) -> str:
        """Hand a mail over; returns its Message-ID."""


@dataclass(frozen=True)
class CheckoutRequest:
    user_id: str
    email: str
    tier: str
    success_url: str
    cancel_url: str


@dataclass(frozen=True)
class Checkout:
    session_id: str
    url: str


class Billing(Provider, Protocol):
    def checkout(self, request: CheckoutRequest) -> Checkout:
        """A page at the provider where the member subscribes."""


@dataclass(frozen=True)
class Providers:
    """The providers in use; None is one that is off."""

    voice: Voice | None
    whatsapp: Messenger | None
    sms: Messenger | None
    mail: Mailer | None
    billing: Billing | None

    def every(self) -> tuple[Provider, ...]:
        found = (self.voice, self.whatsapp, self.sms, self.mail, self.billing)
        return tuple(provider for provider in found if provider is not None)

    def behind(self, name: str) -> Provider | None:
        return next((provider for provider in self.every() if provider.name == name), None)


@dataclass(frozen=True)
class Surroundings:
    """What the engine lends to a provider: its clock, the machine's clock, its address."""

    now: Callable[[], datetime]
    wall: Callable[[], datetime]
    public_url: str


@dataclass(frozen=True)
class OutboxEntry:
    """Something a simulated provider was given."""

    id: str
    kind: str  # email, whatsapp, sms or call
    to: str
    template: str | None
    subject: str | None
    body: str | None
    token: str | None
    code: str | None
    payload: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class Fault:
    """How a simulated provider misbehaves."""

    mode: str = "ok"
    rate: float = 1.0
    reorder: bool = False
    duplicate: bool = False


class Simulator(Protocol):
    """The world outside as the simulated providers make it: phones, inboxes, faults, webhooks under way."""

    def outbox(self, kind: str | None, template: str | None, since: datetime | None, limit: int) -> list[OutboxEntry]: ...

    def faults(self) -> dict[str, Fault]: ...

    def set_fault(self, kind: str, fault: Fault) -> None: ...

    def pick_up(self, provider_call_id: str, action: str, analysis: Mapping[str, Any], seconds: int | None) -> None:
        """What the person who is called does. LookupError if the phone does not ring, ValueError if the action does not fit."""

    def write(self, from_number: str, channel: str, text: str | None, button: str | None) -> str:
        """Somebody writes to the gym; returns the provider's message id."""

    def report(self, provider_id: str, channel: str, message_id: str, status: str, error: str | None) -> None:
        """A status of a message that was sent."""

    def subscribe(self, user_id: str, email: str, tier: str) -> None:
        """Somebody has taken out a subscription."""

    def finish_checkout(self, session_id: str, action: str) -> None:
        """Complete or abandon a checkout. LookupError if it is not open."""

    def next_due(self) -> datetime | None:
        """When the next webhook is to be delivered."""

    def deliver_due(self, now: datetime) -> int:
        """Post every webhook that is due, signed, to the engine's real routes; how many were answered with 2xx."""

    def close(self) -> None: ...
