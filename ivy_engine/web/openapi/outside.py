"""What is served beside the route table: webhooks, whose bodies are the providers', and what machines ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from ivy_engine.web.schemas.outside import Health, NotReady, Ready, Received

WholeDocument = Annotated[dict[str, Any], Field(examples=[{"openapi": "3.1.0"}])]
XML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@dataclass(frozen=True)
class Outside:
    """One operation. `answers` has a type for each status, or an example of plain text; `takes` is the body's media type."""

    method: str
    path: str
    name: str
    summary: str
    answers: Mapping[int, Any]
    media: str = "application/json"
    codes: tuple[str, ...] = ("INTERNAL_SERVER_ERROR",)
    takes: str | None = None
    sends: Any = None
    signature: str | None = None
    parameters: tuple[dict[str, Any], ...] = ()
    tagged: bool = False

    @property
    def types(self) -> list[Any]:
        return [answer for answer in self.answers.values() if not isinstance(answer, str)]


_REFUSES = ("BAD_REQUEST", "UNAUTHORIZED", "PAYLOAD_TOO_LARGE", "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE")
_FORM = "application/x-www-form-urlencoded"


def _hub(name: str, example: str) -> dict[str, Any]:
    return {"name": f"hub.{name}", "in": "query", "required": True, "schema": {"type": "string"}, "example": example}


OUTSIDE = (
    Outside("GET", "/openapi.json", "openapi", "This document", {200: WholeDocument}, tagged=True),
    Outside("GET", "/health", "health", "Is it alive?", {200: Health}),
    Outside("GET", "/ready", "ready", "May it get requests? 503 if not", {200: Ready, 503: NotReady}),
    Outside(
        "POST", "/webhooks/retell", "webhooksRetell", "What has become of a call", {200: Received}, codes=_REFUSES,
        takes="application/json", signature="X-Retell-Signature",
        sends={"event": "call_started", "call": {"call_id": "call_0f1e2d3c4b5a"}},
    ),
    Outside(
        "POST", "/webhooks/whatsapp", "webhooksWhatsapp", "What members write, and what has become of messages", {200: Received},
        codes=_REFUSES, takes="application/json", signature="X-Hub-Signature-256",
        sends={"object": "whatsapp_business_account", "entry": []},
    ),
    Outside(
        "GET", "/webhooks/whatsapp", "webhooksWhatsappVerify", "Meta asks whether this address is ours",
        {200: "1158201444", 403: "Forbidden"}, media="text/plain",
        parameters=(_hub("mode", "subscribe"), _hub("verify_token", "verify-me"), _hub("challenge", "1158201444")),
    ),
    Outside(
        "POST", "/webhooks/twilio", "webhooksTwilio", "Text messages, and what has become of them", {200: XML}, media="text/xml",
        codes=_REFUSES, takes=_FORM, signature="X-Twilio-Signature",
        sends={"MessageSid": "SM0f1e2d3c4b5a69788796a5b4c3d2e1f0", "MessageStatus": "delivered"},
    ),
    Outside(
        "POST", "/webhooks/stripe", "webhooksStripe", "What has become of a subscription", {200: Received},
        codes=tuple(code for code in _REFUSES if code != "UNAUTHORIZED"), takes="application/json",
        signature="Stripe-Signature", sends={"id": "evt_0f1e2d3c4b5a",
        "type": "customer.subscription.updated", "data": {"object": {}}},
    ),
)  # fmt: skip
