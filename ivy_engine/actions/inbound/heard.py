"""A message with its meaning, and how it is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ivy_engine.actions.messages import writing
from ivy_engine.domain import zones
from ivy_engine.domain.inbound.reading import Reading
from ivy_engine.domain.inbound.received import Received
from ivy_engine.engine import Ivy
from ivy_engine.store.members import Member
from ivy_engine.store.questions import Question
from ivy_engine.store.workouts import Workout

STILL_WAITING, STILL_TO_BE_RUNG = timedelta(hours=24), timedelta(hours=1)
DELIVERED_WITHIN = timedelta(days=7)


def written_at(said: Received, now: datetime) -> datetime:
    """When a message was written, as far as its provider's clock can be believed; else now."""
    at = said.sent_at
    return at if at is not None and timedelta(0) <= now - at < DELIVERED_WITHIN else now


@dataclass(frozen=True)
class Heard:
    """A message, what it means, and the questions that were open, the newest first.

    `at` is when it was written: a provider may deliver it days later (PROVIDERS 2.6), and its "today" is that day.
    """

    member: Member
    said: Received
    read: Reading
    asked: Sequence[Question]
    now: datetime
    at: datetime

    @property
    def today(self) -> date:
        return zones.local_date(self.at, self.member.timezone)

    @property
    def old(self) -> bool:
        """Nobody waits for an answer any more."""
        return self.now - self.at > STILL_WAITING

    @property
    def too_old_to_ring(self) -> bool:
        return self.now - self.at > STILL_TO_BE_RUNG

    @property
    def text(self) -> str:
        return self.said.text or ""

    def newest(self, *kinds: str) -> Question | None:
        return next((question for question in self.asked if question.kind in kinds), None)


def reply(
    ivy: Ivy,
    heard: Heard,
    template: str,
    params: Mapping[str, str] | None = None,
    workout: Workout | None = None,
    asks_about: str | None = None,
) -> None:
    """A direct answer, on the channel that was written on, unless the message is old. Inside a write."""
    if heard.old:
        return
    about = writing.About(workout_id=workout.id if workout else None, reply_by=heard.said.channel, asks_about=asks_about)
    writing.queue(ivy, heard.member, template, params or {}, about)
