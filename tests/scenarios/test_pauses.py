"""S-40: pausing, being sick, travelling, coming back; rest days (R-12 to R-14, R-34, J-13)."""

from typing import Any

import pytest

from ivy_engine.engine import Ivy
from tests.conftest import rows
from tests.driver import Driver, Person

Json = Any


def calls_of(ivy: Ivy, ana: Person, status: str) -> list[tuple[str, str]]:
    """Type and local date of the member's calls of a status, in order."""
    found = rows(
        ivy.folder / "ivy.db",
        "SELECT call_type, local_date FROM call WHERE member_id = ? AND status = ? ORDER BY scheduled_at", ana.id, status,
    )  # fmt: skip
    return [(row[0], row[1]) for row in found]


def messages_of(ivy: Ivy, ana: Person, template: str) -> list[str]:
    found = rows(ivy.folder / "ivy.db", "SELECT status FROM message WHERE member_id = ? AND template = ?", ana.id, template)
    return [row[0] for row in found]


def five_days(driver: Driver, zone: str = "Europe/London") -> Person:
    """A concierge member, onboarded two weeks before, with a streak of five on 4 to 8 May."""
    driver.clock("2026-04-20T10:00:00Z")
    ana = driver.callable_member(zone)
    driver.tier(ana, "CONCIERGE")
    driver.advance("2026-04-21T10:00:00Z")
    for day in range(4, 9):
        driver.clock_for(ana, f"2026-05-{day:02d}T10:00:00Z")
        ana.complete(ana.plan(f"2026-05-{day:02d}"))
    return ana


def test_s40_pause(driver: Driver, ivy: Ivy) -> None:
    ana = five_days(driver)
    driver.clock_for(ana, "2026-05-09T10:00:00Z")
    driver.job("plan_calls")
    assert calls_of(ivy, ana, "SCHEDULED")
    told = ana.post("/api/users/me/pause", {"reason": "break", "resumeDate": "2026-05-18"})
    assert told == {"id": ana.id, "status": "paused", "pauseReason": "break", "resumeDate": "2026-05-18T00:00:00.000Z"}
    assert calls_of(ivy, ana, "SCHEDULED") == []
    driver.advance("2026-05-19T05:30:00Z")
    person = driver.member_again(ana)
    assert calls_of(ivy, ana, "SCHEDULED") == [("MORNING_PLANNING", "2026-05-19"), ("EVENING_REVIEW", "2026-05-19"),
                                               ("MORNING_PLANNING", "2026-05-20"), ("EVENING_REVIEW", "2026-05-20")]  # fmt: skip
    assert (person.get("/api/users/me")["status"], person.get("/api/users/me")["resumeDate"]) == ("active", None)
    assert person.streak()["currentStreak"] == 5
    assert messages_of(ivy, ana, "restart") == ["QUEUED"]  # it is 06:30: the quiet hours end at 07:00
    driver.advance("2026-05-19T06:01:00Z")
    assert messages_of(ivy, ana, "restart") != ["QUEUED"]
    driver.clock_for(ana, "2026-05-19T10:00:00Z")
    assert ana.complete(ana.plan("2026-05-19"))["streak"]["current"] == 6
    states = {day["date"][:10]: day["because"] for day in ana.get("/api/stats/streak/explain")["days"]}
    assert {states[f"2026-05-{day:02d}"] for day in range(9, 19)} == {"away"}


def test_a_pause_without_an_end_lasts_until_resumed(driver: Driver, ivy: Ivy) -> None:
    ana = five_days(driver)
    driver.clock_for(ana, "2026-05-09T10:00:00Z")
    ana.post("/api/users/me/pause", {"reason": "sick"})
    driver.advance("2026-06-20T10:00:00Z")
    ana = driver.member_again(ana)
    assert (ana.get("/api/users/me")["status"], ana.streak()["currentStreak"]) == ("sick", 5)
    assert calls_of(ivy, ana, "SCHEDULED") == []
    assert ana.post("/api/users/me/resume")["status"] == "active"
    assert calls_of(ivy, ana, "SCHEDULED")[0] == ("EVENING_REVIEW", "2026-06-20")
    assert ana.post("/api/users/me/resume") == {"id": ana.id, "status": "active", "pauseReason": None, "resumeDate": None}
    assert ana.complete(ana.plan("2026-06-20"))["streak"]["current"] == 6
    driver.clock_for(ana, "2026-06-22T10:00:00Z")
    assert ana.streak()["currentStreak"] == 0


@pytest.mark.parametrize(
    ("zone", "back"),
    [
        ("Pacific/Auckland", "2026-05-18T18:00:00Z"),
        ("America/New_York", "2026-05-19T10:00:00Z"),
        ("Asia/Kathmandu", "2026-05-19T00:15:00Z"),
    ],
)
def test_coming_back_is_at_six_in_the_morning_where_the_member_is(driver: Driver, ivy: Ivy, zone: str, back: str) -> None:
    ana = driver.callable_member(zone)
    ana.post("/api/users/me/pause", {"reason": "break", "resumeDate": "2026-05-18"})
    found = rows(ivy.folder / "ivy.db", "SELECT resume_due_at FROM member WHERE id = ?", ana.id)
    driver.clock(back)
    assert found[0][0] == int(ivy.clock.now().timestamp() * 1000)
    assert driver.job("resume_members") == 1
    assert driver.job("resume_members") == 0


def test_a_change_of_zone_moves_the_morning_of_coming_back(driver: Driver, ivy: Ivy) -> None:
    ana = driver.callable_member("Europe/London")
    ana.post("/api/users/me/pause", {"reason": "break", "resumeDate": "2026-05-18"})
    ana.patch("/api/users/me", {"timezone": "America/New_York"})
    driver.advance("2026-05-19T09:59:00Z")
    assert driver.member_again(ana).get("/api/users/me")["status"] == "paused"
    driver.advance("2026-05-19T10:00:00Z")
    assert driver.member_again(ana).get("/api/users/me")["status"] == "active"


def test_a_journey_that_keeps_the_structure_moves_calls_and_reminders(driver: Driver, ivy: Ivy) -> None:
    """R-12: calls in the zone of the journey; days break as always."""
    ana = driver.callable_member("Europe/London")
    driver.tier(ana, "CONCIERGE")
    ana.post("/api/users/me/pause", {"reason": "traveling", "keepStructure": True, "travelTimezone": "America/New_York",
                                     "resumeDate": "2026-05-10"})  # fmt: skip
    due = rows(ivy.folder / "ivy.db", "SELECT scheduled_at FROM call WHERE status = 'SCHEDULED' AND call_type = 'EVENING_REVIEW' "
               "AND local_date = '2026-05-05'")  # fmt: skip
    driver.clock("2026-05-06T00:00:00Z")  # 20:00 in New York
    assert due == [(int(ivy.clock.now().timestamp() * 1000),)]
    profile = ana.get("/api/users/me")
    assert (profile["status"], profile["travelTimezone"], profile["timezone"]) == (
        "traveling",
        "America/New_York",
        "Europe/London",
    )
    assert ana.streak()["currentStreak"] == 0
    driver.advance("2026-05-11T06:00:00Z")
    ana = driver.member_again(ana)
    assert (ana.get("/api/users/me")["status"], ana.get("/api/users/me")["travelTimezone"]) == ("active", None)


def test_a_pause_silences_what_waits_but_not_answers(driver: Driver, ivy: Ivy) -> None:
    """R-14: a celebration that waits for the morning is not sent to somebody who has paused."""
    ana = driver.callable_member()
    driver.clock_for(ana, "2026-05-04T21:30:00Z")
    ana.complete(ana.plan("2026-05-04"))
    assert messages_of(ivy, ana, "completion_confirmation") == ["QUEUED"]
    ana.post("/api/users/me/pause", {"reason": "break"})
    assert messages_of(ivy, ana, "completion_confirmation") == ["FAILED"]


def test_a_pause_said_again_replaces_what_was_said(driver: Driver) -> None:
    ana = five_days(driver)
    driver.clock_for(ana, "2026-05-09T10:00:00Z")
    ana.post("/api/users/me/pause", {"reason": "break", "resumeDate": "2026-05-12"})
    driver.clock_for(ana, "2026-05-11T10:00:00Z")
    assert ana.post("/api/users/me/pause", {"reason": "sick", "resumeDate": "2026-05-14"})["status"] == "sick"
    driver.advance("2026-05-15T10:00:00Z")
    ana = driver.member_again(ana)
    assert ana.complete(ana.plan("2026-05-15"))["streak"]["current"] == 6


@pytest.mark.parametrize("body", [
    {}, {"reason": "holiday"}, {"reason": "break", "resumeDate": "2026-05-03"}, {"reason": "break", "resumeDate": "2027-06-01"},
    {"reason": "break", "resumeDate": "soon"}, {"reason": "traveling", "travelTimezone": "Mars/Base"},
    {"reason": "traveling", "keepStructure": "yes"},
])  # fmt: skip
def test_a_pause_that_cannot_be_is_refused(driver: Driver, body: Json) -> None:
    ana = driver.member()
    assert driver.error(ana.call("POST", "/api/users/me/pause", body), 422)["code"] == "VALIDATION_ERROR"
    assert ana.get("/api/users/me")["status"] == "active"


def test_a_rest_day_skips_workouts_and_calls(driver: Driver, ivy: Ivy) -> None:
    """R-34 b, R-36, R-92: declared for tomorrow; a second time changes nothing."""
    ana = driver.callable_member()
    driver.tier(ana, "CONCIERGE")
    ana.complete(ana.plan("2026-05-04"))
    planned = ana.plan("2026-05-05")
    driver.job("plan_calls")
    for _ in range(2):
        assert ana.post("/api/users/me/rest-days", {"date": "2026-05-05"}) == {"date": "2026-05-05T00:00:00.000Z", "counts": True}
    skipped = ana.get(f"/api/workouts/{planned['id']}")
    assert (skipped["status"], skipped["skippedReason"]) == ("SKIPPED", "rest_day")
    assert "2026-05-05" not in {day for kind, day in calls_of(ivy, ana, "SCHEDULED") if kind != "ONBOARDING"}
    driver.job("plan_calls")
    assert "2026-05-05" not in {day for kind, day in calls_of(ivy, ana, "SCHEDULED") if kind != "ONBOARDING"}
    driver.clock_for(ana, "2026-05-06T10:00:00Z")
    assert ana.streak()["currentStreak"] == 1


def test_rest_days_beyond_two_in_seven_count_for_nothing(driver: Driver) -> None:
    ana = driver.member()
    told = [ana.post("/api/users/me/rest-days", {"date": f"2026-05-{day:02d}"})["counts"] for day in (4, 6, 8, 11)]
    assert told == [True, True, False, True]


@pytest.mark.parametrize("body", [{}, {"date": "2026-05-03"}, {"date": ""}, {"date": 5}, {"date": "2028-05-03"}])
def test_a_rest_day_that_cannot_be_is_refused(driver: Driver, body: Json) -> None:
    assert driver.error(driver.member().call("POST", "/api/users/me/rest-days", body), 422)["code"] == "VALIDATION_ERROR"
