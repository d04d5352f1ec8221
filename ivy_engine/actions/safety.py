"""When somebody writes what must not be met with cheer or a nudge: help, a hold, a person who looks (R-150 to R-153)."""

from collections.abc import Mapping
from datetime import date, timedelta

from ivy_engine.actions import alerts, audit, pauses, streaks
from ivy_engine.actions.calls import planning
from ivy_engine.actions.inbound.heard import Heard, reply
from ivy_engine.actions.messages import writing
from ivy_engine.domain import safety, zones
from ivy_engine.domain.audit import Actor
from ivy_engine.domain.errors import Conflict, NotFound
from ivy_engine.domain.members import normal_email
from ivy_engine.domain.pauses import ACTIVE
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store import questions
from ivy_engine.store import streaks as day_rows
from ivy_engine.store.members import Member
from ivy_engine.wording import templates

WELLBEING_AFTER = timedelta(hours=48)


def concerned(ivy: Ivy, heard: Heard) -> None:
    """Row 1 of R-114: nothing else may happen. Inside a write."""
    template, params = _take_care(ivy, heard.member, heard.read.concern or "")
    reply(ivy, heard, template, params)


def heard_in_a_call(ivy: Ivy, member: Member, concern: str) -> None:
    """The same, in writing: help is sent at once, at any hour. Inside a write."""
    template, params = _take_care(ivy, member, concern)
    writing.queue(ivy, member, template, params, writing.About(at_chosen_time=True))


def _take_care(ivy: Ivy, member: Member, concern: str) -> tuple[str, Mapping[str, str]]:
    """A hold where it is needed, and a person who looks; the message that helps, with its parameters."""
    now = ivy.clock.now()
    member.needs_follow_up, member.updated_at = True, now
    member_rows.save(member)
    questions.close_all(member.id, now)  # nothing is negotiated any more
    country = safety.country(member.phone)
    emergency = {"emergency": safety.emergency_number(country)}
    if concern in safety.HOLD_CLASSES:
        _hold(ivy, member, concern)
        name = "resources_GB" if country == "GB" else "resources"
        return "safety_resources", {"resources": templates.help_text(name, emergency)}
    if concern == "acute" and member.status == ACTIVE:
        pauses.pause(ivy, member.id, pauses.Pause("sick"))
    return "health_concern", {part: templates.help_text(f"{concern}_{part}", emergency) for part in ("concern", "advice")}


def _hold(ivy: Ivy, member: Member, concern: str) -> None:
    """R-151: everything but help stops, the days are excused, operators are told without a word of it."""
    now = ivy.clock.now()
    if member.hold_since is not None:
        return
    member.hold_since, member.hold_why = now, concern
    member_rows.save(member)
    call_rows.cancel_scheduled(member.id, now)
    message_rows.cancel_automatic(member.id, "safety_hold")
    streaks.changed(ivy, member, now)
    alerts.tell_operators(
        ivy, "safety_alert", {"member_id": member.id, "concern": concern.replace("_", " "), "at": f"{now:%Y-%m-%d %H:%M}"}
    )
    about = writing.About(once_key=f"wellbeing_check:{member.id}:{now.isoformat()}", not_before=now + WELLBEING_AFTER)
    writing.queue(ivy, member, "wellbeing_check", {"name": member.first_name}, about)


def asked_to_continue(ivy: Ivy, heard: Heard) -> None:
    """The member wants to go on. Inside a write."""
    end_hold(ivy, heard.member)
    reply(ivy, heard, "glad_to_go_on")


def release(ivy: Ivy, actor: Actor, email: str) -> str:
    """An operator ends a hold; the member's address. NotFound for a stranger, Conflict when there is none; audited (R-167)."""
    with ivy.db.write():
        member = member_rows.by_email(normal_email(email))
        if member is None:
            raise NotFound("There is no such member.")
        audit.record(ivy, actor, "safety_hold_ended", member.id, "as an operator")
        if not end_hold(ivy, member):
            raise Conflict("Nothing is on hold for this member.")
        address: str = member.email
        return address


def end_hold(ivy: Ivy, member: Member) -> bool:
    """The days of the hold stay excused, and calls are planned again; whether there was a hold. Inside a write."""
    if member.hold_since is None:
        return False
    now = ivy.clock.now()
    today = zones.local_date(now, member.timezone)
    day: date = zones.local_date(member.hold_since, member.timezone)
    while day <= today:
        day_rows.excuse(member.id, day, "safety", now)
        day += zones.DAY
    member.hold_since = member.hold_why = None
    member.needs_follow_up, member.updated_at = False, now
    member_rows.save(member)
    message_rows.cancel_of(member.id, "wellbeing_check", "hold_ended")
    questions.close_all(member.id, now)
    streaks.changed(ivy, member, now)
    planning.replan(ivy, member, now)
    return True
