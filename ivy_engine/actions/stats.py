"""Numbers for the dashboard, all in the member's zone."""

from ivy_engine.actions import giving, streaks
from ivy_engine.domain import stats, zones
from ivy_engine.domain.errors import NotFound
from ivy_engine.domain.workouts import DONE
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store import workouts as workout_rows

STATUSES = ("PLANNED", "COMPLETED", "PARTIAL", "SKIPPED", "MISSED")


def overview(ivy: Ivy, member_id: str) -> stats.Overview:
    """`GET /api/stats`, one snapshot."""
    now = ivy.clock.now()
    with ivy.db.read():
        member = member_rows.by_id(member_id)
        if member is None:
            raise NotFound("There is no such member.")
        today = zones.local_date(now, member.timezone)
        monday, next_monday = zones.week_of(today)
        counts = workout_rows.counts_by_status(member_id)
        total = sum(counts.values())
        streak = streaks.streak_of(ivy, member)
        wallet = giving.impact_wallet(ivy, member_id)
        given = giving.donation_stats(ivy, member_id)
        this_week = workout_rows.planned_between(member_id, monday, next_monday)
        this_month = workout_rows.planned_between(member_id, today.replace(day=1), zones.next_month(today))
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
            this_week=this_week,
            this_month=this_month,
            completion_rate=stats.percent(sum(counts.get(status, 0) for status in DONE), total),
            by_status=tuple(stats.StatusCount(status, counts[status]) for status in STATUSES if status in counts),
        ),
        donations=stats.DonationNumbers(given.total.amount, wallet.current_month.total_donated, given.total.count),
        impact=stats.ImpactNumbers(wallet.wallet.monthly_limit, wallet.wallet.daily_cap, wallet.current_month.remaining),
    )
