"""Messages out: when they may leave, what a status event changes, when to try again (R-110 to R-116)."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from ivy_engine.domain import zones
from ivy_engine.domain.errors import Conflict
from ivy_engine.domain.members import clock_time

CHANNELS = ("WHATSAPP", "SMS", "EMAIL")
TRIES = 3
BACKOFF = timedelta(seconds=1)
LEASE = timedelta(minutes=2)
STATUS_GRACE = timedelta(seconds=30)
DELIVERED_WITHIN = timedelta(minutes=10)  # or it goes by SMS, where it is urgent
ANSWERED_WITHIN = timedelta(hours=12)  # later, a short answer is no answer any more
FREE_TEXT_WINDOW = timedelta(hours=24) - timedelta(minutes=10)

# Why a message that somebody asks for is not sent, in a person's words
SENTENCES = {
    "inactive": "The account is closed.",
    "no_phone": "There is no phone number.",
    "no_consent": "Messages were not agreed to.",
    "safety_hold": "Messages are on hold.",
    "switched_off": "Messages of this kind are switched off in the preferences.",
    "not_wanted": "Messages of this kind are not wanted.",
    "purpose_passed": "There is no reason for this message any more.",
    "away": "The member is away.",
    "ceiling": "There have been enough messages for today.",
    "silence": "The last questions were left unanswered: there are no more until the member is in touch again.",
    "too_late": "It is night there, and in the morning this would come too late.",
    "rest_day": "Today is a rest day.",
    "nudged": "There has been a nudge today.",
}

_RANK = {"QUEUED": 0, "SENT": 1, "DELIVERED": 2, "READ": 3}


@dataclass(frozen=True)
class QuietHours:
    start: time
    end: time


@dataclass(frozen=True)
class StatusUpdate:
    """What the provider says became of a message. `message_id` is our own id where the provider gives it back."""

    channel: str
    provider_id: str
    message_id: str | None
    status: str  # SENT, DELIVERED, READ or FAILED
    error: str | None
    at: datetime | None


@dataclass(frozen=True)
class Message:
    """A message as its member sees it (R-110, R-111)."""

    id: str
    user_id: str
    channel: str
    direction: str
    message_type: str
    template: str | None
    body: str | None
    status: str
    whatsapp_id: str | None
    twilio_sid: str | None
    fallback_of_id: str | None
    call_id: str | None
    workout_id: str | None
    failed_reason: str | None
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None


def refuse(reason: str) -> Conflict:
    """409, in a person's words."""
    return Conflict(SENTENCES[reason])


def quiet_hours(span: str) -> QuietHours:
    start, end = span.split("-")
    return QuietHours(clock_time(start), clock_time(end))


def is_quiet(instant: datetime, zone: str, quiet: QuietHours) -> bool:
    """Whether an instant lies in the member's quiet hours (R-116)."""
    return welcome_at(instant, zone, quiet) > instant


def welcome_at(now: datetime, zone: str, quiet: QuietHours) -> datetime:
    """`now`, or the end of the member's quiet hours if it lies in them (R-116)."""
    here = zones.local(now, zone)
    if quiet.start <= quiet.end:
        inside = quiet.start <= here.time() < quiet.end
    else:
        inside = here.time() >= quiet.start or here.time() < quiet.end
    if not inside:
        return now
    ends_on = here.date() if here.time() < quiet.end else here.date() + zones.DAY
    return max(now, zones.instant_of(ends_on, quiet.end, zone))


def moves(status: str, to: str) -> bool:
    """Whether a status event changes anything: only forward, and `failed` only from QUEUED or SENT (R-111)."""
    if to == "FAILED":
        return status in ("QUEUED", "SENT")
    return status != "FAILED" and _RANK[to] > _RANK[status]


def free_text(last_inbound: datetime | None, now: datetime) -> bool:
    """Free text by WhatsApp only within 24 h of the member's last message, less a margin (R-113)."""
    return last_inbound is not None and now - last_inbound < FREE_TEXT_WINDOW
