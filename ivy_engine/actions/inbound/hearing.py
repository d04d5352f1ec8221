"""A member's message: kept once, read (R-114), and answered by the one function that its meaning has."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from ivy_engine.actions import safety
from ivy_engine.actions.calls import ladder
from ivy_engine.actions.inbound import answers
from ivy_engine.actions.inbound.heard import Heard
from ivy_engine.domain.inbound import reading
from ivy_engine.domain.inbound.reading import Intent
from ivy_engine.domain.inbound.received import Received
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


def hear(ivy: Ivy, said: Received) -> None:
    """A message from a phone; a number that is nobody's gets no answer. Inside a write."""
    member = member_rows.by_phone_hash(ivy.keys.hash("phone", said.from_number))
    if member is None or not member.is_active:
        log.info("a %s message from a number that is no member's", said.channel.lower())
        return
    now = ivy.clock.now()
    row = _kept(ivy, said, member, now)
    if not message_rows.add_once(row):
        return
    if said.channel == "WHATSAPP":
        member.last_whatsapp_at = max(now, member.last_whatsapp_at or now)
        member_rows.save(member)
    if said.text is None and said.button is None:
        if said.kind in MEDIA:
            answers.ask_for_text(ivy, member, said)
        return
    asked = questions.open_of(member.id, now)
    about = reading.Circumstances(tuple(row.kind for row in asked), member.status != ACTIVE, member.hold_since is not None)
    read = reading.read(said.text or "", said.button, about)
    log.info("message %s was read as %s", row.id, read.intent.value)
    if read.intent is not Intent.CONCERN:
        ladder.in_touch(member.id, now)
    ANSWERS[read.intent](ivy, Heard(member, said, read, tuple(asked), now))


def _kept(ivy: Ivy, said: Received, member: Member, now: datetime) -> Message:
    by_whatsapp = said.channel == "WHATSAPP"
    return Message(
        id=ivy.clock.new_id(), member_id=member.id, channel=said.channel, direction="INBOUND", message_type=said.kind,
        body=said.text, params={"button": said.button} if said.button else None, status="DELIVERED",
        whatsapp_id=said.provider_id if by_whatsapp else None, twilio_sid=None if by_whatsapp else said.provider_id,
        created_at=now, delivered_at=now,
    )  # fmt: skip
