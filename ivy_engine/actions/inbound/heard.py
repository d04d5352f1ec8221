"""A message with its meaning, and how it is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ivy_engine.actions.messages import writing
from ivy_engine.domain import zones
from ivy_engine.domain.inbound.reading import Reading
from ivy_engine.domain.inbound.received import Received
from ivy_engine.engine import Ivy
from ivy_engine.store.members import Member
from ivy_engine.store.questions import Question
from ivy_engine.store.workouts import Workout


@dataclass(frozen=True)
class Heard:
    """A message, what it means, and the questions that were open, the newest first."""

    member: Member
    said: Received
    read: Reading
    asked: Sequence[Question]
    now: datetime

    @property
    def today(self) -> date:
        return zones.local_date(self.now, self.member.timezone)

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
    """A direct answer, on the channel that was written on. Inside a write."""
    about = writing.About(workout_id=workout.id if workout else None, reply_by=heard.said.channel, asks_about=asks_about)
    writing.queue(ivy, heard.member, template, params or {}, about)
