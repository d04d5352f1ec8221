""" "Call me": a call that a member asks for by message (R-106, R-114.10)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivy_engine.actions.calls import dialling, gate
from ivy_engine.actions.calls.booking import NOT_ASKED_FOR
from ivy_engine.domain import zones
from ivy_engine.domain.calls import booking, states
from ivy_engine.domain.calls import gate as rules
from ivy_engine.domain.inbound import times
from ivy_engine.domain.members import clock_time
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store.calls import Call
from ivy_engine.store.members import Member

SOURCE = "rescue"
A_DAY = 3
AT_ONCE = timedelta(minutes=2)
LATER = timedelta(hours=1)
MORNING, EVENING = "09:00", "19:00"  # of members who have no call times
THREE_A_DAY = "three calls a day is as much as I do"


@dataclass(frozen=True)
class Booked:
    """When the call comes, in words; or why it does not."""

    when: str = ""
    why_not: str | None = None


def call_me(ivy: Ivy, member: Member, said: str) -> Booked:
    """At once, or at the time that a plain text names. The member asks: quiet hours do not matter. Inside a write."""
    now, zone = ivy.clock.now(), member_rows.clock_zone(member)
    named = _time_in(said, member, now, zone)
    at = named or now
    call = Call(
        id=ivy.clock.new_id(), member_id=member.id, call_type="FOLLOW_UP" if named else "RESCUE", scheduled_at=at, due_at=at,
        local_date=zones.local_date(at, zone), source=SOURCE, created_at=now, updated_at=now,
    )  # fmt: skip
    against = [reason for reason in rules.decide(gate.facts_of(ivy, call, member, now)).reasons if reason not in NOT_ASKED_FOR]
    if against:
        return Booked(why_not=", ".join(booking.SENTENCES[reason] for reason in against))
    that_day = [row for row in call_rows.of_day(member.id, call.local_date) if row.source == SOURCE]
    if not any(_stands_for(row, at) for row in that_day):
        if len(that_day) >= A_DAY:
            return Booked(why_not=THREE_A_DAY)
        call_rows.add_once(call)
        if named is None:
            ivy.later(dialling.JOB, call.id)
    return Booked(when=_in_words(at, now, zone) if named else "in a minute")


def _time_in(said: str, member: Member, now: datetime, zone: str) -> datetime | None:
    """The time that was named, on the clock, as a wait or as a part of the day; None for at once."""
    found, wait = times.find(said), times.after(said)
    if found is not None:
        return times.next_instant(found, now, zone)
    if wait is not None or times.LATER.search(said):
        return now + (wait or LATER)
    if times.tomorrow(said) or times.EVENING.search(said):
        part = member.evening_call_time or EVENING if times.EVENING.search(said) else member.morning_call_time or MORNING
        day = zones.local_date(now, zone) + (zones.DAY if times.tomorrow(said) else timedelta(0))
        at = zones.instant_of(day, clock_time(part), zone)
        return at if at > now else zones.instant_of(day + zones.DAY, clock_time(part), zone)
    return None


def _stands_for(row: Call, at: datetime) -> bool:
    """Somebody who asks twice is rung once."""
    return row.status in (states.SCHEDULED, states.IN_PROGRESS) and abs(row.scheduled_at - at) <= AT_ONCE


def _in_words(at: datetime, now: datetime, zone: str) -> str:
    here = zones.local(at, zone)
    day = "" if here.date() == zones.local_date(now, zone) else "tomorrow "
    return f"{day}at {here:%H:%M}"
