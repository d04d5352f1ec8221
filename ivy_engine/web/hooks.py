"""Webhooks in: raw bytes, verified by the provider's plugin, kept as rows, answered at once."""

import logging

import falcon

from ivy_engine.actions.inbound import events as inbound
from ivy_engine.domain.errors import BadRequest, Unauthorized, Unavailable
from ivy_engine.engine import Ivy
from ivy_engine.plugins.contract import Incoming, Malformed, Provider, Rejected
from ivy_engine.web.endpoint import rendered
from ivy_engine.web.loopback import is_loopback
from ivy_engine.web.reading import MEGABYTE, read_raw
from ivy_engine.web.schemas.outside import Received

log = logging.getLogger(__name__)
LIMIT = 4 * MEGABYTE


class Hook:
    """`POST /webhooks/...` of one provider."""

    def __init__(self, ivy: Ivy, name: str) -> None:
        self._ivy = ivy
        self._name = name

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        provider = self._ivy.providers.behind(self._name)
        if provider is None:
            raise Unavailable(f"The provider {self._name} is off.")
        raw = read_raw(req, LIMIT)
        try:
            incoming = self._read(provider, req, raw)
        except Malformed as problem:
            raise BadRequest(f"This webhook cannot be read: {problem}.") from None
        inbound.receive(self._ivy, self._name, incoming)
        self._answer(resp)

    def _read(self, provider: Provider, req: falcon.Request, raw: bytes) -> list[Incoming]:
        query = f"?{req.query_string}" if req.query_string else ""
        try:
            return list(provider.read(req.headers, raw, f"{self._ivy.settings.public_url}{req.path}{query}"))
        except Rejected as refusal:
            if refusal.unsigned and self._may_be_unsigned(provider, req):
                return list(provider.parse(raw))
            log.warning("a webhook for %s was refused: %s", self._name, refusal)
            # Stripe's documentation has 400 for this, the others 401 (RULEBOOK 7.1)
            raise (BadRequest if self._name == "stripe" else Unauthorized)(f"{refusal}.".capitalize()) from None

    def _may_be_unsigned(self, provider: Provider, req: falcon.Request) -> bool:
        """Only from this machine, with the simulator on, for a simulated provider without a secret (CONTRACT 3)."""
        return provider.takes_unsigned and self._ivy.settings.simulator_mounted and is_loopback(req)

    def _answer(self, resp: falcon.Response) -> None:
        if self._name == "twilio":
            resp.content_type = "text/xml"
            resp.text = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
        else:
            resp.content_type = falcon.MEDIA_JSON
            resp.data = rendered(Received, {"received": True})


class WhatsappHook(Hook):
    """Also answers Meta's question whether this address is ours."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        expected = self._ivy.settings.whatsapp.verify_token.get_secret_value()
        given = req.get_param("hub.verify_token") or ""
        challenge = req.get_param("hub.challenge")
        resp.content_type = falcon.MEDIA_TEXT
        same = self._ivy.keys.same(given, expected)
        if req.get_param("hub.mode") == "subscribe" and expected and same and challenge:
            resp.text = challenge
        else:
            resp.status = 403
            resp.text = "Forbidden"
