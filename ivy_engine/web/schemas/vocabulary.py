"""The words that bodies and answers share, each with an example: ids, tiers, roles, times, amounts."""

from collections.abc import Sequence
from typing import Annotated, Any, get_args
from uuid import UUID

from pydantic import Field, WithJsonSchema

from ivy_engine.domain import billing, giving, members, scores, streaks, workouts

MEMBER_ID = "0199a1b2-0001-7abc-8def-0123456789ab"
CHARITY_ID = "0199a1b2-0002-7abc-8def-0123456789ab"
WORKOUT_ID = "0199a1b2-0003-7abc-8def-0123456789ab"
DONATION_ID = "0199a1b2-0004-7abc-8def-0123456789ab"
SESSION_ID = "0199a1b2-0005-7abc-8def-0123456789ab"
CALL_ID = "0199a1b2-0006-7abc-8def-0123456789ab"
MESSAGE_ID = "0199a1b2-0007-7abc-8def-0123456789ab"
COMPANY_ID = "0199a1b2-0008-7abc-8def-0123456789ab"
WALLET_ID = "0199a1b2-0009-7abc-8def-0123456789ab"
SCORE_ID = "0199a1b2-000a-7abc-8def-0123456789ab"
MARKER_ID = "0199a1b2-000b-7abc-8def-0123456789ab"


def _id(example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "format": "uuid", "examples": [example]})


def _word(*words: str) -> WithJsonSchema:
    """Shown as one of these words; not checked when an answer leaves, so that no stored row can break one."""
    return WithJsonSchema({"type": "string", "enum": list(words)})


def _words(literal: Any) -> Sequence[str]:
    return get_args(literal)


MemberId = Annotated[str, _id(MEMBER_ID)]
CharityId = Annotated[str, _id(CHARITY_ID)]
WorkoutId = Annotated[str, _id(WORKOUT_ID)]
DonationId = Annotated[str, _id(DONATION_ID)]
SessionId = Annotated[str, _id(SESSION_ID)]
CallId = Annotated[str, _id(CALL_ID)]
MessageId = Annotated[str, _id(MESSAGE_ID)]
CompanyId = Annotated[str, _id(COMPANY_ID)]
WalletId = Annotated[str, _id(WALLET_ID)]
ScoreId = Annotated[str, _id(SCORE_ID)]
MarkerId = Annotated[str, _id(MARKER_ID)]
GivenMemberId = Annotated[UUID, Field(examples=[MEMBER_ID])]
GivenCharityId = Annotated[UUID, Field(examples=[CHARITY_ID])]

# The action reads it, because it takes the member's zone (R-23, RULEBOOK 7.1)
WrittenDay = Annotated[
    str,
    WithJsonSchema({
        "anyOf": [{"type": "string", "format": "date", "examples": ["2026-05-04"]}, {"type": "string", "format": "date-time"}],
        "description": "A date or a date-time, from the year 2000 to 2199.",
    }),
]  # fmt: skip

FirstName = Annotated[str, Field(examples=["Ana"])]
LastName = Annotated[str, Field(examples=["Li"])]
EmailAddress = Annotated[str, WithJsonSchema({"type": "string", "format": "email", "examples": ["ana@example.com"]})]
PhoneNumber = Annotated[str, WithJsonSchema({"type": "string", "format": "phone", "examples": ["+447700900101"]})]
ZoneName = Annotated[str, WithJsonSchema({"type": "string", "format": "iana-zone", "examples": ["Europe/London"]})]
Track = Annotated[str, Field(examples=["fitness"])]
Goal = Annotated[str, Field(examples=["Run 5K"])]
ClockTime = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$", "examples": ["07:05"]})]
Url = Annotated[str, WithJsonSchema({"type": "string", "format": "uri", "examples": ["https://www.example.org"]})]
Currency = Annotated[str, Field(examples=["GBP"])]
Count = Annotated[int, Field(examples=[3])]
Percent = Annotated[int, WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 100, "examples": [75]})]

Tier = Annotated[str, _word(*billing.TIERS)]
SubscriptionStatus = Annotated[str, _word("active", "past_due", "paused", "cancelled")]
Role = Annotated[str, _word(*members.ROLES)]
MemberStatus = Annotated[str, _word(*members.STATUSES)]
WorkoutStatus = Annotated[str, _word(*_words(workouts.Status))]
DonationType = Annotated[str, _word(*_words(giving.Type))]
SkippedReason = Annotated[str, _word(*_words(giving.SkippedReason))]
Direction = Annotated[str, _word(*_words(scores.Direction))]
Category = Annotated[str, _word(*_words(scores.Category))]
Significance = Annotated[str, _word(*_words(scores.Significance))]
DayState = Annotated[str, _word(*(kind.value for kind in streaks.Kind))]
DayReason = Annotated[str, _word(*(because.name.lower() for because in streaks.Because))]
Excuse = Annotated[str, _word(*streaks.EXCUSES)]
