"""The words that bodies and answers share, each with an example: ids, tiers, roles, times, amounts."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, WithJsonSchema
from typing_extensions import TypeAliasType

from ivy_engine.domain import billing, filters, giving, members, messages, pauses, receipts, scores, streaks, workouts
from ivy_engine.domain.calls import booking
from ivy_engine.web.schemas.base import by_rule

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

_WRITTEN_DAY = WithJsonSchema({
    "type": "string", "format": "date-or-date-time", "examples": ["2026-05-04"],
    "description": "A date or a date-time, from the year 2000 to 2199.",
})  # fmt: skip
# Read again by the action, in the member's zone (R-23, RULEBOOK 7.1)
PlannedDay = Annotated[str, Field(max_length=40), by_rule(lambda text: workouts.planned_date(text, "UTC")), _WRITTEN_DAY]
QueryDay = Annotated[str, Field(max_length=40), by_rule(lambda text: filters.span(text, None, "UTC")), _WRITTEN_DAY]
GivenMonth = Annotated[str, Field(max_length=7), by_rule(receipts.month), WithJsonSchema({
    "type": "string", "pattern": "^2[01][0-9]{2}-(0[1-9]|1[0-2])$", "examples": ["2026-05"],
    "description": "A month, from the year 2000 to 2199.",
})]  # fmt: skip
FirstName = Annotated[str, Field(examples=["Ana"])]
LastName = Annotated[str, Field(examples=["Li"])]
EmailAddress = Annotated[str, WithJsonSchema({"type": "string", "format": "email", "examples": ["ana@example.com"]})]
PhoneNumber = Annotated[str, WithJsonSchema({"type": "string", "format": "phone", "examples": ["+447700900155"]})]
ZoneName = Annotated[str, WithJsonSchema({"type": "string", "format": "iana-zone", "examples": ["Europe/London"]})]
Track = Annotated[str, Field(examples=["fitness"])]
Goal = Annotated[str, Field(examples=["Run 5K"])]
ClockTime = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$", "examples": ["07:05"]})]
Url = Annotated[str, WithJsonSchema({"type": "string", "format": "uri", "examples": ["https://www.example.org"]})]
Currency = Annotated[str, Field(examples=["GBP"])]
Count = Annotated[int, Field(examples=[3])]
Percent = Annotated[int, WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 100, "examples": [75]})]

# Named, so that clients made from the document have one type for each
Tier = TypeAliasType("Tier", Annotated[str, _word(*billing.TIERS)])
SubscriptionStatus = TypeAliasType("SubscriptionStatus", Annotated[str, _word("active", "past_due", "paused", "cancelled")])
Role = TypeAliasType("Role", Annotated[str, _word(*members.ROLES)])
MemberStatus = TypeAliasType("MemberStatus", Annotated[str, _word(*members.STATUSES)])
DayState = TypeAliasType("DayState", Annotated[str, _word(*(kind.value for kind in streaks.Kind))])
DayReason = TypeAliasType("DayReason", Annotated[str, _word(*(because.name.lower() for because in streaks.Because))])
Excuse = TypeAliasType("Excuse", Annotated[str, _word(*streaks.EXCUSES)])
Style = TypeAliasType("Style", Literal["calls", "async", "mixed"])
PauseReason = TypeAliasType("PauseReason", Annotated[str, _word(*pauses.REASONS)])
CallType = TypeAliasType("CallType", Annotated[str, _word(*booking.TYPES)])
CallStatus = TypeAliasType("CallStatus", Literal["SCHEDULED", "IN_PROGRESS", "COMPLETED", "NO_ANSWER", "FAILED", "CANCELLED"])
CallOutcome = TypeAliasType("CallOutcome", booking.Outcome)
Channel = TypeAliasType("Channel", Annotated[str, _word(*messages.CHANNELS)])
MessageDirection = TypeAliasType("MessageDirection", Literal["OUTBOUND", "INBOUND"])
MessageState = TypeAliasType("MessageState", Literal["QUEUED", "SENT", "DELIVERED", "READ", "FAILED"])
WorkoutStatus = TypeAliasType("WorkoutStatus", workouts.Status)
DonationType = TypeAliasType("DonationType", giving.Type)
SkippedReason = TypeAliasType("SkippedReason", giving.SkippedReason)
Direction = TypeAliasType("Direction", scores.Direction)
Category = TypeAliasType("Category", scores.Category)
GivenCategory = TypeAliasType("GivenCategory", scores.GivenCategory)
Significance = TypeAliasType("Significance", scores.Significance)
