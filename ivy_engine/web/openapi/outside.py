"""What is served beside the route table: webhooks, whose bodies are the providers', and what machines ask."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from ivy_engine.web.schemas.outside import Health, Readiness, Received

WholeDocument = Annotated[dict[str, Any], Field(examples=[{"openapi": "3.1.0"}])]
XML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@dataclass(frozen=True)
class Outside:
    """One operation. `takes` is the media type of its body, `text` what it answers where no model does."""

    method: str
    path: str
    name: str
    summary: str
    answer: Any = None
    media: str = "application/json"
    text: str = ""
    statuses: tuple[int, ...] = (200,)
    codes: tuple[str, ...] = ("INTERNAL_SERVER_ERROR",)
    takes: str | None = None
    sends: Any = None
    signature: str | None = None
    parameters: tuple[dict[str, Any], ...] = ()
    tagged: bool = False

    @property
    def enveloped(self) -> bool:
        return self.answer is Received


_REFUSES = ("BAD_REQUEST", "UNAUTHORIZED", "PAYLOAD_TOO_LARGE", "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE")
_FORM = "application/x-www-form-urlencoded"


def _hub(name: str, example: str) -> dict[str, Any]:
    return {"name": f"hub.{name}", "in": "query", "schema": {"type": "string"}, "example": example}


OUTSIDE = (
    Outside("GET", "/openapi.json", "openapi", "This document", WholeDocument, tagged=True),
    Outside("GET", "/health", "health", "Is it alive?", Health),
    Outside("GET", "/ready", "ready", "May it get requests? 503 if not", Readiness, statuses=(200, 503)),
    Outside(
        "POST", "/webhooks/retell", "webhooksRetell", "What has become of a call", Received, codes=_REFUSES,
        takes="application/json", signature="X-Retell-Signature",
        sends={"event": "call_started", "call": {"call_id": "call_0f1e2d3c4b5a"}},
    ),
    Outside(
        "POST", "/webhooks/whatsapp", "webhooksWhatsapp", "What members write, and what has become of messages", Received,
        codes=_REFUSES, takes="application/json", signature="X-Hub-Signature-256",
        sends={"object": "whatsapp_business_account", "entry": []},
    ),
    Outside(
        "GET", "/webhooks/whatsapp", "webhooksWhatsappVerify", "Meta asks whether this address is ours", media="text/plain",
        text="1158201444", statuses=(200, 403),
        parameters=(_hub("mode", "subscribe"), _hub("verify_token", "verify-me"), _hub("challenge", "1158201444")),
    ),
    Outside(
        "POST", "/webhooks/twilio", "webhooksTwilio", "Text messages, and what has become of them", media="text/xml", text=XML,
        codes=_REFUSES, takes=_FORM, signature="X-Twilio-Signature",
        sends={"MessageSid": "SM0f1e2d3c4b5a69788796a5b4c3d2e1f0", "MessageStatus": "delivered"},
    ),
    Outside(
        "POST", "/webhooks/stripe", "webhooksStripe", "What has become of a subscription", Received,
        codes=tuple(code for code in _REFUSES if code != "UNAUTHORIZED"), takes="application/json",
        signature="Stripe-Signature", sends={"id": "evt_0f1e2d3c4b5a",
        "type": "customer.subscription.updated", "data": {"object": {}}},
    ),
)  # fmt: skip
