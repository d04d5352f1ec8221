"""S-6, S-7, S-14, S-20: days, donations, bonuses."""

from tests.driver import Driver


def test_s6_local_midnight(driver: Driver) -> None:
    driver.clock("2026-03-03T04:00:00Z")
    ana = driver.member("America/New_York")
    driver.clock("2026-03-03T04:50:00Z")
    first = ana.complete(ana.plan("2026-03-02"))
    assert first["streak"]["current"] == 1
    assert first["donation"]["amount"] == 1
    assert first["donation"]["currency"] == "GBP"
    driver.clock("2026-03-03T05:10:00Z")
    second = ana.complete(ana.plan("2026-03-03"))
    assert second["streak"]["current"] == 2
    wallet = ana.wallet()
    assert wallet["today"] == {"totalDonated": 1, "donationCount": 1, "remaining": 2}
    assert wallet["currentMonth"] == {"totalDonated": 2, "donationCount": 2, "remaining": 18}
    assert wallet["wallet"]["monthStartDate"] == "2026-03-01T05:00:00.000Z"


def test_s7_same_day(driver: Driver) -> None:
    ana = driver.member()
    for hour, room in ((8, 2), (20, 1)):
        driver.clock(f"2026-05-04T{hour:02d}:00:00Z")
        completed = ana.complete(ana.plan("2026-05-04"))
        assert completed["streak"]["current"] == 1
        assert completed["donation"]["amount"] == 1
        assert ana.wallet()["today"]["remaining"] == room


def test_s14_seven_day_bonus(driver: Driver) -> None:
    ana = driver.member()
    for day in range(4, 11):
        driver.clock(f"2026-05-{day:02d}T18:00:00Z")
        seventh = ana.complete(ana.plan(f"2026-05-{day:02d}"))
        assert bool(seventh["bonuses"]) == (day == 10)
    assert seventh["donation"]["amount"] == 1
    assert len(seventh["bonuses"]) == 1
    bonus = seventh["bonuses"][0]
    assert (bonus["donationType"], bonus["amount"], bonus["streakDays"]) == ("STREAK_7_DAY", 3, 7)
    wallet = ana.wallet()
    assert wallet["wallet"]["currentMonthSpent"] == 7
    assert wallet["wallet"]["lifetimeDonated"] == 10
    assert wallet["today"] == {"totalDonated": 4, "donationCount": 2, "remaining": 2}
    assert wallet["currentMonth"]["totalDonated"] == 10
    assert wallet["currentMonth"]["remaining"] == 13
    assert ana.get("/api/donations/stats")["total"] == {"amount": 10, "count": 8}
    assert ana.complete(ana.plan("2026-05-10"))["donation"]["amount"] == 1
    assert ana.streak()["bonuses"]["sevenDayClaimed"] is True


def test_s20_idempotent_completion(driver: Driver) -> None:
    ana = driver.member()
    workout = ana.plan("2026-05-04")
    first = ana.complete(workout)
    again = ana.complete(workout)
    patched = ana.patch(f"/api/workouts/{workout['id']}", {"status": "COMPLETED"})
    assert first["donation"]["id"] == again["donation"]["id"]
    assert patched["status"] == "COMPLETED"
    assert len(ana.get("/api/donations")) == 1
    assert ana.streak()["currentStreak"] == 1
    skipped = ana.call("POST", f"/api/workouts/{workout['id']}/complete", {"status": "SKIPPED"})
    assert driver.error(skipped, 409)["code"] == "CONFLICT"


def test_a_patch_that_completes_has_the_effects_of_completing(driver: Driver) -> None:
    """R-25."""
    ana = driver.member()
    workout = ana.plan("2026-05-04")
    patched = ana.patch(f"/api/workouts/{workout['id']}", {"status": "PARTIAL", "activity": "Row"})
    assert patched["activity"] == "Row"
    assert patched["streak"] == {"current": 1, "longest": 1}
    assert patched["donation"]["amount"] == 1
