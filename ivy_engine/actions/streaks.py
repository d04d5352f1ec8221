"""The member's streak, read from days and remembered; rest days declared."""

from datetime import date, datetime

from ivy_engine.domain import streaks, zones
from ivy_engine.domain.giving import bonus_type
from ivy_engine.domain.stats import BonusFlags, StreakDetails
from ivy_engine.domain.workouts import REST_DAY
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import giving as ledger
from ivy_engine.store import members as member_rows
from ivy_engine.store import streaks as day_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member


def streak_of(ivy: Ivy, member: Member) -> streaks.Streak:
    """The streak as it stands at this moment in the member's zone (R-33). Inside a read or a write."""
    today = zones.local_date(ivy.clock.now(), member.timezone)
    return streaks.streak(day_rows.days(member, ivy.settings.rules.rest_days_per_7), today)


def changed(ivy: Ivy, member: Member, now: datetime) -> streaks.Streak:
    """The streak after a change of its days, its longest run remembered (R-39, R-40). Inside a write."""
    days = day_rows.days(member, ivy.settings.rules.rest_days_per_7)
    now_is = streaks.streak(days, zones.local_date(now, member.timezone))
    longest = None
    if now_is.longest_start and now_is.longest_end:
        longest = streaks.Run(now_is.longest_start, now_is.longest_end, now_is.longest)
    if longest != days.record:
        day_rows.save_record(member.id, longest, now)
    return now_is


def details(ivy: Ivy, member_id: str) -> StreakDetails:
    """`GET /api/stats/streak`."""
    with ivy.db.read():
        member = member_rows.existing(member_id)
        now_is = streak_of(ivy, member)
        claimed = ledger.bonuses_given(ledger.account_of(member_id))
    return StreakDetails(
        current_streak=now_is.current,
        current_streak_start=now_is.current_start,
        longest_streak=now_is.longest,
        longest_streak_start=now_is.longest_start,
        longest_streak_end=now_is.longest_end,
        last_workout_date=now_is.last_workout,
        bonuses=BonusFlags(*(bonus_type(level) in claimed for level in streaks.BONUSES)),
    )


def declare_rest(ivy: Ivy, member: Member, day: date) -> None:
    """A rest day for a date that is not past; its open workouts are skipped for rest, its calls are not made (R-34 b, R-36,
    R-92). Inside a write."""
    now = ivy.clock.now()
    day_rows.declare_rest(member.id, day, now)
    for workout in workout_rows.open_on(member.id, day):
        workout.status, workout.skipped_reason, workout.is_rest = "SKIPPED", REST_DAY, True
        workout.remind_at = workout.check_due_at = None
        workout.updated_at = now
        workout_rows.save(workout)
    call_rows.cancel_planned_on(member.id, day, now)
