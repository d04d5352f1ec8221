"""Numbers for the dashboard, the week and the month, all in the member's zone (R-75)."""

from collections.abc import Mapping

from ivy_engine.actions import streaks, wallets
from ivy_engine.domain import scores, stats, zones
from ivy_engine.domain.money import Money
from ivy_engine.domain.workouts import DONE
from ivy_engine.engine import Ivy
from ivy_engine.store import giving as ledger
from ivy_engine.store import members as member_rows
from ivy_engine.store import stats as stat_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.members import Member

STATUSES = ("PLANNED", "COMPLETED", "PARTIAL", "SKIPPED", "MISSED")


def overview(ivy: Ivy, member_id: str) -> stats.Overview:
    """`GET /api/stats`, one snapshot. `remaining` is the monthly room (D-9)."""
    now = ivy.clock.now()
    with ivy.db.read():
        member = member_rows.existing(member_id)
        today = zones.local_date(now, member.timezone)
        month = today.replace(day=1), zones.next_month(today)
        counts = {row.status: row for row in workout_rows.counts_by_status(member_id, zones.week_of(today), month)}
        streak = streaks.streak_of(ivy, member)
        wallet, ever = wallets.standing(ivy, member)
    total = sum(row.total for row in counts.values())
    done = sum(counts[status].total for status in DONE if status in counts)
    return stats.Overview(
        user=stats.Who(
            id=member.id,
            name=f"{member.first_name} {member.last_name}",
            track=member.track,
            goal=member.goal,
            tier=member.subscription_tier,
            days_since_joined=stats.days_since(member.onboarded_at, now),
        ),
        streak=stats.StreakNumbers(streak.current, streak.longest, streak.last_workout),
        workouts=stats.WorkoutNumbers(
            total=total,
            this_week=sum(row.this_week for row in counts.values()),
            this_month=sum(row.this_month for row in counts.values()),
            completion_rate=stats.percent(done, total),
            by_status=tuple(stats.StatusCount(status, counts[status].total) for status in STATUSES if status in counts),
        ),
        donations=stats.DonationNumbers(ever.amount, wallet.current_month.total_donated, ever.count),
        impact=stats.ImpactNumbers(wallet.wallet.monthly_limit, wallet.wallet.daily_cap, wallet.current_month.remaining),
    )


def in_short(ivy: Ivy, member: Member) -> Mapping[str, str]:
    """The few numbers that a message has room for (R-114.11). Inside a read or a write."""
    monday, next_monday = zones.week_of(zones.local_date(ivy.clock.now(), member.timezone))
    lifetime = ledger.lifetime_sums(ledger.account_of(member.id)).total
    return {
        "streak": str(streaks.streak_of(ivy, member).current),
        "done": str(workout_rows.completed_between(member.id, monday, next_monday)),
        "goal": str(member.weekly_goal),
        "given": Money(lifetime, ivy.settings.giving.currency).text,
    }


def weekly(ivy: Ivy, member_id: str) -> stats.Weekly:
    """`GET /api/stats/weekly`: the local week so far and what is still planned in it (R-76).

    `transformation` is the latest score of the week that holds a number, None without one.
    """
    now = ivy.clock.now()
    with ivy.db.read():
        member = member_rows.existing(member_id)
        monday, next_monday = zones.week_of(zones.local_date(now, member.timezone))
        start, end = zones.day_start(monday, member.timezone), zones.day_start(next_monday, member.timezone)
        planned, done = stat_rows.planned_and_done(member_id, monday, next_monday)
        given = ledger.sums_between(ledger.account_of(member_id), monday, next_monday)
        latest = stat_rows.latest_with_numbers(member_id, start, end)
    return stats.Weekly(
        week=stats.Period(start, now),
        workouts=stats.doing(planned, done),
        donations=_given(ivy, given),
        transformation=scores.Reading(latest.energy, latest.mood, latest.health_confidence) if latest else None,
    )


def monthly(ivy: Ivy, member_id: str) -> stats.Monthly:
    """`GET /api/stats/monthly`: the local calendar month so far and what is still planned in it (R-75)."""
    now = ivy.clock.now()
    with ivy.db.read():
        member = member_rows.existing(member_id)
        first = zones.local_date(now, member.timezone).replace(day=1)
        following = zones.next_month(first)
        start, end = zones.day_start(first, member.timezone), zones.day_start(following, member.timezone)
        planned, done = stat_rows.planned_and_done(member_id, first, following)
        given = ledger.sums_between(ledger.account_of(member_id), first, following)
        streak = streaks.streak_of(ivy, member)
        markers = stat_rows.markers_between(member_id, start, end)
    return stats.Monthly(
        month=stats.Period(start, now),
        workouts=stats.doing(planned, done),
        donations=_given(ivy, given),
        streak=stats.StreakLength(streak.current, streak.longest),
        life_markers=stats.Count(markers),
    )


def _given(ivy: Ivy, sums: ledger.Sums) -> stats.Given:
    return stats.Given(Money(sums.total, ivy.settings.giving.currency), sums.rows)
