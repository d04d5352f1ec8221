"""A member's message: kept once, read (R-114), and answered by the one function that its meaning has."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from ivy_engine.actions import safety
from ivy_engine.actions.calls import ladder
from ivy_engine.actions.inbound import answers
from ivy_engine.actions.inbound.heard import Heard, written_at
from ivy_engine.domain.inbound import reading
from ivy_engine.domain.inbound.reading import Intent
from ivy_engine.domain.inbound.received import Received
from ivy_engine.domain.inbound.senders import known_by
from ivy_engine.domain.pauses import ACTIVE
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store import questions
from ivy_engine.store.members import Member
from ivy_engine.store.messages import Message

log = logging.getLogger(__name__)
MEDIA = frozenset({"audio", "image", "video", "document", "sticker", "location", "contacts"})

ANSWERS: Mapping[Intent, Callable[[Ivy, Heard], None]] = {
    Intent.CONCERN: safety.concerned,
    Intent.STOP: answers.stop,
    Intent.START: answers.start,
    Intent.CONTINUE: safety.asked_to_continue,
    Intent.BACK: answers.back,
    Intent.PAUSE: answers.pause,
    Intent.SICK: answers.offer_status,
    Intent.TRAVELLING: answers.offer_status,
    Intent.SCORE: answers.score,
    Intent.YES: answers.yes,
    Intent.NO: answers.no,
    Intent.REST: answers.rest,
    Intent.NOT_DONE: answers.not_done,
    Intent.DONE: answers.done,
    Intent.UNSURE: answers.unsure,
    Intent.SKIP: answers.skip,
    Intent.RESCUE: answers.offer_minimum,
    Intent.HELP: answers.help_menu,
    Intent.CALL_ME: answers.call_me,
    Intent.STATS: answers.progress,
    Intent.PLAN: answers.plan,
    Intent.OTHER: answers.unknown,
}


def hear(ivy: Ivy, said: Received) -> bool:
    """A message from a phone; a number that is nobody's gets no answer. Whether it is a member's. Inside a write."""
    member = _sender(ivy, said)
    if member is None or not member.is_active:
        log.info("a %s message from a number that is no member's", said.channel.lower())
        return False
    now = ivy.clock.now()
    at = written_at(said, now)
    row = _kept(ivy, said, member, now)
    if not message_rows.add_once(row):
        return True
    if said.channel == "WHATSAPP":
        member.last_whatsapp_at = max(at, member.last_whatsapp_at or at)
        member_rows.save(member)
    if said.text is None and said.button is None:
        if said.kind in MEDIA:
            answers.ask_for_text(ivy, member, said)
        return True
    asked = questions.open_of(member.id, at)
    about = reading.Circumstances(
        open=tuple(row.kind for row in asked),
        away=member.status != ACTIVE,
        in_hold=member.hold_since is not None,
        by_sms=said.channel == "SMS",
    )
    read = reading.read(said.text or "", said.button, about)
    log.info("message %s was read as %s", row.id, read.intent.value)
    if read.intent is not Intent.CONCERN:
        ladder.in_touch(member.id, now)
    ANSWERS[read.intent](ivy, Heard(member, said, read, tuple(asked), now, at))
    return True


def _sender(ivy: Ivy, said: Received) -> Member | None:
    found = (member_rows.by_phone_hash(ivy.keys.hash("phone", number)) for number in known_by(said.from_number))
    return next((member for member in found if member is not None), None)


def _kept(ivy: Ivy, said: Received, member: Member, now: datetime) -> Message:
    by_whatsapp = said.channel == "WHATSAPP"
    return Message(
        id=ivy.clock.new_id(), member_id=member.id, channel=said.channel, direction="INBOUND", message_type=said.kind,
        body=said.text, params={"button": said.button} if said.button else None, status="DELIVERED",
        whatsapp_id=said.provider_id if by_whatsapp else None, twilio_sid=None if by_whatsapp else said.provider_id,
        created_at=now, delivered_at=now,
    )  # fmt: skip
