"""S-39 and what stands around it: dashboard, week and month, scores, life markers."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ivy_engine import jobs
from ivy_engine.engine import Ivy
from ivy_engine.settings import Rules
from ivy_engine.store.db import db
from ivy_engine.web.app import create_app
from tests.conftest import START, rows
from tests.driver import Driver, Person

SCORES, MARKERS = "/api/stats/transformation", "/api/stats/life-markers"
STABLE = {"change": 0, "direction": "stable"}
READS = (
    "/api/stats",
    "/api/stats/streak",
    "/api/stats/weekly",
    "/api/stats/monthly",
    "/api/stats/transformation",
    "/api/stats/transformation/latest",
    "/api/stats/life-markers",
)


def score(person: Person, **values: Any) -> Any:
    return person.post(SCORES, values, 201)


def marker(person: Person, text: str = "I took the stairs", category: str = "physical", **more: Any) -> Any:
    return person.post(MARKERS, {"marker": text, "category": category, **more}, 201)


def listed(person: Person, **query: Any) -> tuple[list[str], Any]:
    """The texts of a page of life markers, and its `meta`."""
    answer = person.call("GET", MARKERS, **query)
    assert answer.status_code == 200, answer.text
    return [row["marker"] for row in answer.json()["data"]], answer.json()["meta"]


def again(driver: Driver, person: Person) -> Person:
    """Signed in anew: a token lasts seven days."""
    driver.post("/api/auth/magic-link", {"email": person.email})
    return driver.sign_in({"id": person.id, "email": person.email})


def refused(person: Person, path: str, body: Any) -> list[str]:
    """The paths of what is wrong with a body."""
    error = person.driver.error(person.call("POST", path, body), 422)
    assert error["code"] == "VALIDATION_ERROR"
    return [problem["path"] for problem in error["details"]]


def test_s39_scores_and_summary(driver: Driver) -> None:
    driver.clock("2026-05-04T10:00:00Z")
    ana = driver.member()
    ana.post("/api/users/me/onboard")
    assert ana.get(f"{SCORES}/latest") is None
    first = score(ana, energyScore=4, moodScore=5)
    assert first == {
        "id": first["id"],
        "userId": ana.id,
        "energyScore": 4,
        "moodScore": 5,
        "healthConfidence": None,
        "weekNumber": 1,
        "notes": None,
        "createdAt": "2026-05-04T10:00:00.000Z",
    }
    driver.clock("2026-05-11T10:00:00Z")
    ana = again(driver, ana)
    second = score(ana, energyScore=7, moodScore=5)
    assert second["weekNumber"] == 2

    assert ana.get(SCORES) == {
        "scores": [second, first],
        "trends": {"energy": {"change": 3, "direction": "improving"}, "mood": STABLE, "healthConfidence": STABLE},
    }
    assert ana.get(f"{SCORES}/latest") == second
    assert refused(ana, SCORES, {"energyScore": 11}) == ["body.energyScore"]
    assert refused(ana, SCORES, {}) == ["body"]

    workouts = [ana.plan(day) for day in ("2026-05-11", "2026-05-11", "2026-05-17")]
    ana.plan("2026-05-18")
    for workout, status in zip(workouts, ("COMPLETED", "PARTIAL"), strict=False):
        ana.complete(workout, status)
    assert ana.get("/api/stats/weekly") == {
        "week": {"start": "2026-05-10T23:00:00.000Z", "end": "2026-05-11T10:00:00.000Z"},
        "workouts": {"planned": 3, "completed": 2, "rate": 67},
        "donations": {"total": 2, "count": 2},
        "transformation": {"energy": 7, "mood": 5, "healthConfidence": None},
    }


def test_who_has_done_nothing_sees_zeros(driver: Driver) -> None:
    ana = driver.member()
    nothing = {"planned": 0, "completed": 0, "rate": 0}
    assert ana.get("/api/stats/weekly") == {
        "week": {"start": "2026-05-03T23:00:00.000Z", "end": "2026-05-04T08:00:00.000Z"},
        "workouts": nothing,
        "donations": {"total": 0, "count": 0},
        "transformation": None,
    }
    assert ana.get("/api/stats/monthly") == {
        "month": {"start": "2026-04-30T23:00:00.000Z", "end": "2026-05-04T08:00:00.000Z"},
        "workouts": nothing,
        "donations": {"total": 0, "count": 0},
        "streak": {"current": 0, "longest": 0},
        "lifeMarkers": {"count": 0},
    }
    assert ana.get(SCORES) == {"scores": [], "trends": {"energy": STABLE, "mood": STABLE, "healthConfidence": STABLE}}
    texts, meta = listed(ana)
    assert texts == []
    assert meta == {"page": 1, "limit": 20, "total": 0, "totalPages": 0, "nextCursor": None, "breakdown": {"byCategory": []}}


def test_the_month_counts_what_belongs_to_it(driver: Driver) -> None:
    """R-75, RULEBOOK 7.2 #27."""
    ana = driver.member()
    marker(ana)
    done = ana.plan("2026-05-04")
    ana.complete(done)
    for day in ("2026-04-30", "2026-05-01", "2026-05-31", "2026-06-01"):
        ana.plan(day)
    month = ana.get("/api/stats/monthly")
    assert month["workouts"] == {"planned": 3, "completed": 1, "rate": 33}
    assert month["donations"] == {"total": 1, "count": 1}
    assert month["streak"] == {"current": 1, "longest": 1}
    assert month["lifeMarkers"] == {"count": 1}


# the last and the first minute of a local week, and of a local month: zone, an instant before midnight, one after it
WEEKS = [
    ("Asia/Kathmandu", "2026-05-10T18:14:00Z", "2026-05-10T18:15:00Z"),
    ("Pacific/Auckland", "2026-05-10T11:59:00Z", "2026-05-10T12:00:00Z"),
    ("America/New_York", "2026-05-11T03:59:00Z", "2026-05-11T04:00:00Z"),
    ("Europe/London", "2026-10-25T23:59:00Z", "2026-10-26T00:00:00Z"),  # a Sunday of 25 hours
]
MONTHS = [
    ("Asia/Kathmandu", "2026-05-31T18:14:00Z", "2026-05-31T18:15:00Z"),
    ("Pacific/Auckland", "2026-05-31T11:59:00Z", "2026-05-31T12:00:00Z"),
    ("America/New_York", "2027-01-01T04:59:00Z", "2027-01-01T05:00:00Z"),
]


@pytest.mark.parametrize(("zone", "sunday", "monday"), WEEKS)
def test_the_week_turns_at_local_midnight_before_monday(driver: Driver, zone: str, sunday: str, monday: str) -> None:
    """R-75, R-76."""
    driver.clock(sunday)
    ana = driver.member(zone)
    ana.complete(ana.plan(sunday))
    score(ana, energyScore=3)
    week = ana.get("/api/stats/weekly")
    assert week["workouts"] == {"planned": 1, "completed": 1, "rate": 100}
    assert week["donations"] == {"total": 1, "count": 1}
    assert week["transformation"] == {"energy": 3, "mood": None, "healthConfidence": None}
    assert ana.get("/api/stats")["workouts"]["thisWeek"] == 1

    driver.clock(monday)
    assert ana.get("/api/stats/weekly") == {
        "week": {"start": monday.replace("Z", ".000Z"), "end": monday.replace("Z", ".000Z")},
        "workouts": {"planned": 0, "completed": 0, "rate": 0},
        "donations": {"total": 0, "count": 0},
        "transformation": None,
    }
    assert ana.get("/api/stats")["workouts"]["thisWeek"] == 0


@pytest.mark.parametrize(("zone", "last", "first"), MONTHS)
def test_the_month_turns_at_local_midnight(driver: Driver, zone: str, last: str, first: str) -> None:
    """R-75."""
    driver.clock(last)
    ana = driver.member(zone)
    ana.complete(ana.plan(last))
    marker(ana)
    month = ana.get("/api/stats/monthly")
    assert (month["workouts"]["completed"], month["donations"]["count"], month["lifeMarkers"]["count"]) == (1, 1, 1)
    assert ana.get("/api/stats")["workouts"]["thisMonth"] == 1

    driver.clock(first)
    month = ana.get("/api/stats/monthly")
    assert month["month"]["start"] == first.replace("Z", ".000Z")
    assert month["workouts"] == {"planned": 0, "completed": 0, "rate": 0}
    assert month["donations"] == {"total": 0, "count": 0}
    assert month["lifeMarkers"] == {"count": 0}
    assert month["streak"] == {"current": 1, "longest": 1}
    assert ana.get("/api/stats")["workouts"]["thisMonth"] == 0


def test_the_dashboard(driver: Driver) -> None:
    """RULEBOOK 7.2 #24, R-77, R-78, D-9."""
    driver.clock("2026-05-04T10:00:00Z")
    ana = driver.member()
    assert ana.get("/api/stats")["user"]["daysSinceJoined"] == 0
    ana.post("/api/users/me/onboard")
    for status in ("COMPLETED", "PARTIAL", "SKIPPED"):
        ana.complete(ana.plan("2026-05-05"), status)
    ana.plan("2026-05-20")
    ana.plan("2026-06-20")
    driver.clock("2026-05-07T09:59:00Z")
    dashboard = ana.get("/api/stats")
    assert dashboard == {
        "user": {"id": ana.id, "name": "Ana Li", "track": "fitness", "goal": "Run 5K", "tier": "FREE", "daysSinceJoined": 2},
        "streak": {"current": 0, "longest": 1, "lastWorkout": "2026-05-04T00:00:00.000Z"},
        "workouts": {
            "total": 5,
            "thisWeek": 3,
            "thisMonth": 4,
            "completionRate": 40,
            "byStatus": [
                {"status": "PLANNED", "count": 2},
                {"status": "COMPLETED", "count": 1},
                {"status": "PARTIAL", "count": 1},
                {"status": "SKIPPED", "count": 1},
            ],
        },
        "donations": {"lifetimeTotal": 2, "currentMonth": 2, "count": 2},
        "impact": {"monthlyLimit": 20, "dailyCap": 3, "remaining": 18},
    }


def test_a_note_alone_is_a_score_but_hides_no_numbers_of_the_week(driver: Driver) -> None:
    """R-70, R-76."""
    ana = driver.member()
    score(ana, energyScore=6, notes="slept well")
    driver.clock("2026-05-04T09:00:00Z")
    note = score(ana, notes="  a long day  ")
    assert (note["notes"], note["energyScore"], note["weekNumber"]) == ("a long day", None, 1)
    assert ana.get(f"{SCORES}/latest") == note
    assert ana.get("/api/stats/weekly")["transformation"] == {"energy": 6, "mood": None, "healthConfidence": None}


@pytest.mark.parametrize("value", [0, 11, -1, 7.5, True, "7", [7], 10**30])
@pytest.mark.parametrize("field", ["energyScore", "moodScore", "healthConfidence"])
def test_a_score_is_a_whole_number_from_1_to_10(driver: Driver, field: str, value: Any) -> None:
    """R-70."""
    ana = driver.member()
    assert refused(ana, SCORES, {"notes": "a note", field: value}) == [f"body.{field}"]
    assert ana.get(SCORES)["scores"] == []


@pytest.mark.parametrize("body", [{}, {"energyScore": None}, {"notes": ""}, {"notes": " \n"}, {"unknown": 5}])
def test_a_score_must_say_something(driver: Driver, body: Any) -> None:
    """R-70."""
    assert refused(driver.member(), SCORES, body) == ["body"]


def test_scores_are_cut_to_dates_of_the_members_zone_and_the_newest_are_kept(driver: Driver) -> None:
    """RULEBOOK 7.2 #29; the trends are those of the list that is returned (R-71)."""
    driver.clock("2026-05-04T17:00:00Z")
    ana = driver.member("Asia/Kathmandu")
    for at, energy in (("2026-05-04T18:14:59Z", 2), ("2026-05-04T18:15:00Z", 9), ("2026-05-05T18:14:59.999Z", 4)):
        driver.clock(at)
        score(ana, energyScore=energy)

    def energies(**query: Any) -> list[int]:
        return [row["energyScore"] for row in ana.get(SCORES, **query)["scores"]]

    assert energies() == [4, 9, 2]
    assert energies(startDate="2026-05-05", endDate="2026-05-05") == [4, 9]
    assert energies(endDate="2026-05-04") == [2]
    assert energies(startDate="2026-05-06") == []
    assert energies(startDate="2026-05-04T18:15:00Z", endDate="2026-05-05T00:00:00+05:45") == [9]
    assert energies(endDate="2026-05-05T00:00:00") == [9, 2]
    assert energies(limit=2) == [4, 9]
    assert ana.get(SCORES, limit=2)["trends"]["energy"] == {"change": 5, "direction": "declining"}
    assert ana.get(SCORES)["trends"]["energy"] == {"change": 2, "direction": "improving"}
    assert "meta" not in ana.call("GET", SCORES).json()


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        (SCORES, "limit", "0"),
        (SCORES, "limit", "366"),
        (SCORES, "limit", "many"),
        (SCORES, "startDate", "soon"),
        (SCORES, "endDate", "2026-02-30"),
        (MARKERS, "limit", "101"),
        (MARKERS, "page", "0"),
        (MARKERS, "startDate", "2200-01-01"),
        (MARKERS, "endDate", ""),
        (MARKERS, "category", "spiritual"),
        (MARKERS, "significance", "huge"),
        (MARKERS, "cursor", "elsewhere"),
    ],
)
def test_a_query_that_does_not_fit_is_refused_by_name(driver: Driver, path: str, field: str, value: str) -> None:
    ana = driver.member()
    error = driver.error(ana.call("GET", path, **{field: value}), 422)
    assert [problem["path"] for problem in error["details"]] == [f"query.{field}"]


def test_a_life_marker(driver: Driver) -> None:
    """R-74, RULEBOOK 7.2 #31."""
    ana = driver.member()
    made = marker(ana, "  I climbed four floors without a stop\n", "physical", significance="major")
    assert made == {
        "id": made["id"],
        "userId": ana.id,
        "marker": "I climbed four floors without a stop",
        "category": "physical",
        "significance": "major",
        "createdAt": "2026-05-04T08:00:00.000Z",
    }
    assert marker(ana)["significance"] == "small"
    assert marker(ana, significance=None)["significance"] == "small"
    assert len(marker(ana, "é" * 1000)["marker"]) == 1000
    older = [marker(ana, category=category)["category"] for category in ("energy", "capability", "confidence")]
    assert older == ["physical", "physical", "mental"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("marker", ""),
        ("marker", "  \n "),
        ("marker", "x" * 1001),
        ("marker", None),
        ("marker", 5),
        ("category", "spiritual"),
        ("category", None),
        ("significance", "huge"),
    ],
)
def test_a_life_marker_that_does_not_fit_is_refused_by_name(driver: Driver, field: str, value: Any) -> None:
    ana = driver.member()
    assert refused(ana, MARKERS, {"marker": "I slept", "category": "mental", field: value}) == [f"body.{field}"]
    assert sorted(refused(ana, MARKERS, {})) == ["body.category", "body.marker"]
    assert listed(ana)[1]["total"] == 0


def test_life_markers_are_filtered_counted_and_paged(driver: Driver) -> None:
    """RULEBOOK 7.2 #32: the breakdown counts all that fit, whatever the page."""
    ana = driver.member("Pacific/Auckland")
    for at, text, category, significance in (
        ("2026-05-04T11:59:59Z", "one", "physical", "small"),
        ("2026-05-04T12:00:00Z", "two", "mental", "major"),
        ("2026-05-04T12:00:00Z", "three", "physical", "small"),
        ("2026-05-05T12:00:00Z", "four", "social", "small"),
    ):
        driver.clock(at)
        marker(ana, text, category, significance=significance)

    texts, meta = listed(ana)
    assert texts == ["four", "three", "two", "one"]
    assert meta["breakdown"]["byCategory"] == [
        {"category": "physical", "count": 2},
        {"category": "mental", "count": 1},
        {"category": "social", "count": 1},
    ]
    texts, meta = listed(ana, page=2, limit=3)
    assert texts == ["one"]
    assert (meta["page"], meta["limit"], meta["total"], meta["totalPages"]) == (2, 3, 4, 2)
    assert sum(counted["count"] for counted in meta["breakdown"]["byCategory"]) == 4
    assert listed(ana, category="physical")[0] == ["three", "one"]
    assert listed(ana, category="energy")[0] == ["three", "one"]
    assert listed(ana, significance="major")[0] == ["two"]
    texts, meta = listed(ana, startDate="2026-05-05", endDate="2026-05-05", limit=1)
    assert texts == ["three"]
    assert meta["breakdown"]["byCategory"] == [{"category": "mental", "count": 1}, {"category": "physical", "count": 1}]


def test_a_cursor_goes_on_where_the_page_ended(driver: Driver) -> None:
    """CONTRACT 2: nothing twice and nothing left out, though three were made in one instant and one comes meanwhile."""
    ana = driver.member()
    for number in range(5):
        marker(ana, str(number))
    texts, meta = listed(ana, limit=2)
    marker(ana, "meanwhile")
    while meta["nextCursor"]:
        found, meta = listed(ana, limit=2, cursor=meta["nextCursor"])
        texts += found
    assert texts == ["4", "3", "2", "1", "0"]


def test_charlie_sees_nothing(driver: Driver) -> None:
    ana, charlie = driver.member(), driver.member()
    ana.complete(ana.plan("2026-05-04"))
    score(ana, energyScore=8, notes="private")
    marker(ana, "private")
    assert charlie.get(f"{SCORES}/latest") is None
    assert charlie.get(SCORES)["scores"] == []
    assert listed(charlie)[1]["total"] == 0
    assert charlie.get("/api/stats/weekly")["transformation"] is None
    assert charlie.get("/api/stats/monthly")["lifeMarkers"] == {"count": 0}
    assert charlie.get("/api/stats")["workouts"]["total"] == 0
    assert charlie.get(SCORES, userId=ana.id)["scores"] == []
    assert charlie.post(SCORES, {"moodScore": 1, "userId": ana.id}, 201)["userId"] == charlie.id


@pytest.mark.parametrize("path", READS)
def test_who_is_not_signed_in_sees_nothing(driver: Driver, path: str) -> None:
    assert driver.error(driver.client.get(path), 401)["code"] == "UNAUTHORIZED"


def test_notes_and_markers_are_unreadable_in_the_file(driver: Driver, ivy: Ivy) -> None:
    """R-160."""
    ana = driver.member()
    score(ana, notes="my secret night")
    marker(ana, "my secret stairs")
    with ivy.db.read():
        dump = b"".join(path.read_bytes() for path in ivy.folder.glob("ivy.db*"))
    assert b"my secret" not in dump
    assert rows(ivy.folder / "ivy.db", "SELECT COUNT(*) FROM score, life_marker") == [(1,)]


@pytest.mark.parametrize("path", READS)
def test_a_long_history_costs_no_more_statements(driver: Driver, path: str) -> None:
    ana = driver.member()
    _a_day(driver, ana, 4, driver.charity())
    short = _statements(ana, path)
    for day, charity in enumerate(driver.get("/api/donations/charities"), start=5):
        _a_day(driver, ana, day, charity["id"])
    assert _statements(ana, path) == short <= 12
    assert short <= 17


def _a_day(driver: Driver, ana: Person, day: int, charity: str) -> None:
    driver.clock(f"2026-05-{day:02d}T09:00:00Z")
    ana.patch("/api/users/me", {"preferredCharityId": charity})
    for _ in range(3):
        ana.complete(ana.plan(f"2026-05-{day:02d}"))
        score(ana, energyScore=day, notes="a note")
        marker(ana, category="social")


def _statements(ana: Person, path: str) -> int:
    seen: list[str] = []
    db.query_hooks.append(lambda event: seen.append(event.sql))
    try:
        ana.get(path)
    finally:
        db.query_hooks.clear()
    return sum(sql.startswith("SELECT") for sql in seen)


@pytest.fixture
def gated(open_engine: Callable[..., Ivy]) -> Iterator[Driver]:
    """An engine that enforces tiers."""
    engine = open_engine(rules=Rules(enforce_tier_gates=True))
    jobs.prepare(engine)
    jobs.set_clock(engine, START)

    def settle() -> None:
        with jobs.settled(engine):
            pass

    with httpx.Client(transport=httpx.WSGITransport(create_app(engine)), base_url="http://127.0.0.1") as client:
        yield Driver(client, settle)


def _subscribe(driver: Driver, person: Person, tier: str) -> None:
    subscription = {"customer": "cus_1", "status": "active", "metadata": {"userId": person.id, "tier": tier}}
    event = {"id": f"evt_{tier}", "type": "customer.subscription.updated", "created": 1_777_000_000}
    driver.post("/webhooks/stripe", {**event, "data": {"object": subscription}})
    driver.until(lambda: person.get("/api/users/me")["subscriptionTier"] == tier)


@pytest.mark.parametrize(
    ("tier", "scores", "confidence", "markers"),
    [
        ("FREE", False, False, False),
        ("PRO", True, False, False),
        ("ELITE", True, True, True),
        ("CONCIERGE", True, True, True),
        ("B2B", True, True, True),
    ],
)
def test_where_tiers_are_enforced_they_say_what_may_be_recorded(
    gated: Driver, tier: str, scores: bool, confidence: bool, markers: bool
) -> None:
    """C-2: what was recorded stays readable, and a note is for everybody."""
    ana = gated.member()
    if tier != "FREE":
        _subscribe(gated, ana, tier)
    for path, body, allowed, required in (
        (SCORES, {"notes": "a note"}, True, None),
        (SCORES, {"moodScore": 5}, scores, "PRO"),
        (SCORES, {"moodScore": 5, "healthConfidence": 5}, confidence, "ELITE"),
        (MARKERS, {"marker": "I slept", "category": "mental"}, markers, "ELITE"),
    ):
        answer = ana.call("POST", path, body)
        if allowed:
            gated.data(answer, 201)
        else:
            error = gated.error(answer, 403)
            assert (error["code"], error["requiredTier"]) == ("TIER_REQUIRED", required)
    for path in READS:
        assert ana.call("GET", path).status_code == 200


def test_by_default_no_tier_is_refused(driver: Driver) -> None:
    """C-2: a new member is FREE, and it is their own data."""
    ana = driver.member()
    assert score(ana, energyScore=5, moodScore=5, healthConfidence=5)["healthConfidence"] == 5
    assert marker(ana)["category"] == "physical"
