"""A voice provider that speaks Retell's wire: rings, talks, analyses, and tells it by signed webhooks (PROVIDERS 8)."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from ivy_engine.plugins import retell
from ivy_engine.plugins.contract import (
    CallEvent,
    CallRequest,
    Fault,
    Incoming,
    OutboxEntry,
    PlacedCall,
    ProviderError,
    Surroundings,
)
from ivy_engine.plugins.simulated import chance
from ivy_engine.plugins.simulated.memory import Memory, at_ms, ms

PATH = "/webhooks/retell"
RINGS, TALKS, ANALYSIS = timedelta(seconds=10), timedelta(seconds=60), timedelta(seconds=5)
FROM = "+15005550100"
NOT_REACHED = {"decline": "user_declined", "no_answer": "dial_no_answer", "busy": "dial_busy"}
# Outcomes by number, the last four digits of +1500555xxxx
SCRIPTED = {
    "0001": "dial_no_answer",
    "0002": "dial_busy",
    "0003": "voicemail_reached",
    "0004": "user_declined",
    "0005": "user_requested_dnc",
    "0006": "error_retell",
    "0007": "invalid_destination",
    "0008": "concurrency_limit_reached",
    "0009": "no_valid_payment",
}
Analysis = Mapping[str, Any]


class Options(Protocol):
    @property
    def webhook_key(self) -> SecretStr: ...
    @property
    def api_key(self) -> SecretStr: ...


class SimulatedVoice:
    name = "retell"
    simulated = True
    base_url = None
    webhook_path = PATH

    def __init__(self, options: Options, own_key: str, memory: Memory, around: Surroundings, seed: int, manual: bool) -> None:
        configured = options.webhook_key.get_secret_value() or options.api_key.get_secret_value()
        self.takes_unsigned = not configured
        self._key = configured or own_key
        self._memory = memory
        self._around = around
        self._seed = seed
        self._manual = manual

    def read(self, headers: Mapping[str, str], raw: bytes, url: str) -> Sequence[Incoming]:
        retell.verify(self._key, headers.get(retell.SIGNATURE.upper()), raw, self._around.wall())
        return retell.parse(raw)

    def parse(self, raw: bytes) -> Sequence[Incoming]:
        return retell.parse(raw)

    def check(self) -> str:
        return "calls are simulated: nobody is rung"

    def sign(self, body: bytes, path: str) -> Mapping[str, str]:
        return {retell.SIGNATURE: retell.sign(self._key, body, self._around.wall()), "Content-Type": "application/json"}

    def place(self, request: CallRequest) -> PlacedCall:
        fault = self._memory.fault("voice")
        failing = chance.draw(self._seed, "voice", request.call_id, self._around.now()) < fault.rate
        if failing and fault.mode == "reject":
            raise ProviderError("400: the simulated voice provider rejects every call", permanent=True)
        if failing and fault.mode == "error":
            raise ProviderError("500: the simulated voice provider is out of order", permanent=False)
        placed = self._accept(request, fault, silent=failing and fault.mode == "silent")
        if failing and fault.mode == "timeout":
            raise ProviderError("no answer within the time-out", permanent=False)
        return placed

    def _accept(self, request: CallRequest, fault: Fault, silent: bool) -> PlacedCall:
        now = self._around.now()
        provider_id = "call_" + chance.token(self._seed, request.call_id)
        payload = {
            "from_number": FROM,
            "to_number": request.to,
            "override_agent_id": request.agent,
            "idempotency_key": request.call_id,
            "metadata": {"callId": request.call_id, "userId": request.user_id, "callType": request.call_type},
            "retell_llm_dynamic_variables": dict(request.variables),
            "agent_override": {"agent": {"timezone": request.timezone, "voicemail_option": _to_a_machine(request.voicemail)}},
        }
        entry = OutboxEntry(request.call_id, "call", request.to, request.call_type, None, None, None, None, payload, now)
        with self._memory.together():
            if self._memory.give(entry, provider_id):
                self._memory.run(
                    "INSERT INTO phone (provider_id, state, request) VALUES (?, 'ringing', ?)",
                    provider_id, json.dumps(payload),
                )  # fmt: skip
                if not silent and not self._manual and fault.mode != "manual":
                    self._script(provider_id, payload, now)
        return PlacedCall(provider_id)

    def find(self, call_id: str) -> PlacedCall | None:
        found = self._memory.row("SELECT provider_id FROM given WHERE kind = 'call' AND id = ?", call_id)
        return PlacedCall(found[0]) if found else None

    def stop(self, provider_call_id: str) -> None:
        """What was to come of the call does not come any more."""
        found = self._memory.row("SELECT request, started_at, ended_at FROM phone WHERE provider_id = ?", provider_call_id)
        now = self._around.now()
        if not found or (found[2] is not None and found[2] <= ms(now)):
            return
        started = at_ms(found[1]) if found[1] is not None and found[1] <= ms(now) else None
        with self._memory.together():
            self._memory.withdraw(provider_call_id)
            self._end(provider_call_id, json.loads(found[0]), started, now, "manual_stopped", {}, (now, now))

    def fetch(self, provider_call_id: str) -> Sequence[CallEvent]:
        """The call as it stands now: its end only when the end is not in the future."""
        found = self._memory.row(
            "SELECT request, state, started_at, ended_at, reason, analysis FROM phone WHERE provider_id = ?", provider_call_id
        )
        if not found:
            return []
        request, state, started, ended, reason, analysis = found
        now = ms(self._around.now())
        call = _call_object(provider_call_id, json.loads(request), started, ended, reason)
        over = state == "over" and (ended is None or ended <= now)
        kinds = (["started"] if started is not None and started <= now else []) + (["ended"] if over else [])
        events = [retell.read_call(kind, call) for kind in kinds]
        if over and analysis is not None:
            events.append(retell.read_call("analyzed", {**call, "call_analysis": _analysed(json.loads(analysis), reason)}))
        return events

    def pick_up(self, provider_id: str, action: str, analysis: Analysis, seconds: int | None) -> None:
        """What the person does; the events are due at once. LookupError or ValueError as the contract says."""
        found = self._memory.row("SELECT request, state, started_at FROM phone WHERE provider_id = ?", provider_id)
        if not found or found[1] == "over":
            raise LookupError("this phone is not ringing")
        request, state, started = json.loads(found[0]), found[1], found[2]
        now = self._around.now()
        with self._memory.together():
            if action == "hangup":
                if state != "connected":
                    raise ValueError("the call was not answered yet")
                self._end(provider_id, request, at_ms(started), max(now, at_ms(started)), "user_hangup", analysis, (now, now))
            elif state == "connected":
                raise ValueError("the call was answered already")
            elif action == "answer":
                self._start(provider_id, request, now, now)
                if seconds is not None:
                    end = now + timedelta(seconds=seconds)
                    self._end(provider_id, request, now, end, "user_hangup", analysis, (now, now))
            elif action == "voicemail":
                self._start(provider_id, request, now, now)
                self._end(provider_id, request, now, now, "voicemail_reached", {}, (now, now))
            else:
                self._end(provider_id, request, None, now, NOT_REACHED[action], {}, (now, now))

    def _script(self, provider_id: str, request: Mapping[str, Any], now: datetime) -> None:
        """The call answers itself; numbers +1500555xxxx have outcomes of their own."""
        number = request["to_number"]
        reason = SCRIPTED.get(number[-4:], "user_hangup") if number.startswith("+1500555") else "user_hangup"
        answered = now + RINGS
        if reason in ("user_hangup", "user_requested_dnc", "voicemail_reached"):
            ended = answered + TALKS
            self._start(provider_id, request, answered, answered)
            said = _default_analysis(request, ended) if reason == "user_hangup" else {}
            self._end(provider_id, request, answered, ended, reason, said, (ended, ended + ANALYSIS))
        else:
            self._end(provider_id, request, None, answered, reason, {}, (answered, answered + ANALYSIS))

    def _start(self, provider_id: str, request: Mapping[str, Any], started: datetime, due: datetime) -> None:
        self._memory.run("UPDATE phone SET state = 'connected', started_at = ? WHERE provider_id = ?", ms(started), provider_id)
        self._tell("call_started", _call_object(provider_id, request, ms(started), None, None), due)

    def _end(
        self, provider_id: str, request: Mapping[str, Any], started: datetime | None, ended: datetime, reason: str,
        analysis: Analysis, due: tuple[datetime, datetime],
    ) -> None:  # fmt: skip
        self._memory.run(
            "UPDATE phone SET state = 'over', ended_at = ?, reason = ?, analysis = ? WHERE provider_id = ?",
            ms(ended), reason, json.dumps(dict(analysis)), provider_id,
        )  # fmt: skip
        call = _call_object(provider_id, request, None if started is None else ms(started), ms(ended), reason)
        self._tell("call_ended", call, due[0])
        self._tell("call_analyzed", {**call, "call_analysis": _analysed(analysis, reason)}, due[1])

    def _tell(self, event: str, call: Mapping[str, Any], due: datetime) -> None:
        fault = self._memory.fault("voice")
        if fault.reorder:
            due += timedelta(seconds=int(chance.draw(self._seed, event, call["call_id"]) * 120))
        body = json.dumps({"event": event, "event_timestamp": ms(due), "call": call}).encode()
        for _ in range(2 if fault.duplicate else 1):
            self._memory.post_later(self.name, PATH, body, due)


def _call_object(
    provider_id: str, request: Mapping[str, Any], started: int | None, ended: int | None, reason: str | None
) -> dict[str, Any]:
    connected = started is not None
    call: dict[str, Any] = {
        "call_type": "phone_call",
        "call_id": provider_id,
        "agent_id": request["override_agent_id"],
        "agent_version": 1,
        "direction": "outbound",
        "from_number": FROM,
        "to_number": request["to_number"],
        "metadata": request["metadata"],
        "retell_llm_dynamic_variables": request["retell_llm_dynamic_variables"],
        "call_status": "ongoing",
    }
    if connected:
        call["start_timestamp"] = started
    if ended is not None:
        name = request["retell_llm_dynamic_variables"].get("user_name", "there")
        call |= {"call_status": "ended" if connected else "not_connected", "end_timestamp": ended}
        call |= {"disconnection_reason": reason, "transcript": f"Agent: Hi {name}.\nUser: Hi Ivy.\n" if connected else ""}
        if started is not None:
            call["duration_ms"] = ended - started
    return call


def _to_a_machine(text: str | None) -> dict[str, Any]:
    return {"action": {"type": "static_text", "text": text} if text else {"type": "hangup"}}


def _analysed(analysis: Analysis, reason: str | None) -> dict[str, Any]:
    return {
        "call_summary": "A simulated conversation.",
        "in_voicemail": reason == "voicemail_reached",
        "user_sentiment": "Neutral",
        "call_successful": reason == "user_hangup",
        "custom_analysis_data": dict(analysis),
    }


def _default_analysis(request: Mapping[str, Any], ended: datetime) -> Analysis:
    """What a member who is not played by anybody says (CONTRACT 3)."""
    call_type = request["metadata"]["callType"]
    if call_type in ("MORNING_PLANNING", "ONBOARDING"):
        today = ended.astimezone(ZoneInfo(request["agent_override"]["agent"]["timezone"])).date()
        return {"plan_activity": "Walk", "plan_date": today.isoformat(), "plan_time": "18:00", "plan_duration": 30}
    return {"completion": "unknown"} if call_type == "EVENING_REVIEW" else {}
