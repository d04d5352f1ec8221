"""The data an engine starts with: five charities always, the demo gym on request (RULEBOOK 12). Loading twice adds nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ivy_engine.actions import billing, companies, members, workouts
from ivy_engine.domain import zones
from ivy_engine.domain.audit import Actor
from ivy_engine.domain.billing import SubscriptionEvent
from ivy_engine.domain.calls.planning import ONBOARDING
from ivy_engine.domain.calls.states import COMPLETED
from ivy_engine.domain.members import USER, WEEKDAYS
from ivy_engine.engine import Ivy
from ivy_engine.store import calls as call_rows
from ivy_engine.store import giving as ledger
from ivy_engine.store import members as member_rows
from ivy_engine.store.calls import Call
from ivy_engine.store.giving import Charity

ZONE = "Europe/London"


@dataclass(frozen=True)
class _Seed:
    name: str
    description: str
    category: str
    impact_metric: str
    impact_per_pound: str
    website: str


CHARITIES = (
    _Seed(
        "Against Malaria Foundation", "Nets that keep families safe from malaria at night.", "health",
        "malaria nets provided", "1 net per £2", "https://www.againstmalaria.com",
    ),
    _Seed(
        "GiveDirectly", "Cash, without strings, to people who live in poverty.", "poverty",
        "people supported with cash", "1 person supported per £5", "https://www.givedirectly.org",
    ),
    _Seed(
        "The Ocean Cleanup", "Takes plastic out of rivers and seas.", "environment",
        "kilograms of plastic removed", "1 kilogram per £4", "https://theoceancleanup.com",
    ),
    _Seed(
        "Room to Read", "Books and schooling for children, girls above all.", "education",
        "books in children's hands", "1 book per £1", "https://www.roomtoread.org",
    ),
    _Seed(
        "Mind", "Support and a voice for people with mental health problems.", "mental health",
        "minutes of support", "2 minutes per £1", "https://www.mind.org.uk",
    ),
)  # fmt: skip


def load_charities(ivy: Ivy) -> int:
    """The charities that are not there yet; how many were added."""
    now = ivy.clock.now()
    added = 0
    with ivy.db.write():
        for seed in CHARITIES:
            if ledger.charity_named(seed.name) is None:
                row = Charity(id=ivy.clock.new_id(), logo_url=None, created_at=now, updated_at=now, **vars(seed))
                ledger.add_charity(row)
                added += 1
    return added


@dataclass(frozen=True)
class DemoMember:
    """Somebody of the demo gym, with the runs of active days they bring along, oldest first, a gap of GAP days between."""

    first_name: str
    last_name: str
    email: str
    phone: str
    tier: str
    track: str
    goal: str
    charity: str
    morning: str
    evening: str
    frequency: int
    minimum: str
    runs: tuple[int, ...]
    onboarded: bool = True


DEMO_MEMBERS = (
    DemoMember(
        "Alice", "Archer", "alice@demo.example", "+447700900101", "PRO", "fitness", "Run 5K without stopping",
        "Against Malaria Foundation", "07:00", "20:00", 3, "10 minute walk", (21, 5),
    ),
    DemoMember(
        "Bob", "Baker", "bob@demo.example", "+447700900102", "ELITE", "focus", "Finish the first draft",
        "Room to Read", "06:30", "21:00", 4, "one paragraph", (35, 12),
    ),
    DemoMember(
        "Charlie", "Cole", "charlie@demo.example", "+447700900103", "FREE", "sleep", "In bed before midnight",
        "Mind", "08:00", "22:00", 2, "screens off at eleven", (), onboarded=False,
    ),
)  # fmt: skip
GAP = 5
TALK = timedelta(minutes=4)


def load_demo(ivy: Ivy, day: date) -> Iterator[str]:
    """The demo gym, with the members' history up to the evening before `day`, lived through the ordinary actions.

    Needs a clock that may be moved, and leaves it at the start of `day` in London. Yields a sentence per step.
    """
    with ivy.db.write():
        companies.found_demo_company(ivy, day, ivy.clock.now())
    for demo in DEMO_MEMBERS:
        if not _known(ivy, demo.email):
            yield f"{demo.first_name} ({demo.tier}) moves in"
            _settle_in(ivy, demo, day)
    ivy.clock.set(zones.day_start(day, ZONE))


def _known(ivy: Ivy, email: str) -> bool:
    with ivy.db.read():
        return member_rows.by_email(email) is not None


def _settle_in(ivy: Ivy, demo: DemoMember, day: date) -> None:
    """Sign up long ago, live the runs, and give phone and consent only then: nobody is called or written to in the past."""
    days = list(_active_days(demo.runs, day))
    first = days[0] if days else day - timedelta(days=3)
    ivy.clock.set(_evening(first) - timedelta(hours=12))
    with ivy.db.read():
        charity = ledger.charity_named(demo.charity)
    member = members.sign_up(
        ivy, email=demo.email, first_name=demo.first_name, last_name=demo.last_name, track=demo.track, goal=demo.goal,
        timezone=ZONE, preferred_charity_id=charity.id if charity else None,
    )  # fmt: skip
    _subscribe(ivy, member.id, demo.tier)
    if demo.onboarded:
        members.onboard(ivy, member.id, {"minimum_mode": demo.minimum})
        _had_first_call(ivy, member.id, first)
    for active in days:
        ivy.clock.set(_evening(active))
        planned = workouts.plan(ivy, member.id, activity=demo.track.capitalize(), planned_date=active)
        workouts.complete(ivy, member.id, planned.id, "COMPLETED", workouts.How())
    ivy.clock.set(_evening(day - zones.DAY) + timedelta(hours=4))
    rhythm = {
        "phone": demo.phone, "morning_call_time": demo.morning, "evening_call_time": demo.evening,
        "call_frequency": demo.frequency, "preferred_days": _call_days(day, demo.frequency), "minimum_mode": demo.minimum,
        "call_consent": True, "message_consent": True,
    }  # fmt: skip
    members.update(ivy, Actor(member.id, USER), member.id, rhythm)


def _subscribe(ivy: Ivy, member_id: str, tier: str) -> None:
    """As the payment provider's event would (FREE is what everybody is)."""
    event = SubscriptionEvent("changed", ivy.clock.now(), customer_id=None, user_id=member_id, status="active", tier=tier)
    with ivy.db.write():
        billing.apply(ivy, event)


def _had_first_call(ivy: Ivy, member_id: str, day: date) -> None:
    """The onboarding conversation lies as far back as the history does."""
    at = zones.instant_of(day, time(7), ZONE)
    call = Call(
        id=ivy.clock.new_id(), member_id=member_id, call_type=ONBOARDING, scheduled_at=at, started_at=at, ended_at=at + TALK,
        duration=TALK.seconds, status=COMPLETED, outcome="workout_planned", local_date=day, source="planner", analyzed=True,
        effects_applied_at=at + TALK, created_at=at, updated_at=at + TALK,
    )  # fmt: skip
    with ivy.db.write():
        call_rows.add_once(call)


def _active_days(runs: tuple[int, ...], day: date) -> Iterator[date]:
    """The dates of the runs, so that the last one ends on the eve of `day`."""
    start = day - timedelta(days=sum(runs) + GAP * (len(runs) - 1) if runs else 0)
    for run in runs:
        yield from (start + timedelta(days=number) for number in range(run))
        start += timedelta(days=run + GAP)


def _evening(day: date) -> datetime:
    return zones.instant_of(day, time(18, 30), ZONE)


def _call_days(day: date, count: int) -> list[str]:
    """`count` weekdays, `day`'s own among the first two of the week wherever that is possible (R-92)."""
    today = day.weekday()
    wanted = [today + step for step in (0, 2, 4, -3, 1, -1, -2)]
    return [WEEKDAYS[index] for index in sorted([index for index in wanted if 0 <= index <= 6][:count])]
