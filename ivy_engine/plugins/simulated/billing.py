"""A payment provider that speaks Stripe's wire: checkouts, and the subscription events that follow them."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from pydantic import SecretStr

from ivy_engine.plugins import stripe
from ivy_engine.plugins.contract import Checkout, CheckoutRequest, Incoming, ProviderError, Surroundings
from ivy_engine.plugins.simulated import chance
from ivy_engine.plugins.simulated.memory import Memory, ms


class Options(Protocol):
    @property
    def webhook_secret(self) -> SecretStr: ...


class SimulatedBilling:
    name = "stripe"
    simulated = True
    base_url = None
    webhook_path = "/webhooks/stripe"

    def __init__(self, options: Options, own_key: str, memory: Memory, around: Surroundings, seed: int) -> None:
        configured = options.webhook_secret.get_secret_value()
        self.takes_unsigned = not configured
        self._key = configured or own_key
        self._memory = memory
        self._around = around
        self._seed = seed

    def read(self, headers: Mapping[str, str], raw: bytes, url: str) -> Sequence[Incoming]:
        stripe.verify(self._key, headers.get(stripe.SIGNATURE.upper()), raw, self._around.wall())
        return stripe.parse(raw)

    def parse(self, raw: bytes) -> Sequence[Incoming]:
        return stripe.parse(raw)

    def check(self) -> str:
        return "payments are simulated: no card is charged"

    def sign(self, body: bytes, path: str) -> Mapping[str, str]:
        return {stripe.SIGNATURE: stripe.sign(self._key, body, self._around.wall()), "Content-Type": "application/json"}

    def checkout(self, request: CheckoutRequest) -> Checkout:
        fault = self._memory.fault("billing")
        now = self._around.now()
        failing = chance.draw(self._seed, "billing", request.user_id, now) < fault.rate
        if failing and fault.mode in ("reject", "error", "timeout"):
            raise ProviderError(f"billing: {fault.mode}", permanent=fault.mode == "reject")
        session_id = "cs_" + chance.token(self._seed, request.user_id, request.tier, ms(now))
        wanted = {"userId": request.user_id, "email": request.email, "tier": request.tier}
        self._memory.run(
            "INSERT OR IGNORE INTO checkout (session_id, state, request) VALUES (?, 'open', ?)", session_id, json.dumps(wanted)
        )
        return Checkout(session_id, f"{self._around.public_url}/simulator/checkout/{session_id}")

    def finish(self, session_id: str, action: str) -> None:
        """Complete or abandon an open checkout; LookupError if there is none."""
        with self._memory.together():
            found = self._memory.row("SELECT request FROM checkout WHERE session_id = ? AND state = 'open'", session_id)
            if not found:
                raise LookupError("there is no open checkout with this id")
            self._memory.run("UPDATE checkout SET state = ? WHERE session_id = ?", action, session_id)
            wanted = json.loads(found[0])
            if action == "complete":
                self.subscribe(wanted["userId"], wanted["tier"])

    def subscribe(self, user_id: str, tier: str) -> None:
        """A new subscription and its first paid invoice."""
        subscription_id = "sub_" + chance.token(self._seed, user_id, tier, ms(self._around.now()))
        metadata = {"userId": user_id, "tier": tier}
        customer = "cus_" + chance.token(self._seed, user_id)
        subscription = {"id": subscription_id, "object": "subscription", "customer": customer}
        invoice = {"id": subscription_id.replace("sub_", "in_"), "object": "invoice", "customer": customer, "status": "paid"}
        details = {"subscription": subscription_id, "metadata": metadata}
        with self._memory.together():
            self._tell("customer.subscription.created", {**subscription, "status": "active", "metadata": metadata})
            self._tell("invoice.paid", {**invoice, "parent": {"subscription_details": details}})

    def _tell(self, event_type: str, thing: Mapping[str, Any]) -> None:
        now = self._around.now()
        fault = self._memory.fault("billing")
        if fault.mode == "silent":
            return
        event = {
            "id": "evt_" + chance.token(self._seed, event_type, json.dumps(thing), ms(now)),
            "object": "event",
            "type": event_type,
            "created": ms(now) // 1000,
            "livemode": False,
            "data": {"object": thing},
        }
        late = timedelta(seconds=int(chance.draw(self._seed, event["id"]) * 60)) if fault.reorder else timedelta()
        for _ in range(2 if fault.duplicate else 1):
            self._memory.post_later(self.name, self.webhook_path, json.dumps(event).encode(), now + late)
