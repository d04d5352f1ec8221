"""Why the streak is what it is: one row for each day of the run, with its evidence, and sentences a member understands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ivy_engine.domain import streaks, zones
from ivy_engine.domain.streaks import BADGES, Because
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.store import streaks as day_rows
from ivy_engine.store import workouts as workout_rows
from ivy_engine.store.workouts import Workout
from ivy_engine.wording import templates


@dataclass(frozen=True)
class WorkoutSeen:
    """A workout as evidence for a day."""

    id: str
    activity: str
    status: str
    planned_date: date
    credited_date: date | None


@dataclass(frozen=True)
class Evidence:
    workouts: tuple[WorkoutSeen, ...]
    rest_declared: bool
    excused: str | None
    closed: bool


@dataclass(frozen=True)
class ExplainedDay:
    date: date
    state: str
    because: str
    rule: str
    sentence: str
    evidence: Evidence


@dataclass(frozen=True)
class Explanation:
    current_streak: int
    longest_streak: int
    badges: tuple[str, ...]
    sentence: str
    days: tuple[ExplainedDay, ...]


def explain(ivy: Ivy, member_id: str) -> Explanation:
    """`GET /api/stats/streak/explain`: the days of the current run, newest first, and the day that ended the last one.

    The same facts and the same rules as the streak itself (R-33 to R-38), from a handful of queries.
    """
    with ivy.db.read():
        member = member_rows.existing(member_id)
        today = zones.local_date(ivy.clock.now(), member.timezone)
        days = day_rows.days(member, ivy.settings.rules.rest_days_per_7)
        found = streaks.explained(days, today)
        dates = [day for day, _ in found.days]
        evidence = workout_rows.about_days(member_id, min(dates), max(dates)) if dates else []
    by_date = _by_date(evidence)
    longest = streaks.streak(days, today).longest
    return Explanation(
        current_streak=found.run.length if found.run else 0,
        longest_streak=longest,
        badges=tuple(name for level, name in BADGES.items() if longest >= level),
        sentence=_summary(found),
        days=tuple(_day(day, because, days, by_date[day]) for day, because in found.days),
    )


def _by_date(evidence: Sequence[Workout]) -> Mapping[date, Sequence[Workout]]:
    """The workouts that were planned for a date or count for it."""
    found: dict[date, list[Workout]] = defaultdict(list)
    for row in evidence:
        for day in {row.planned_date, row.credited_date}:
            found[day].append(row)
    return found


def _summary(found: streaks.Explained) -> str:
    run = found.run
    params = {
        "current": run.length if run else 0,
        "start": _spoken(run.start) if run else "",
        "end": _spoken(run.end) if run else "",
        "last": found.last.length if found.last else 0,
    }
    return templates.explain("streak", params)


def _day(day: date, because: Because, days: streaks.Days, evidence: Sequence[Workout]) -> ExplainedDay:
    seen = [row for row in evidence if _speaks_for(row, day, because)]
    params = {"day": _spoken(day), "activity": " and ".join(dict.fromkeys(row.activity for row in seen))}
    return ExplainedDay(
        date=day,
        state=because.kind.value,
        because=because.name.lower(),
        rule=because.rule,
        sentence=templates.explain(because.name.lower(), params),
        evidence=Evidence(
            workouts=tuple(WorkoutSeen(row.id, row.activity, row.status, row.planned_date, row.credited_date) for row in seen),
            rest_declared=day in days.rest,
            excused=days.excuse(day),
            closed=day in days.closed,
        ),
    )


def _speaks_for(row: Workout, day: date, because: Because) -> bool:
    """An active day is shown by what counts for it; another one by what was planned for it and did not happen."""
    if because is Because.DONE:
        counts: bool = row.credited_date == day
        return counts
    wanted = {Because.MISSED: ("MISSED",), Because.SKIPPED: ("SKIPPED",)}.get(because, ("PLANNED", "SKIPPED", "MISSED"))
    return bool(row.planned_date == day and row.status in wanted)


def _spoken(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B}"
