"""`GET /api/stats/streak/explain`: each day of the run with its evidence and rule, and what ended the run before it."""

from typing import Any

from tests.driver import Driver, Person


def explained(person: Person) -> Any:
    found = person.get("/api/stats/streak/explain")
    shown = person.streak()
    assert (found["currentStreak"], found["longestStreak"]) == (shown["currentStreak"], shown["longestStreak"])
    assert sum(day["state"] == "active" for day in found["days"]) == found["currentStreak"]
    return found


def states(found: Any) -> list[tuple[str, str, str]]:
    return [(day["date"][8:10], day["because"], day["rule"]) for day in found["days"]]


def test_a_member_who_has_done_nothing_yet(driver: Driver) -> None:
    found = explained(driver.member())
    assert (found["days"], found["badges"]) == ([], [])
    assert "begins one" in found["sentence"]


def test_every_day_of_the_run_and_the_one_that_ended_the_last(driver: Driver) -> None:
    driver.clock("2026-05-01T08:00:00Z")
    ana = driver.member()
    first = ana.complete(ana.plan("2026-05-01", "Swim"))
    driver.clock("2026-05-02T08:00:00Z")
    skipped = ana.complete(ana.plan("2026-05-02", "Row"), "SKIPPED", skippedReason="my knee")
    driver.clock("2026-05-04T08:00:00Z")
    ana.complete(ana.plan("2026-05-04"))
    ana.complete(ana.plan("2026-05-04", "Swim"))
    driver.clock("2026-05-05T08:00:00Z")
    ana.complete(ana.plan("2026-05-05"), "SKIPPED", skippedReason="rest_day")
    driver.clock("2026-05-06T08:00:00Z")
    ana.patch("/api/users/me", {"preferredDays": ["monday", "tuesday", "thursday"]})
    driver.clock("2026-05-07T08:00:00Z")
    ana.plan("2026-05-07", "Climb")

    found = explained(ana)
    assert states(found) == [
        ("07", "open", "R-33"),
        ("06", "off_day", "R-34c"),
        ("05", "rest", "R-34b"),
        ("04", "done", "R-31"),
        ("02", "skipped", "R-36"),
    ]
    sentences = [day["sentence"] for day in found["days"]]
    assert sentences[0] == "Thursday, 7 May is still open: Climb would count."
    assert sentences[3] == "Monday, 4 May counts: you did Run and Swim."
    assert sentences[4] == "Saturday, 2 May ended the run: Row was skipped."
    assert found["sentence"] == "Your streak is 1 day, done on Monday, 4 May."
    evidence = found["days"][4]["evidence"]
    assert [row["id"] for row in evidence["workouts"]] == [skipped["id"]]
    assert found["days"][2]["evidence"]["restDeclared"] is True
    assert first["id"] not in str(found), "the run before is not told, only what ended it"
    assert "my knee" not in str(found), "why somebody skipped is not evidence (R-160)"


def test_a_streak_that_is_over(driver: Driver) -> None:
    driver.clock("2026-05-04T08:00:00Z")
    ana = driver.member()
    ana.complete(ana.plan("2026-05-04"))
    ana.plan("2026-05-05", "Row")
    driver.advance("2026-05-08T08:00:00Z")
    found = explained(ana)
    assert states(found) == [("05", "missed", "R-37")], "the day that ended it, not the days after"
    assert found["days"][0]["sentence"] == "Tuesday, 5 May ended the run: Row stayed open until the day was closed."
    assert found["days"][0]["evidence"]["closed"] is True
    assert found["sentence"] == "There is no streak at the moment; the last run had 1 day."


def test_nothing_logged_ends_a_run_too(driver: Driver) -> None:
    driver.clock("2026-05-04T08:00:00Z")
    ana = driver.member()
    ana.complete(ana.plan("2026-05-04"))
    driver.clock("2026-05-06T08:00:00Z")
    ana.complete(ana.plan("2026-05-06"))
    assert states(explained(ana)) == [("06", "done", "R-31"), ("05", "nothing", "R-33")]


def test_a_date_that_a_zone_change_leapt_over(driver: Driver) -> None:
    driver.clock("2026-05-04T10:15:00Z")
    ana = driver.member("Pacific/Pago_Pago")
    driver.clock("2026-05-05T10:15:00Z")
    ana.complete(ana.plan("2026-05-04"))
    ana.patch("/api/users/me", {"timezone": "Pacific/Kiritimati"})
    assert states(explained(ana)) == [("06", "open", "R-33"), ("05", "zone_change", "R-34f"), ("04", "done", "R-31")]


def test_the_badge_of_thirty_days(driver: Driver) -> None:
    """R-64; it stays when the streak is over."""
    driver.clock("2026-05-01T08:00:00Z")
    ana = driver.member()
    for day in range(1, 31):
        driver.clock_for(ana, f"2026-05-{day:02d}T08:00:00Z")
        ana.complete(ana.plan(f"2026-05-{day:02d}"))
    assert explained(ana)["badges"] == ["Impact Champion"]
    driver.clock_for(ana, "2026-06-05T08:00:00Z")
    found = explained(ana)
    assert (found["currentStreak"], found["badges"]) == (0, ["Impact Champion"])
