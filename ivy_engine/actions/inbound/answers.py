"""What each meaning of a message does, and how it is answered: one function for each row of R-114. All inside a write."""

from datetime import date, time, timedelta
from typing import Literal

from ivy_engine.actions import consents, pauses, preferences, rescue, safety, scores, stats, streaks, workouts
from ivy_engine.actions.calls import requests
from ivy_engine.actions.inbound.heard import Heard, reply
from ivy_engine.actions.messages import writing
from ivy_engine.domain import zones
from ivy_engine.domain.inbound import plans, reading
from ivy_engine.domain.inbound.reading import Intent
from ivy_engine.domain.inbound.received import Received
from ivy_engine.domain.pauses import WORDS, withheld
from ivy_engine.domain.scores import Reading as Measured
from ivy_engine.domain.streaks import counted_rest
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store import messages as message_rows
from ivy_engine.store import questions
from ivy_engine.store import streaks as day_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member
from ivy_engine.store.questions import Question
from ivy_engine.store.workouts import Workout

LATE = time(21)  # from then on, what is not done is not going to be
NOT_ASKED_FOR = ("reminders", "pulse", "summaries", "check_ins")  # what ends when somebody wants to be left in peace
UNKNOWN_AGAIN = timedelta(hours=6)


def _settle(heard: Heard, *kinds: str) -> None:
    """Questions that are answered by this, and are open no more."""
    for question in heard.asked:
        if question.kind in kinds:
            questions.close(question, heard.now)


def _about_today(heard: Heard) -> None:
    _settle(heard, "rescue", "completion_check", "skip_question", "done_or_tired")


def _open_today(heard: Heard) -> Workout | None:
    return next(iter(workout_rows.open_on(heard.member.id, heard.today)), None)


def stop(ivy: Ivy, heard: Heard) -> None:
    """Row 2: no more messages; by SMS the carrier confirms it."""
    if _said_otherwise_since(heard):
        return
    changed = consents.record(ivy, heard.member, "messages", False, _source(heard), heard.now)
    questions.close_all(heard.member.id, heard.now)
    if changed and heard.said.channel == "WHATSAPP":
        reply(ivy, heard, "stopped")


def start(ivy: Ivy, heard: Heard) -> None:
    if _said_otherwise_since(heard):
        return
    changed = consents.record(ivy, heard.member, "messages", True, _source(heard), heard.now)
    if changed and heard.said.channel == "WHATSAPP":
        reply(ivy, heard, "started")


def _said_otherwise_since(heard: Heard) -> bool:
    """A message that was delivered late does not undo what was decided after it was written."""
    decided = heard.member.consent_at
    return decided is not None and heard.at < decided and heard.at < heard.now


def _source(heard: Heard) -> Literal["whatsapp", "sms"]:
    return "whatsapp" if heard.said.channel == "WHATSAPP" else "sms"


def pause(ivy: Ivy, heard: Heard) -> None:
    """Row 3: the whole message, taken at its word until something else is said."""
    _go_away(ivy, heard, "break")


def offer_status(ivy: Ivy, heard: Heard) -> None:
    """Row 3: being ill or travelling is offered, never assumed."""
    reason = "sick" if heard.read.intent is Intent.SICK else "traveling"
    _settle(heard, "status_offer")
    reply(ivy, heard, "status_offer", {"status": WORDS[reason]}, asks_about=reason)


def _go_away(ivy: Ivy, heard: Heard, about: str) -> None:
    """`about` is a reason, and perhaps the last date of being away."""
    reason, _, until = about.partition(" ")
    last = date.fromisoformat(until) if until else None
    pauses.pause(ivy, heard.member.id, pauses.Pause(reason, last if last and last >= heard.today else None))
    _reload(heard)
    questions.close_all(heard.member.id, heard.now)
    reply(ivy, heard, "status_changed", {"status": WORDS[reason]})


def back(ivy: Ivy, heard: Heard) -> None:
    pauses.resume(ivy, heard.member.id)
    _reload(heard)
    reply(ivy, heard, "glad_to_go_on")


def _reload(heard: Heard) -> None:
    """Another action has changed the member's row."""
    fresh = member_rows.existing(heard.member.id)
    for name, value in fresh.__data__.items():
        setattr(heard.member, name, value)
    heard.member.dirty_fields.clear()


def score(ivy: Ivy, heard: Heard) -> None:
    """Row 4: energy is followed by mood."""
    question = heard.newest(*reading.PULSE)
    number = heard.read.number
    energy = question is not None and question.kind == "pulse_energy"
    scores.keep_score(ivy, heard.member, Measured(energy=number) if energy else Measured(mood=number))
    _settle(heard, *reading.PULSE)
    reply(ivy, heard, "pulse_mood" if energy else "pulse_thanks")


def yes(ivy: Ivy, heard: Heard) -> None:
    """Row 4a: what the newest open question has offered."""
    question = heard.newest(*reading.YES_OR_NO)
    if question is None:
        return
    questions.close(question, heard.now)
    if question.kind == "rescue":
        _agree_on_minimum(ivy, heard)
    elif question.kind == "status_offer":
        _go_away(ivy, heard, question.about or "break")
    elif question.kind == "skip_question":
        _skip(ivy, heard, question)
    elif question.kind == "done_or_tired":
        _done_as_asked(ivy, heard, question)
    elif question.kind == "wellbeing":
        safety.asked_to_continue(ivy, heard)
    else:
        reply(ivy, heard, "glad_to_go_on")


def _agree_on_minimum(ivy: Ivy, heard: Heard) -> None:
    """R-106, if there still is something to rescue."""
    if not _told_that_all_is_well(ivy, heard):
        minimum = rescue.minimum_of(heard.member)
        row = rescue.agree_on_minimum(ivy, heard.member, heard.today, minimum)
        reply(ivy, heard, "minimum_agreed", {"minimum": minimum}, row)


def _asked_about(heard: Heard, question: Question) -> Workout | None:
    """The workout that a question named, if it is still open."""
    row = workout_rows.of_member(heard.member.id, question.workout_id) if question.workout_id else None
    return row if row is not None and row.status in ("PLANNED", "MISSED") else None


def _done_as_asked(ivy: Ivy, heard: Heard, question: Question) -> None:
    """The workout that was named; what was asked about before midnight counts for that day."""
    row = _asked_about(heard, question)
    if row is None:
        done(ivy, heard)
        return
    then = zones.local_date(question.asked_at, heard.member.timezone)
    told = heard.at if then == heard.today else question.asked_at
    how = workouts.How(via=heard.said.channel.lower(), completed_at=told, reply_by=heard.said.channel)
    workouts.complete(ivy, heard.member.id, row.id, "COMPLETED", how)
    _about_today(heard)


def no(ivy: Ivy, heard: Heard) -> None:
    """Row 4a: the question is closed, and nothing changes."""
    question = heard.newest(*reading.YES_OR_NO)
    if question is None:
        return
    questions.close(question, heard.now)
    if question.kind != "still_welcome":
        reply(ivy, heard, "left_open")
        return
    preferences.change(ivy, heard.member.id, dict.fromkeys(NOT_ASKED_FOR, False))
    _reload(heard)
    reply(ivy, heard, "fewer_messages")


def rest(ivy: Ivy, heard: Heard) -> None:
    """Row 5, for the day on which it was written."""
    streaks.declare_rest(ivy, heard.member, heard.today)
    streaks.changed(ivy, heard.member, heard.now)
    _about_today(heard)
    _say_rest(ivy, heard)


def _say_rest(ivy: Ivy, heard: Heard) -> None:
    """Whether the streak waits depends on the other rest days (R-34 b, D-15)."""
    per_7 = ivy.settings.rules.rest_days_per_7
    counts = heard.today in counted_rest(day_rows.days(heard.member, per_7).rest, per_7)
    reply(ivy, heard, "rest_day_logged", {"counts": "yes" if counts else ""})


def not_done(ivy: Ivy, heard: Heard) -> None:
    """Row 6: there is still time for the minimum, or it is asked whether to skip."""
    still_that_day = zones.local_date(heard.now, heard.member.timezone) == heard.today
    if still_that_day and zones.local(heard.now, heard.member.timezone).time() < LATE:
        offer_minimum(ivy, heard)
        return
    row = _open_today(heard)
    if row is None:
        reply(ivy, heard, "nothing_open")
    else:
        reply(ivy, heard, "skip_question", {"activity": row.activity}, row)


def done(ivy: Ivy, heard: Heard) -> None:
    """Row 7: the earliest open workout of the day on which it was written, or one of the day before (R-32), or a new one."""
    how = workouts.How(via=heard.said.channel.lower(), completed_at=heard.at, reply_by=None if heard.old else heard.said.channel)
    logged = workouts.log_done(ivy, heard.member, "COMPLETED", how)
    _about_today(heard)
    if logged is not None and not isinstance(logged, workouts.Completion):  # a completion has written the answer itself
        reply(ivy, heard, "already_logged", {"activity": logged.activity}, workout_rows.of_member(heard.member.id, logged.id))


def unsure(ivy: Ivy, heard: Heard) -> None:
    """Row 7, beside a word of row 9: ask, change nothing."""
    row = _open_today(heard)
    reply(ivy, heard, "done_or_tired", {"activity": row.activity if row else "today's workout"}, row)


def skip(ivy: Ivy, heard: Heard) -> None:
    """Row 8."""
    _skip(ivy, heard, heard.newest("completion_check", "rescue", "skip_question"))


def _skip(ivy: Ivy, heard: Heard, question: Question | None) -> None:
    """The workout that was asked about, or else the day's earliest."""
    row = _asked_about(heard, question) if question is not None else None
    row = row or _open_today(heard)
    if row is not None:
        workouts.complete(ivy, heard.member.id, row.id, "SKIPPED", workouts.How(via=heard.said.channel.lower()))
    _about_today(heard)
    reply(ivy, heard, "skip_logged")


def offer_minimum(ivy: Ivy, heard: Heard) -> None:
    """Row 9: the minimum, as a question."""
    if not _told_that_all_is_well(ivy, heard):
        _settle(heard, "rescue")
        reply(ivy, heard, "rescue_support", {"minimum": rescue.minimum_of(heard.member)}, _open_today(heard))


def _told_that_all_is_well(ivy: Ivy, heard: Heard) -> bool:
    """Who rests, is away or has done something today is not pushed (R-152, R-155); whether that was so."""
    member = heard.member
    row, active = _open_today(heard), workout_rows.done_on(member.id, heard.today)
    if withheld(member.status, member.keep_structure):
        reply(ivy, heard, "left_open")
    elif day_rows.rest_declared(member.id, heard.today):
        _say_rest(ivy, heard)
    elif row is None and active is not None:
        reply(ivy, heard, "already_logged", {"activity": active.activity}, active)
    else:
        return False
    return True


def help_menu(ivy: Ivy, heard: Heard) -> None:
    """Row 9: the bare word also asks what can be written; the minimum is offered where there is something to rescue."""
    member = heard.member
    resting = day_rows.rest_declared(member.id, heard.today) or withheld(member.status, member.keep_structure)
    if resting or (_open_today(heard) is None and workout_rows.done_on(member.id, heard.today)):
        reply(ivy, heard, "help_words")
        return
    _settle(heard, "rescue")
    reply(ivy, heard, "help_menu", {"minimum": rescue.minimum_of(member)}, _open_today(heard))


def call_me(ivy: Ivy, heard: Heard) -> None:
    """Row 10: a call within a minute, or at the time that was named (R-106); nobody is rung because of an old message."""
    if heard.too_old_to_ring:
        return
    booked = requests.call_me(ivy, heard.member, reading.plain(heard.text))
    if booked.why_not:
        reply(ivy, heard, "call_not_possible", {"reason": booked.why_not})
    else:
        reply(ivy, heard, "call_booked", {"when": booked.when})


def progress(ivy: Ivy, heard: Heard) -> None:
    """Row 11."""
    reply(ivy, heard, "stats_reply", stats.in_short(ivy, heard.member))


def plan(ivy: Ivy, heard: Heard) -> None:
    """Row 12: what was asked for."""
    planned = plans.read(heard.text, heard.at, heard.member.timezone)
    made = workouts.plan(ivy, heard.member.id, activity=planned.activity, planned_date=planned.day, planned_time=planned.at)
    _settle(heard, "planning")
    reply(
        ivy, heard, "planned_by_message", {"activity": made.activity, "time": made.planned_time or ""},
        workout_rows.of_member(heard.member.id, made.id),
    )  # fmt: skip


def unknown(ivy: Ivy, heard: Heard) -> None:
    """Row 13: at most once in six hours."""
    if not message_rows.written_since(heard.member.id, ("unknown_reply",), heard.now - UNKNOWN_AGAIN):
        reply(ivy, heard, "unknown_reply")


def ask_for_text(ivy: Ivy, member: Member, said: Received) -> None:
    """R-119."""
    writing.queue(ivy, member, "text_please", {}, writing.About(reply_by=said.channel))
