"""Bodies and answers about being away, and about rest days."""

from typing import Literal

from pydantic import Field, StrictBool

from ivy_engine.web.schemas.base import Answer, Body, Day, WrittenDate, shown
from ivy_engine.web.schemas.members import Zone
from ivy_engine.web.schemas.vocabulary import MemberId, MemberStatus, PauseReason


class NewPause(Body):
    model_config = shown({"reason": "break", "resumeDate": "2026-05-18"})

    reason: Literal["traveling", "sick", "break"]
    resume_date: WrittenDate | None = Field(None, description="The last date away; calls begin again on the next one.")
    keep_structure: StrictBool | None = Field(None, description="On a journey: calls and reminders go on.")
    travel_timezone: Zone = None


class PauseState(Answer):
    id: MemberId
    status: MemberStatus
    pause_reason: PauseReason | None
    resume_date: Day | None


class NewRestDay(Body):
    date: WrittenDate


class RestDay(Answer):
    date: Day
    counts: bool = Field(description="false when other rest days near it leave it no room to excuse anything.")
