"""S-8 to S-13, S-15, S-22, S-26: what grows a streak, what ends it, and what stays."""

import pytest

from tests.driver import Driver, Person


def done_at(driver: Driver, who: Person, instant: str, day: str) -> int:
    """Plan for a date and complete at an instant; the streak then."""
    driver.clock_for(who, instant)
    streak: int = who.complete(who.plan(day))["streak"]["current"]
    return streak


@pytest.mark.parametrize(
    ("zone", "completions"),
    [
        pytest.param(
            "America/New_York",
            [
                ("2026-03-08T04:30:00Z", "2026-03-07", 1),
                ("2026-03-09T03:30:00Z", "2026-03-08", 2),
                ("2026-03-09T04:15:00Z", "2026-03-09", 3),
            ],
            id="S-8 the day of 23 hours",
        ),
        pytest.param(
            "Europe/London",
            [
                ("2026-10-24T22:30:00Z", "2026-10-24", 1),
                ("2026-10-24T23:30:00Z", "2026-10-25", 2),
                ("2026-10-25T23:30:00Z", "2026-10-25", 2),
            ],
            id="S-9 the day of 25 hours",
        ),
        pytest.param(
            "Australia/Lord_Howe",  # half an hour is skipped at 02:00 on 4 October
            [
                ("2026-10-03T13:15:00Z", "2026-10-03", 1),  # 23:45
                ("2026-10-03T13:45:00Z", "2026-10-04", 2),  # 00:15
                ("2026-10-04T12:45:00Z", "2026-10-04", 2),  # 23:45, in a day of 23.5 hours
                ("2026-10-04T13:15:00Z", "2026-10-05", 3),  # 00:15
            ],
            id="Lord Howe: the day of 23 and a half hours",
        ),
        pytest.param(
            "Asia/Kathmandu",  # 5 hours and 45 minutes ahead
            [
                ("2026-05-04T18:14:00Z", "2026-05-04", 1),
                ("2026-05-04T18:16:00Z", "2026-05-05", 2),
                ("2026-05-05T18:14:59Z", "2026-05-05", 2),
                ("2026-05-05T18:15:00Z", "2026-05-06", 3),
            ],
            id="Kathmandu: midnight at a quarter past",
        ),
        pytest.param(
            "Pacific/Auckland",  # clocks go back at 03:00 on 5 April
            [
                ("2026-04-04T10:59:00Z", "2026-04-04", 1),
                ("2026-04-04T11:01:00Z", "2026-04-05", 2),
                ("2026-04-05T11:59:00Z", "2026-04-05", 2),
                ("2026-04-05T12:00:00Z", "2026-04-06", 3),
            ],
            id="Auckland: the day of 25 hours",
        ),
        pytest.param(
            "Pacific/Kiritimati",  # 14 hours ahead
            [
                ("2026-05-04T09:59:00Z", "2026-05-04", 1),
                ("2026-05-04T10:00:00Z", "2026-05-05", 2),
                ("2026-12-31T10:00:00Z", "2027-01-01", 1),
            ],
            id="Kiritimati: the first to begin a day",
        ),
    ],
)
def test_days_are_local_whatever_their_length(driver: Driver, zone: str, completions: list[tuple[str, str, int]]) -> None:
    """R-30, R-31."""
    driver.clock("2026-03-01T00:00:00Z")
    ana = driver.member(zone)
    for instant, day, streak in completions:
        driver.clock_for(ana, instant)
        done = ana.complete(ana.plan(day))
        assert (done["creditedDate"], done["streak"]["current"]) == (day, streak)


def test_s10_gap(driver: Driver) -> None:
    driver.clock("2026-05-04T18:00:00Z")
    ana = driver.member()
    ana.complete(ana.plan("2026-05-04"))
    driver.clock("2026-05-05T22:30:00Z")
    assert ana.streak()["currentStreak"] == 1
    driver.clock("2026-05-05T23:30:00Z")
    broken = ana.streak()
    assert (broken["currentStreak"], broken["longestStreak"], broken["currentStreakStart"]) == (0, 1, None)
    assert broken["lastWorkoutDate"] == "2026-05-04T00:00:00.000Z"
    again = ana.complete(ana.plan("2026-05-06"))
    assert again["streak"] == {"current": 1, "longest": 1}


@pytest.mark.parametrize(("days", "streaks"), [(["Monday", "Wednesday", "Friday"], [1, 2, 3, 4]), (None, [1, 1, 1, 1])])
def test_s11_preferred_days(driver: Driver, days: list[str] | None, streaks: list[int]) -> None:
    driver.clock("2026-05-04T09:00:00Z")
    ana = driver.member()
    ana.patch("/api/users/me", {"preferredDays": days})
    found = []
    for day in ("2026-05-04", "2026-05-06", "2026-05-08", "2026-05-11"):
        found.append(done_at(driver, ana, f"{day}T18:00:00Z", day))
    assert found == streaks


def test_s12_skip(driver: Driver) -> None:
    driver.clock("2026-05-04T09:00:00Z")
    ana = driver.member()
    for day in ("2026-05-04", "2026-05-05", "2026-05-06"):
        done_at(driver, ana, f"{day}T18:00:00Z", day)
    driver.clock("2026-05-07T18:00:00Z")
    skipped = ana.complete(ana.plan("2026-05-07"), "SKIPPED", skippedReason="work")
    assert skipped["streak"] == {"current": 0, "longest": 3}
    assert (skipped["donation"], skipped["donationSkippedReason"], skipped["bonuses"]) == (None, None, [])
    assert (skipped["status"], skipped["skippedReason"]) == ("SKIPPED", "work")
    driver.clock("2026-05-08T18:00:00Z")
    ana.complete(ana.plan("2026-05-08"))
    assert ana.complete(ana.plan("2026-05-08"), "SKIPPED")["streak"]["current"] == 1


def test_s13_and_s22_missed_and_logged_afterwards(driver: Driver) -> None:
    driver.clock("2026-05-04T18:00:00Z")
    ana = driver.member()
    ana.complete(ana.plan("2026-05-04"))
    late = ana.plan("2026-05-05")
    driver.clock("2026-05-06T02:30:00Z")
    assert driver.job("day_close") > 0
    assert ana.get(f"/api/workouts/{late['id']}")["status"] == "MISSED"
    assert ana.streak()["currentStreak"] == 0
    before = ana.get(f"/api/workouts/{late['id']}")
    assert driver.job("day_close") == 0
    assert ana.get(f"/api/workouts/{late['id']}") == before

    for instant in ("2026-05-07T10:00:00Z", "2026-04-28T12:00:00Z", "2026-05-06T02:36:00Z"):
        refused = ana.call("POST", f"/api/workouts/{late['id']}/complete", {"status": "COMPLETED", "completedAt": instant})
        assert "body.completedAt" in driver.error(refused, 422)["message"]
    done = ana.complete(late, completedAt="2026-05-05T17:00:00Z")
    assert (done["creditedDate"], done["streak"]["current"]) == ("2026-05-05", 2)
    assert done["completedAt"] == "2026-05-05T17:00:00.000Z"
    assert done["donation"]["createdAt"] == "2026-05-06T02:30:00.000Z"
    assert ana.wallet()["today"]["totalDonated"] == 1, "it is the 6th on which it was given (R-53)"


def test_s15_bonus_once(driver: Driver) -> None:
    driver.clock("2026-05-04T09:00:00Z")
    ana = driver.member()
    for day in range(4, 11):
        done_at(driver, ana, f"2026-05-{day:02d}T18:00:00Z", f"2026-05-{day:02d}")
    driver.clock_for(ana, "2026-05-11T08:00:00Z")
    ana.complete(ana.plan("2026-05-11"), "SKIPPED")
    for day in range(12, 19):
        driver.clock_for(ana, f"2026-05-{day:02d}T08:00:00Z")
        seventh = ana.complete(ana.plan(f"2026-05-{day:02d}"))
    assert seventh["streak"]["current"] == 7
    assert seventh["bonuses"] == []
    assert ana.streak()["bonuses"]["sevenDayClaimed"] is True
    assert len(ana.get("/api/donations", donationType="STREAK_7_DAY")) == 1


def test_s26_delete(driver: Driver) -> None:
    ana = driver.member()
    workout = ana.plan("2026-05-04")
    ana.complete(workout)
    assert ana.call("DELETE", f"/api/workouts/{workout['id']}").json()["data"]["message"]
    assert ana.streak()["currentStreak"] == ana.streak()["longestStreak"] == 0
    [donation] = ana.get("/api/donations")
    assert donation["workoutId"] is None
    assert ana.wallet()["wallet"]["lifetimeDonated"] == 1
    driver.error(ana.call("DELETE", f"/api/workouts/{workout['id']}"), 404)


# What the scenarios leave to the rules


def run_of(driver: Driver, who: Person, *days: int) -> None:
    for day in days:
        done_at(driver, who, f"2026-05-{day:02d}T12:00:00Z", f"2026-05-{day:02d}")


def test_a_late_break_does_not_lower_the_longest_streak(driver: Driver) -> None:
    """R-40: it is the longest run ever; only deleting its own days lowers it."""
    driver.clock("2026-05-04T09:00:00Z")
    ana = driver.member()
    ana.patch("/api/users/me", {"preferredDays": ["monday", "wednesday", "friday"]})
    run_of(driver, ana, 4, 6)
    off_day = ana.plan("2026-05-05")
    skipped = ana.complete(off_day, "SKIPPED", skippedReason="work")
    assert skipped["streak"] == {"current": 1, "longest": 2}
    assert ana.streak()["longestStreakStart"] == "2026-05-04T00:00:00.000Z"
    first = ana.get("/api/workouts", startDate="2026-05-04", endDate="2026-05-04")[0]
    ana.call("DELETE", f"/api/workouts/{first['id']}")
    assert ana.streak()["longestStreak"] == 1


def test_deleting_what_broke_a_run_joins_it_and_earns_its_bonus(driver: Driver) -> None:
    """R-39, R-43: the check runs after every change of the streak."""
    driver.clock("2026-05-04T09:00:00Z")
    ana = driver.member(phone="+447700900101", messageConsent=True)
    ana.patch("/api/users/me", {"preferredDays": ["monday", "tuesday", "wednesday", "thursday", "friday"]})
    run_of(driver, ana, 4, 5, 6, 7, 8)
    driver.clock("2026-05-09T12:00:00Z")
    saturday = ana.plan("2026-05-09")
    ana.complete(saturday, "SKIPPED")
    run_of(driver, ana, 11)
    run_of(driver, ana, 12)
    assert ana.streak()["currentStreak"] == 2
    assert ana.get("/api/donations", donationType="STREAK_7_DAY") == []
    driver.data(ana.call("DELETE", f"/api/workouts/{saturday['id']}"))
    assert ana.streak()["currentStreak"] == 7
    [bonus] = ana.get("/api/donations", donationType="STREAK_7_DAY")
    assert bonus["amount"] == 3
    driver.settle()
    [told] = driver.outbox(template="streak_update")
    assert "7 days" in told["body"]
    assert "£3" in told["body"]


def test_later_preferences_do_not_rewrite_closed_days(driver: Driver) -> None:
    """R-35."""
    driver.clock("2026-05-04T09:00:00Z")
    ana = driver.member()
    ana.patch("/api/users/me", {"preferredDays": ["monday", "wednesday", "friday"]})
    run_of(driver, ana, 4, 6)
    driver.advance("2026-05-07T12:00:00Z")
    ana.patch("/api/users/me", {"preferredDays": None})
    assert ana.streak()["currentStreak"] == 2, "Tuesday was closed as an off day"
    driver.advance("2026-05-08T12:00:00Z")
    assert ana.streak()["currentStreak"] == 0, "Thursday was not"


def test_logging_the_past_is_never_a_miss(driver: Driver) -> None:
    """R-37: a workout entered after its date had closed stays as it is."""
    driver.clock("2026-05-06T10:00:00Z")
    ana = driver.member()
    past, today = ana.plan("2026-05-04"), ana.plan("2026-05-06")
    driver.advance("2026-05-07T12:00:00Z")
    assert ana.get(f"/api/workouts/{past['id']}")["status"] == "PLANNED"
    assert ana.get(f"/api/workouts/{today['id']}")["status"] == "MISSED"


def test_days_that_nobody_closed_in_time_are_closed_later(driver: Driver) -> None:
    """An engine that was off for days closes every date it has not closed (J-6)."""
    driver.clock("2026-05-04T10:00:00Z")
    ana = driver.member()
    plans = [ana.plan(f"2026-05-{day:02d}") for day in range(4, 9)]
    driver.clock("2026-05-08T02:30:00Z")
    driver.job("day_close")
    assert [ana.get(f"/api/workouts/{plan['id']}")["status"] for plan in plans] == ["MISSED"] * 4 + ["PLANNED"]


def test_a_rest_day_by_skip_joins_and_a_third_does_not(driver: Driver) -> None:
    """R-34 b, R-36, D-15."""
    driver.clock("2026-05-04T09:00:00Z")
    ana = driver.member()
    run_of(driver, ana, 4)
    for day, streak in ((5, 1), (6, 1), (7, 1)):
        driver.clock(f"2026-05-{day:02d}T12:00:00Z")
        rested = ana.complete(ana.plan(f"2026-05-{day:02d}"), "SKIPPED", skippedReason="rest_day")
        assert rested["streak"]["current"] == streak
    driver.clock("2026-05-08T12:00:00Z")
    assert ana.streak()["currentStreak"] == 0, "the third rest day in seven does not excuse"


def test_a_change_of_zone_excuses_the_date_it_leaps_over(driver: Driver) -> None:
    """R-16, D-2: from Pago Pago to Kiritimati at half past eleven at night a whole date is missing."""
    driver.clock("2026-05-04T10:15:00Z")
    ana = driver.member("Pacific/Pago_Pago")
    driver.clock("2026-05-05T10:15:00Z")  # 23:15 on the 4th
    assert ana.complete(ana.plan("2026-05-04"))["creditedDate"] == "2026-05-04"
    ana.patch("/api/users/me", {"timezone": "Pacific/Kiritimati"})  # 00:15 on the 6th
    done = ana.complete(ana.plan("2026-05-06"))
    assert (done["creditedDate"], done["streak"]["current"]) == ("2026-05-06", 2)


def test_a_date_that_comes_twice_counts_once(driver: Driver) -> None:
    """R-16, D-1: flying back over the date line keeps the run and awards no second day."""
    driver.clock("2026-05-04T12:00:00Z")
    ana = driver.member("Pacific/Kiritimati")
    ana.complete(ana.plan("2026-05-05"))
    driver.clock("2026-05-05T12:00:00Z")
    assert ana.complete(ana.plan("2026-05-06"))["streak"]["current"] == 2
    ana.patch("/api/users/me", {"timezone": "Pacific/Honolulu"})  # it is the 5th again
    assert ana.streak()["currentStreak"] == 2
    again = ana.complete(ana.plan("2026-05-05"))
    assert (again["creditedDate"], again["streak"]["current"]) == ("2026-05-05", 2)
    assert ana.wallet()["today"]["totalDonated"] == 2, "both gifts of that date share its cap (R-53)"


def test_when_it_was_done_is_told_in_utc(driver: Driver) -> None:
    ana = driver.member()
    done = ana.complete(ana.plan("2026-05-04"), completedAt="2026-05-04T08:50:55.229784+02:00")
    assert done["completedAt"] == ana.get(f"/api/workouts/{done['id']}")["completedAt"] == "2026-05-04T06:50:55.229Z"


def test_moves_that_are_not_allowed(driver: Driver) -> None:
    """R-24."""
    ana = driver.member()
    done, future, old = ana.plan("2026-05-04"), ana.plan("2026-05-06"), ana.plan("2026-04-20")
    ana.complete(done)
    for status in ("PARTIAL", "SKIPPED", "MISSED", "PLANNED"):
        assert driver.error(ana.call("PATCH", f"/api/workouts/{done['id']}", {"status": status}), 409)["code"] == "CONFLICT"
    driver.error(ana.call("PATCH", f"/api/workouts/{future['id']}", {"status": "MISSED"}), 409)
    assert ana.patch(f"/api/workouts/{old['id']}", {"status": "MISSED"})["status"] == "MISSED"
    driver.error(ana.call("PATCH", f"/api/workouts/{old['id']}", {"status": "COMPLETED"}), 409)
    assert ana.patch(f"/api/workouts/{old['id']}", {"status": "SKIPPED", "skippedReason": "ill"})["skippedReason"] == "ill"


def test_partial_counts_in_full_and_may_become_completed_once(driver: Driver) -> None:
    """R-24, R-27, R-51."""
    ana = driver.member()
    workout = ana.plan("2026-05-04", isMinimum=True)
    partial = ana.complete(workout, "PARTIAL", actualDuration=10, notes="slow")
    assert (partial["streak"]["current"], partial["donation"]["amount"]) == (1, 1)
    whole = ana.complete(workout)
    assert (whole["status"], whole["donation"]["id"]) == ("COMPLETED", partial["donation"]["id"])
    assert (whole["actualDuration"], whole["notes"]) == (10, "slow")
    assert len(ana.get("/api/donations")) == 1


def test_new_preferences_may_join_a_run_earn_its_bonus_and_are_remembered(driver: Driver) -> None:
    """R-40, R-43: the check runs after every change of the streak, and a later break does not lower the longest."""
    driver.clock("2026-05-05T12:00:00Z")
    ana = driver.member()
    for day in ("04-28", "04-29", "04-30", "05-01", "05-02", "05-04", "05-05"):
        ana.complete(ana.plan(f"2026-{day}"), completedAt=f"2026-{day}T11:00:00Z")
    assert ana.streak()["currentStreak"] == 2
    ana.patch("/api/users/me", {"preferredDays": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]})
    assert ana.streak()["currentStreak"] == 7
    assert len(ana.get("/api/donations", donationType="STREAK_7_DAY")) == 1
    ana.complete(ana.plan("2026-05-03"), "SKIPPED", skippedReason="x")
    assert (ana.streak()["currentStreak"], ana.streak()["longestStreak"]) == (2, 7)


def test_a_date_that_is_lived_after_all_is_not_excused(driver: Driver) -> None:
    """R-16, D-2: flying there and back excuses nothing."""
    driver.clock("2026-05-04T10:30:00Z")
    ana = driver.member()
    ana.complete(ana.plan("2026-05-04"))
    driver.clock("2026-05-05T10:30:00Z")
    for zone in ("Pacific/Pago_Pago", "Pacific/Kiritimati", "Europe/London"):
        ana.patch("/api/users/me", {"timezone": zone})
    driver.clock("2026-05-06T10:30:00Z")
    assert ana.complete(ana.plan("2026-05-06"))["streak"] == {"current": 1, "longest": 1}


def test_a_workout_planned_in_time_is_missed_in_the_new_zone_too(driver: Driver) -> None:
    """R-16, R-37."""
    driver.clock("2026-10-14T15:00:00Z")
    ana = driver.member("America/St_Johns")
    driver.clock("2026-10-15T17:20:00Z")
    left = ana.plan("2026-10-15")
    driver.clock("2026-10-16T09:20:00Z")
    ana.patch("/api/users/me", {"timezone": "Pacific/Chatham"})
    driver.clock("2026-10-17T06:20:00Z")
    driver.job("day_close")
    assert ana.get(f"/api/workouts/{left['id']}")["status"] == "MISSED"


def test_moving_the_date_is_no_way_around_the_seven_days(driver: Driver) -> None:
    """R-24."""
    ana = driver.member()
    old = ana.plan("2026-04-20")
    ana.patch(f"/api/workouts/{old['id']}", {"status": "MISSED"})
    both = {"status": "COMPLETED", "plannedDate": "2026-05-04"}
    driver.error(ana.call("PATCH", f"/api/workouts/{old['id']}", both), 409)
