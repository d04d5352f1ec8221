"""A month of a gym under the virtual clock: what people get, judged by rules that are written down anew (R-110 to R-120).

Two hundred members of many zones and tempers: some answer, some are silent, some want to be left alone, some are ill or worse.
Providers fail now and then, and tell things twice and out of order. IVY_MONTH_MEMBERS makes it another number of members.
"""

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivy_engine import jobs
from ivy_engine.engine import FolderLock, open_ivy
from ivy_engine.settings import Settings, Store
from tests.conftest import UNLIMITED, driving, rows
from tests.driver import Driver

pytestmark = pytest.mark.slow

MEMBERS, DAYS = int(os.environ.get("IVY_MONTH_MEMBERS", "200")), 30
FROM = datetime(2026, 10, 12, tzinfo=UTC)  # both clock changes of the autumn, two firsts of a month
STEP = timedelta(hours=4)
ZONES = (
    "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "America/St_Johns", "Asia/Kathmandu",
    "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Kiritimati", "America/Sao_Paulo", "Africa/Nairobi",
)  # fmt: skip
TIERS = ("FREE", "FREE", "FREE", "PRO", "ELITE", "CONCIERGE")
TEMPERS = {
    "diligent": (0.5, ("done", "Done!", "finished my walk", "did it", "7", "rest", "stats")),
    "talkative": (
        0.7,
        ("hello", "done", "skip", "tired", "yes", "no", "ok", "call me", "help", "3", "Swim at 19:00", "stats", "thanks"),
    ),
    "silent": (0.0, ()),
    "short": (0.1, ("STOP", "start", "done")),
    "poorly": (0.15, ("I'm sick", "yes", "back", "pause", "travelling for a week", "done", "not done")),
    "troubled": (0.05, ("done", "I want to die", "continue", "tired")),
}
FAULTS = {
    "voice": {"mode": "error", "rate": 0.05, "reorder": True, "duplicate": True},
    "whatsapp": {"mode": "silent", "rate": 0.05, "reorder": True, "duplicate": True},
    "sms": {"mode": "error", "rate": 0.05},
}
# What leaves at any hour: answers, and times that the member has chosen
AT_ANY_HOUR = frozenset({"workout_reminder", "bedtime_nudge"})
IN_SPITE_OF_STOP = frozenset({"stopped", "safety_resources", "health_concern"})
IN_A_HOLD = frozenset({"stopped", "started", "safety_resources", "health_concern", "wellbeing_check"})


@dataclass
class Somebody:
    id: str
    phone: str
    zone: str
    temper: str
    wants: list[tuple[datetime, bool]] = field(default_factory=list)  # when messages were stopped, and wanted again

    def wanted(self, at: datetime) -> bool:
        """The clock stands still while somebody writes: what leaves at that instant may have left before or after it."""
        before = [wants for since, wants in self.wants if since < at]
        by_then = [wants for since, wants in self.wants if since <= at]
        return any(not said or said[-1] for said in (before, by_then))


@dataclass(frozen=True)
class Month:
    folder: Path
    people: dict[str, Somebody]

    def sent(self, where: str = "") -> Iterator[tuple[Somebody, datetime, str, str, bool]]:
        """Who was sent what by phone, when, on which channel, and whether it was an answer."""
        sql = (
            "SELECT member_id, sent_at, template, channel, is_reply FROM message WHERE direction = 'OUTBOUND' "
            f"AND channel <> 'EMAIL' AND sent_at IS NOT NULL {where} ORDER BY sent_at, id"
        )
        for member, at, template, channel, is_reply in rows(self.folder / "ivy.db", sql):
            if member in self.people:
                yield self.people[member], datetime.fromtimestamp(at / 1000, UTC), template, channel, bool(is_reply)


@pytest.fixture(scope="module")
def month(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    folder = tmp_path_factory.mktemp("month") / "data"
    shutil.copytree(template, folder)
    ivy = open_ivy(Settings(data_dir=folder, limits=UNLIMITED, store=Store(synchronous="NORMAL")), FolderLock(folder))
    try:
        jobs.prepare(ivy)
        jobs.set_clock(ivy, FROM - timedelta(days=1))
        with driving(ivy) as driver:
            chance = random.Random(5)
            people = [_join(driver, chance, number) for number in range(MEMBERS)]
            driver.data(driver.client.put("/simulator/faults", json=FAULTS))
            _live(driver, chance, people)
    finally:
        ivy.close()
    yield Month(folder, {somebody.id: somebody for somebody in people})


def _join(driver: Driver, chance: random.Random, number: int) -> Somebody:
    zone, phone = chance.choice(ZONES), f"+447700{900000 + number:06d}"
    person = driver.member(zone, phone=phone, email=f"member{number}@example.com", minimumMode="5 minutes")
    tier = chance.choice(TIERS)
    if tier != "FREE":
        driver.tier(person, tier)
    person.patch(
        "/api/users/me",
        {
            "morningCallTime": f"{chance.randint(5, 10):02d}:{chance.choice((0, 15, 30)):02d}",
            "eveningCallTime": f"{chance.randint(17, 23):02d}:{chance.choice((0, 15, 45)):02d}",
            "callFrequency": chance.randint(1, 7),
        },
    )
    if chance.random() < 0.2:
        driver.data(person.call("PUT", "/api/users/me/preferences", {"bedtime": "22:30"}))
    person.post("/api/users/me/onboard")
    return Somebody(person.id, phone, zone, chance.choice(list(TEMPERS)))


def _live(driver: Driver, chance: random.Random, people: list[Somebody]) -> None:
    now = FROM
    while now < FROM + timedelta(days=DAYS):
        driver.advance(now.isoformat())
        for somebody in people:
            often, says = TEMPERS[somebody.temper]
            if chance.random() < often / 4:
                _write(driver, somebody, chance.choice(says), now)
        now += STEP
    driver.advance(now.isoformat())


def _write(driver: Driver, somebody: Somebody, text: str, now: datetime) -> None:
    driver.post("/simulator/messages", {"from": somebody.phone, "channel": "whatsapp", "text": text})
    if text in ("STOP", "start"):
        somebody.wants.append((now, text == "start"))


def test_it_was_a_lively_month(month: Month, capsys: pytest.CaptureFixture[str]) -> None:
    found = Counter(template for _, _, template, _, _ in month.sent())
    with capsys.disabled():
        print(f"\n{sum(found.values())} messages to {MEMBERS} members in {DAYS} days")
        print(", ".join(f"{template} {count}" for template, count in found.most_common()))
    assert len(found) >= (25 if MEMBERS >= 100 else 20), "most of what Ivy can say was said"
    assert sum(found.values()) > MEMBERS * DAYS / 4


def test_nobody_got_more_automatic_messages_on_a_day_than_the_ceiling(month: Month) -> None:
    """R-117."""
    days: Counter[tuple[str, str]] = Counter()
    for somebody, at, _, _, is_reply in month.sent("AND status <> 'FAILED'"):
        if not is_reply:
            days[somebody.id, at.astimezone(ZoneInfo(somebody.zone)).date().isoformat()] += 1
    assert max(days.values()) <= 6
    assert max(days.values()) >= 4, "the ceiling was not far away"


def test_nothing_came_by_night_but_answers_and_chosen_times(month: Month) -> None:
    """R-116."""
    for somebody, at, template, _, is_reply in month.sent():
        here = at.astimezone(ZoneInfo(somebody.zone)).time()
        if here >= time(21) or here < time(7):
            assert is_reply or template in AT_ANY_HOUR, (template, somebody.zone, at)


def test_nothing_came_after_stop(month: Month) -> None:
    stopped = [somebody for somebody in month.people.values() if any(not wants for _, wants in somebody.wants)]
    assert len(stopped) >= MEMBERS // 40
    for somebody, at, template, _, _ in month.sent():
        assert somebody.wanted(at) or template in IN_SPITE_OF_STOP, (template, somebody.temper, at)


def test_nothing_was_said_twice(month: Month) -> None:
    """One message for each cause and template; its fallback by SMS is the same message."""
    db = month.folder / "ivy.db"
    about_workouts = rows(
        db,
        "SELECT template, workout_id, COUNT(*) FROM message WHERE fallback_of_id IS NULL AND template IN "
        "('completion_check', 'completion_confirmation') AND workout_id IS NOT NULL GROUP BY 1, 2 HAVING COUNT(*) > 1",
    )
    assert about_workouts == []
    about_calls = rows(
        db,
        "SELECT template, call_id, COUNT(*) FROM message WHERE fallback_of_id IS NULL AND call_id IS NOT NULL "
        "GROUP BY 1, 2 HAVING COUNT(*) > 1",
    )
    assert about_calls == []
    weekly = Counter(
        (template, somebody.id, at.astimezone(ZoneInfo(somebody.zone)).date().isocalendar()[:2])
        for somebody, at, template, _, _ in month.sent("AND fallback_of_id IS NULL")
        if template in ("weekly_summary", "pulse_energy", "inactive_checkin")
    )
    assert max(weekly.values()) == 1
    fallbacks = rows(db, "SELECT fallback_of_id FROM message WHERE fallback_of_id IS NOT NULL")
    assert max(Counter(fallbacks).values()) == 1
    given = rows(month.folder / "simulated.db", "SELECT kind, id, SUM(times) FROM given GROUP BY 1, 2 HAVING SUM(times) > 1")
    assert given == [], "no provider was given a message twice"


def test_every_row_has_an_end(month: Month) -> None:
    """SENT or later, or FAILED with a reason; what is not due yet waits."""
    ended = datetime.timestamp(FROM + timedelta(days=DAYS)) * 1000
    stuck = rows(
        month.folder / "ivy.db",
        "SELECT template, status, due_at FROM message WHERE direction = 'OUTBOUND' "
        "AND NOT (status IN ('SENT', 'DELIVERED', 'READ') OR (status = 'FAILED' AND failed_reason IS NOT NULL) "
        "OR (status = 'QUEUED' AND due_at > ?))",
        ended - 60_000,
    )
    assert stuck == []
    assert rows(month.folder / "ivy.db", "SELECT COUNT(*) FROM inbound_event WHERE status <> 'HANDLED'") == [(0,)]


def test_what_is_urgent_and_was_not_delivered_went_by_sms(month: Month) -> None:
    """R-112: one in twenty was accepted by WhatsApp and never delivered."""
    late = rows(month.folder / "ivy.db", "SELECT id FROM message WHERE failed_reason = 'not delivered in time'")
    replaced = rows(month.folder / "ivy.db", "SELECT fallback_of_id FROM message WHERE fallback_of_id IS NOT NULL")
    assert late
    assert {row[0] for row in late} <= {row[0] for row in replaced}


def test_nobody_on_hold_was_disturbed(month: Month) -> None:
    """R-151: from the first words of help until the member asks to go on."""
    held: dict[str, datetime] = {}
    for somebody, at, template, _, _ in month.sent():
        if template == "glad_to_go_on":
            held.pop(somebody.id, None)
        if template == "safety_resources":
            held.setdefault(somebody.id, at)
        elif somebody.id in held:
            assert template in IN_A_HOLD, (template, at)
    assert held or MEMBERS < 100


def test_who_is_silent_is_left_in_peace(month: Month) -> None:
    """R-117: between two signs of life at most three questions, then one whether to go on, then none."""
    asks = ("completion_check", "pulse_energy", "inactive_checkin")
    by_hand = {somebody.id for somebody in month.people.values() if somebody.temper == "silent"}
    talked = {row[0] for row in rows(month.folder / "ivy.db", "SELECT member_id FROM call WHERE status = 'COMPLETED'")}
    quiet = by_hand - talked
    for member in by_hand:
        welcome = rows(
            month.folder / "ivy.db", "SELECT COUNT(*) FROM message WHERE member_id = ? AND template = 'still_welcome'", member
        )
        assert welcome[0][0] <= 1 or member in talked
    for member in quiet:
        marks = ", ".join("?" * len(asks))
        [(count,)] = rows(
            month.folder / "ivy.db",
            f"SELECT COUNT(*) FROM message WHERE member_id = ? AND template IN ({marks}) AND sent_at IS NOT NULL "
            "AND fallback_of_id IS NULL",
            member, *asks,
        )  # fmt: skip
        assert count <= 3
