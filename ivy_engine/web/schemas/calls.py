"""Bodies and answers about calls."""

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from ivy_engine.domain.calls import booking
from ivy_engine.web.schemas.base import Answer, Body, Day, Instant, QueryInteger, WrittenInstant, by_rule
from ivy_engine.web.schemas.lists import Paging
from ivy_engine.web.schemas.vocabulary import (
    CallId,
    CallOutcome,
    CallStatus,
    CallType,
    GivenMemberId,
    MemberId,
    QueryDay,
)

# Taken in any letter case; generators of clients make one name of two spellings
_TYPE = WithJsonSchema({"type": "string", "enum": list(booking.TYPES), "examples": ["MORNING_PLANNING"]})
GivenType = Annotated[str, Field(max_length=40), by_rule(booking.call_type), AfterValidator(booking.call_type), _TYPE]
Ahead = Annotated[WrittenInstant, WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-05-04T18:00:00Z"]})]


class NewCall(Body):
    call_type: GivenType
    user_id: GivenMemberId | None = Field(None, description="For operators: whom to call.")


class BookedCall(NewCall):
    scheduled_at: Ahead = Field(description="Ahead, at most 60 days.")


class MovedCall(Body):
    scheduled_at: Ahead = Field(description="Ahead, at most 60 days.")


class KnownOutcome(Body):
    outcome: CallOutcome


class CallQuery(Paging):
    call_type: GivenType | None = None
    status: CallStatus | None = None
    start_date: QueryDay | None = None
    end_date: QueryDay | None = None


class UpcomingQuery(Paging):
    limit: QueryInteger = Field(20, ge=1, le=100, description="Rows on a page.", examples=[20])


class Initiated(Answer):
    id: CallId
    user_id: MemberId
    call_type: CallType
    status: CallStatus
    retell_call_id: str | None = Field(description="null while it waits for a free line.", examples=["call_0f1e2d3c4b5a"])
    initiated_at: Instant


class Call(Answer):
    id: CallId
    user_id: MemberId
    call_type: CallType
    scheduled_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    duration: int | None = Field(description="Seconds.", examples=[60])
    status: CallStatus
    retell_call_id: str | None = Field(examples=["call_0f1e2d3c4b5a"])
    transcript: str | None = Field(examples=["Agent: Hi Ana.\nUser: Hi Ivy.\n"])
    transcript_summary: str | None = Field(examples=["A walk at six."])
    recording_url: str | None = Field(examples=["https://www.example.org/recording.wav"])
    outcome: CallOutcome | None
    sentiment: str | None = Field(examples=["neutral"])
    needs_follow_up: bool
    direction: str = Field(examples=["outbound"])
    attempt: int = Field(ge=1, examples=[1])
    retry_of_id: CallId | None
    local_date: Day
    source: str = Field(examples=["planner"])
    created_at: Instant
    updated_at: Instant


class Decision(Answer):
    """Whether the call could be made when it was due, and every reason against it."""

    at: Instant
    allowed: bool
    reasons: tuple[str, ...] = Field(examples=[["away"]])


class CallWithDecisions(Call):
    decisions: tuple[Decision, ...]


class CallCancelled(Answer):
    message: str = Field(examples=["The call is cancelled."])
