"""A mail server that keeps every mail instead of sending it. Addresses of bounce.test are refused."""

from collections.abc import Mapping, Sequence

from ivy_engine.plugins.contract import Incoming, MailRequest, OutboxEntry, ProviderError, Rejected, Surroundings
from ivy_engine.plugins.simulated import chance
from ivy_engine.plugins.simulated.memory import Memory


class SimulatedMail:
    name = "smtp"
    simulated = True
    base_url = None
    webhook_path = None
    takes_unsigned = False

    def __init__(self, memory: Memory, around: Surroundings, seed: int) -> None:
        self._memory = memory
        self._around = around
        self._seed = seed

    def read(self, headers: Mapping[str, str], raw: bytes, url: str) -> Sequence[Incoming]:
        raise Rejected("mail has no webhook")

    def parse(self, raw: bytes) -> Sequence[Incoming]:
        raise Rejected("mail has no webhook")

    def check(self) -> str:
        return "e-mail is simulated: it is kept in the simulator's outbox"

    def send(self, request: MailRequest) -> str:
        fault = self._memory.fault("email")
        now = self._around.now()
        failing = chance.draw(self._seed, "email", request.message_id, now) < fault.rate
        if request.to.endswith("@bounce.test") or (failing and fault.mode == "reject"):
            raise ProviderError("550: no such mailbox", permanent=True)
        if failing and fault.mode == "error":
            raise ProviderError("451: try again later", permanent=False)
        mail_id = f"<{request.message_id}@ivy.simulated>"
        entry = OutboxEntry(
            id=request.message_id,
            kind="email",
            to=request.to,
            template=request.template,
            subject=request.subject,
            body=request.body,
            token=request.params.get("token"),
            code=request.params.get("code"),
            payload={
                "messageId": mail_id,
                "params": dict(request.params),
                "headers": dict(request.headers),
                **({"html": request.html} if request.html else {}),
            },
            at=now,
        )
        self._memory.give(entry, mail_id)
        if failing and fault.mode == "timeout":
            raise ProviderError("no answer within the time-out", permanent=False)
        return mail_id
