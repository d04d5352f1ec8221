"""What is known of a member at dialling time, for the voice agent (R-105)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime

from ivy_engine.actions import contacts, streaks, wallets
from ivy_engine.actions.calls import ladder, planning
from ivy_engine.domain import stats, zones
from ivy_engine.domain.calls import context
from ivy_engine.domain.calls.planning import window_text
from ivy_engine.domain.money import Money
from ivy_engine.domain.streaks import Calendar
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import companies
from ivy_engine.store import giving as ledger
from ivy_engine.store import members as member_rows
from ivy_engine.store import stats as stat_rows
from ivy_engine.store import streaks as day_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.companies import Company
from ivy_engine.store.members import Member
from ivy_engine.store.stats import MarkerFilter

MOST_SCORES = 365
NO_FILTER = MarkerFilter(None, None, None, None)


def variables_of(ivy: Ivy, member: Member, call_type: str) -> Mapping[str, str]:
    """The dynamic variables of a call that is about to be dialled. Inside a read or a write."""
    return context.variables(call_type, _facts(ivy, member))


def _facts(ivy: Ivy, member: Member) -> context.Facts:
    now = ivy.clock.now()
    today = zones.local_date(now, member_rows.clock_zone(member))
    monday, next_monday = zones.week_of(today)
    first, after = today.replace(day=1), zones.next_month(today)
    streak = streaks.streak_of(ivy, member)
    account = ledger.account_of(member.id)
    charity = ledger.charity(member.preferred_charity_id) if member.preferred_charity_id else None
    company = companies.by_id(member.company_id) if member.company_id else None
    waiting = workout_rows.open_on(member.id, today)
    terms = wallets.terms(ivy, member)
    wallet = ledger.wallet_of(member.id)
    window = ivy.settings.rules.call_window_minutes

    def sum_of(minor: int) -> Money:
        return Money(minor, ivy.settings.giving.currency)

    return context.Facts(
        first_name=member.first_name,
        tier=member.subscription_tier,
        track=member.track,
        goal=member.goal,
        status=member.status,
        weekly_goal=member.weekly_goal,
        today=today,
        current_streak=streak.current,
        longest_streak=streak.longest,
        previous_streak=_previous_streak(ivy, member, streak.current),
        workouts_this_week=workout_rows.completed_between(member.id, monday, next_monday),
        workouts_this_month=workout_rows.completed_between(member.id, first, after),
        total_workouts=workout_rows.count_done(member.id),
        days_since_workout=max(0, (today - streak.last_workout).days) if streak.last_workout else 0,
        weeks_in_program=stats.days_since(member.onboarded_at, now) // 7,
        quota=planning.rhythm_of(ivy, member).quota,
        missed_call_recovery=ladder.has_recovery(member),
        first_call=not call_rows.has_completed(member.id),
        donation=sum_of(terms.amount),
        monthly_wallet=sum_of(wallet.monthly_limit if wallet else terms.monthly_limit),
        total_donated=sum_of(ledger.lifetime_sums(account).total),
        weekly_donation=sum_of(ledger.sums_between(account, monday, next_monday).total),
        morning_window=window_text(member.morning_call_time, window),
        evening_window=window_text(member.evening_call_time, window),
        calendar_connected=member.google_calendar_connected or member.outlook_calendar_connected,
        communication_preference=member.communication_preference,
        todays_plan=tuple(workout.activity for workout in waiting),
        workout_time=next((workout.planned_time for workout in waiting if workout.planned_time), None),
        company_name=company.name if company else None,
        charity_name=charity.name if charity else None,
        charity_impact=charity.impact_metric if charity else None,
        minimum=member.minimum_mode,
        gift_frame=member.gift_frame,
        why_started=member.why_started,
        obstacles=tuple(member.obstacles),
        what_works=member.what_works,
        preferred_days=tuple(member.preferred_days) if member.preferred_days else None,
        scores=tuple(_measured(member)),
        life_markers=tuple(row.marker for row in stat_rows.markers(member.id, NO_FILTER, None, 0, 3)[0]),
        weeks_goal_hit=_weeks_goal_hit(member, company, monday),
        days_since_contact=_days_since_contact(member, now),
        season=_season(company, today),
    )


def _measured(member: Member) -> Iterator[context.Measured]:
    for row in stat_rows.scores(member.id, None, None, MOST_SCORES):
        day = zones.local_date(row.created_at, member.timezone)
        yield context.Measured(day, row.energy, row.mood, row.health_confidence)


def _weeks_goal_hit(member: Member, company: Company | None, this_monday: date) -> int:
    """Weeks since onboarding, or of the running season, in which as much was done as the member wants (R-79)."""
    if member.onboarded_at is None:
        return 0
    began = zones.local_date(member.onboarded_at, member.timezone)
    if company is not None and company.season_start_date is not None:
        began = max(began, company.season_start_date)
    monday, _ = zones.week_of(began)
    weeks = Counter(zones.week_of(day)[0] for day in workout_rows.credited_from(member.id, monday))
    return sum(count >= member.weekly_goal for week, count in weeks.items() if week <= this_monday)


def _days_since_contact(member: Member, now: datetime) -> int:
    at = contacts.last_contact(member)
    return max(0, (now - at).days) if at else 0


def _season(company: Company | None, today: date) -> context.Season | None:
    if company is None:
        return None
    ends = company.season_end_date
    return context.Season(company.current_season, company.season_weeks, ends is not None and ends - zones.DAY * 7 <= today < ends)


def _previous_streak(ivy: Ivy, member: Member, current: int) -> int:
    """The length of the run before the current one."""
    today = zones.local_date(ivy.clock.now(), member.timezone)
    runs = list(Calendar(day_rows.days(member, ivy.settings.rules.rest_days_per_7), today).runs())
    before = runs[:-1] if current else runs
    return before[-1].length if before else 0
