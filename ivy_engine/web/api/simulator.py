"""`/simulator`: clock, jobs, and the world of the simulated providers. A POST returns when all that it caused is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from ivy_engine import jobs
from ivy_engine.actions import coaches, simulator
from ivy_engine.domain.audit import SIMULATOR
from ivy_engine.domain.errors import Conflict, NotFound, invalid
from ivy_engine.domain.members import COACH, normal_phone
from ivy_engine.engine import Ivy
from ivy_engine.web.endpoint import Asked

OUTBOX_WAITS = 2.0  # seconds at most, for what earlier requests have caused


def outbox(asked: Asked) -> Any:
    """What the simulated providers were given.

    Newest first; sign-in mails with their token and code.
    """
    query = asked.query
    jobs.await_quiet(asked.ivy, OUTBOX_WAITS)
    return simulator.outbox(asked.ivy, query.kind, query.to, query.template, query.since, query.limit)


def clock(asked: Asked) -> Any:
    """The engine's clock."""
    return {"now": asked.ivy.clock.now(), "virtual": asked.ivy.clock.virtual}


def set_clock(asked: Asked) -> Any:
    """Set the clock.

    It then stands still until it is set or advanced; nothing runs.
    """
    if asked.body.now is None and asked.body.virtual is None:
        raise invalid("now", "send {now} or {virtual: false}")
    if asked.body.now is not None and asked.body.virtual is not None:
        raise invalid("virtual", "send either {now} or {virtual: false}")
    _nobody_real(asked.ivy)
    jobs.set_clock(asked.ivy, asked.body.now)
    return clock(asked)


def advance(asked: Asked) -> Any:
    """Let time pass.

    From due event to due event; everything due on the way is run.
    """
    body, ivy = asked.body, asked.ivy
    if (body.to is None) == (body.seconds is None):
        raise invalid("to", "send either {to} or {seconds}")
    _nobody_real(ivy)
    to = body.to if body.to is not None else ivy.clock.now() + timedelta(seconds=body.seconds)
    if to < ivy.clock.now():
        raise invalid("to", "this is in the past of the engine's clock; POST /simulator/clock can set it back")
    ran = jobs.advance(ivy, to)
    return {"now": ivy.clock.now(), "ran": ran}


def run_job(asked: Asked) -> Any:
    """Run one job now."""
    name = asked.params["name"]
    jobs.named(name)
    _nobody_real(asked.ivy)
    return {"job": name, "changed": jobs.run(asked.ivy, name)}


def _nobody_real(ivy: Ivy) -> None:
    """Nobody real may be rung by a simulated morning: 409 while a live provider is somewhere else than on this machine."""
    for provider in ivy.providers.every():
        if provider.base_url is not None and not _here(provider.base_url):
            raise Conflict(f"The provider {provider.name} is live: the clock stays as it is.")


def _here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def phone(asked: Asked) -> Any:
    """What rings or talks now."""
    return simulator.ringing(asked.ivy, asked.query.user_id)


def pick_up(asked: Asked) -> Any:
    """Do what the member does with the phone."""
    ivy, body = asked.ivy, asked.body
    if body.seconds is not None and body.action != "answer":
        raise invalid("seconds", "only an answered call has a length")
    provider_call_id = simulator.provider_call(ivy, asked.params["callId"])
    with jobs.settled(ivy), _refusing():
        ivy.simulator.pick_up(provider_call_id, body.action, body.analysis, body.seconds)
    return {"id": provider_call_id}


def message(asked: Asked) -> Any:
    """Write what a member writes."""
    ivy, body = asked.ivy, asked.body
    if body.text is None and body.button is None:
        raise invalid("text", "send text or button")
    number = _phone(body.from_)
    with jobs.settled(ivy), _refusing():
        return {"id": ivy.simulator.write(number, body.channel.upper(), body.text, body.button)}


def _phone(text: str) -> str:
    number = normal_phone(text if text.strip().startswith("+") else f"+{text.strip()}", "from")
    if number is None:
        raise invalid("from", "this is not a phone number")
    return number


def status(asked: Asked) -> Any:
    """Report what has become of a message."""
    ivy, body = asked.ivy, asked.body
    provider_id, channel = simulator.provider_message(ivy, body.message_id)
    code = str(body.error_code) if body.error_code is not None else None
    with jobs.settled(ivy), _refusing():
        ivy.simulator.report(provider_id, channel, body.message_id, body.status, code)
    return {"id": body.message_id}


def checkout(asked: Asked) -> Any:
    """Finish a payment page."""
    with jobs.settled(asked.ivy), _refusing():
        asked.ivy.simulator.finish_checkout(asked.params["sessionId"], asked.body.action)
    return {"id": asked.params["sessionId"]}


def faults(asked: Asked) -> Any:
    """What goes wrong on purpose."""
    return asked.ivy.simulator.faults()


def set_faults(asked: Asked) -> Any:
    """Let something go wrong on purpose.

    Only what is named changes.
    """
    now_are = asked.ivy.simulator.faults()
    for kind, change in asked.body.changes().items():
        named = {name: value for name, value in (change or {}).items() if value is not None}
        if named.get("mode") == "manual" and kind != "voice":
            raise invalid(f"{kind}.mode", "only a phone can be answered by hand")
        asked.ivy.simulator.set_fault(kind, replace(now_are[kind], **named))
    return asked.ivy.simulator.faults()


def operator(asked: Asked) -> Any:
    """Give a member a role, and a coach members."""
    ivy, body = asked.ivy, asked.body
    if body.members and body.role != COACH:
        raise invalid("members", "only a coach has members")
    with ivy.db.write():
        granted = coaches.grant_role(ivy, SIMULATOR, body.email, body.role, body.company_id)
        return coaches.assign(ivy, SIMULATOR, body.email, body.members) if body.members else granted


def demo_member(asked: Asked) -> Any:
    """Sign in as a demo member.

    Without a mail; one is signed up when there is none.
    """
    return simulator.demo_member(asked.ivy, asked.user_agent)


@contextmanager
def _refusing() -> Iterator[None]:
    """What the simulated world cannot do becomes a refusal with its own sentence."""
    try:
        yield
    except LookupError as error:
        raise NotFound(f"{error}.".capitalize()) from None
    except ValueError as error:
        raise Conflict(f"{error}.".capitalize()) from None
