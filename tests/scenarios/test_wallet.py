"""S-16 to S-19, S-21, S-24: caps, months, charities, many hands at once, an operator's gift."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import httpx
import pytest

from ivy_engine.engine import Ivy
from ivy_engine.settings import Giving
from tests.conftest import found_company, rows
from tests.driver import Driver, Person

UNKNOWN = "0199a1b2-1234-7abc-8def-0123456789ab"


def amounts(completed: list[Any]) -> list[Any]:
    return [row["donation"] and row["donation"]["amount"] for row in completed]


def test_s16_daily_cap_remainder(driver: Driver) -> None:
    ana = driver.member()
    driver.tier(ana, "ELITE")
    wallet = ana.wallet()["wallet"]
    assert (wallet["monthlyLimit"], wallet["dailyCap"]) == (30, 4)
    given = [ana.complete(ana.plan("2026-05-04")) for _ in range(4)]
    assert amounts(given) == [1.5, 1.5, 1, None]
    assert given[3]["donationSkippedReason"] == "DAILY_CAP"
    assert (ana.wallet()["today"]["totalDonated"], ana.wallet()["today"]["remaining"]) == (4, 0)


def test_s17_monthly_cap_remainder(driver: Driver) -> None:
    ana = driver.member()
    changed = ana.patch("/api/donations/impact-wallet", {"monthlyLimit": 1.5, "dailyCap": 1.5})
    assert (changed["monthlyLimit"], changed["dailyCap"], changed["userId"]) == (1.5, 1.5, ana.id)
    assert set(changed) == {
        "id", "userId", "monthlyLimit", "dailyCap", "currentMonthSpent", "lifetimeDonated", "monthStartDate", "createdAt",
        "updatedAt",
    }  # fmt: skip
    given = [ana.complete(ana.plan("2026-05-04")) for _ in range(3)]
    assert amounts(given) == [1, 0.5, None]
    assert given[2]["donationSkippedReason"] == "MONTHLY_CAP"
    assert driver.error(ana.call("PATCH", "/api/donations/impact-wallet", {"monthlyLimit": 50}), 403)["code"] == "FORBIDDEN"
    assert "body.dailyCap" in driver.error(ana.call("PATCH", "/api/donations/impact-wallet", {"dailyCap": 0}), 422)["message"]


def test_todays_room_is_the_days_alone(driver: Driver) -> None:
    """R-53: the month may be used up while the day's room is whole."""
    ana = driver.member()
    ana.patch("/api/donations/impact-wallet", {"monthlyLimit": 3})
    for _ in range(3):
        ana.complete(ana.plan("2026-05-04"))
    driver.clock("2026-05-05T08:00:00Z")
    wallet = ana.wallet()
    assert (wallet["today"]["remaining"], wallet["currentMonth"]["remaining"]) == (3, 0)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"dailyCap": 2}, 422),  # more than the month's 1.5
        ({"dailyCap": 1.005}, 422),
        ({"dailyCap": -1}, 422),
        ({"dailyCap": "1"}, 422),
        ({"dailyCap": True}, 422),
        ({"monthlyLimit": 1e300}, 422),
        ({"monthlyLimit": 1.0}, 422),  # less than the day's 1.5
        ({"monthlyLimit": 20.01, "dailyCap": 3}, 403),
        ({"monthlyLimit": 20, "dailyCap": 3.01}, 403),
        ({"monthlyLimit": 20, "dailyCap": 3}, 200),
        ({"monthlyLimit": None}, 200),
        ({}, 200),
    ],
)
def test_limits_that_are_refused_change_nothing(driver: Driver, body: Any, status: int) -> None:
    ana = driver.member()
    ana.patch("/api/donations/impact-wallet", {"monthlyLimit": 1.5, "dailyCap": 1.5})
    before = ana.wallet()
    assert ana.call("PATCH", "/api/donations/impact-wallet", body).status_code == status
    if status != 200:
        assert ana.wallet() == before


def test_an_operator_may_exceed_the_tiers_limits(driver: Driver) -> None:
    """RULEBOOK 2.4; a tier change sets the tier's values again (R-61)."""
    ana = driver.member()
    driver.post("/simulator/operator", {"email": ana.email})
    assert ana.patch("/api/donations/impact-wallet", {"monthlyLimit": 500, "dailyCap": 100})["monthlyLimit"] == 500
    driver.tier(ana, "PRO")
    assert ana.wallet()["wallet"]["monthlyLimit"] == 20


def test_s18_month_change(driver: Driver) -> None:
    driver.clock("2026-04-01T03:00:00Z")
    ana = driver.member("America/New_York")
    driver.clock("2026-04-01T03:50:00Z")
    ana.complete(ana.plan("2026-03-31"))
    wallet = ana.wallet()["wallet"]
    assert (wallet["currentMonthSpent"], wallet["monthStartDate"]) == (1, "2026-03-01T05:00:00.000Z")
    driver.clock("2026-04-01T04:10:00Z")
    wallet = ana.wallet()["wallet"]
    assert (wallet["currentMonthSpent"], wallet["lifetimeDonated"]) == (0, 1)
    assert wallet["monthStartDate"] == "2026-04-01T04:00:00.000Z"
    done = ana.complete(ana.plan("2026-04-01"))
    wallet = ana.wallet()["wallet"]
    assert (wallet["currentMonthSpent"], wallet["lifetimeDonated"], done["streak"]["current"]) == (1, 2, 2)


def test_the_month_rolls_by_the_job_as_it_does_by_itself(driver: Driver, ivy: Ivy) -> None:
    """R-55, J-7: once for each member and local month; nothing depends on it."""
    driver.clock("2026-04-30T18:00:00Z")
    london, kiritimati = driver.member(), driver.member("Pacific/Kiritimati")
    assert driver.job("roll_wallets") == 0
    driver.clock("2026-04-30T23:30:00Z")  # half past midnight in London
    assert [driver.job("roll_wallets"), driver.job("roll_wallets")] == [1, 0]
    driver.advance("2026-06-02T00:00:00Z")
    begun = dict(rows(ivy.folder / "ivy.db", "SELECT member_id, month_start FROM wallet"))
    assert {begun[person.id] for person in (london, kiritimati)} == {1780268400000, 1780221600000}


def test_s19_no_charity(driver: Driver) -> None:
    ana = driver.member(preferredCharityId=None)
    first = ana.complete(ana.plan("2026-05-04"))
    assert (first["donation"], first["donationSkippedReason"], first["streak"]["current"]) == (None, "NO_CHARITY", 1)
    ana.patch("/api/users/me", {"preferredCharityId": driver.charity()})
    driver.clock("2026-05-05T08:00:00Z")
    second = ana.complete(ana.plan("2026-05-05"))
    assert second["donation"]["amount"] == 1
    assert len(ana.get("/api/donations")) == 1, "nothing is paid afterwards for day one"


def test_a_bonus_waits_for_a_charity(driver: Driver) -> None:
    """R-45."""
    driver.clock("2026-05-04T08:00:00Z")
    ana = driver.member(preferredCharityId=None)
    for day in range(4, 11):
        driver.clock(f"2026-05-{day:02d}T08:00:00Z")
        seventh = ana.complete(ana.plan(f"2026-05-{day:02d}"))
    assert (seventh["bonuses"], ana.streak()["bonuses"]["sevenDayClaimed"]) == ([], False)
    ana.patch("/api/users/me", {"preferredCharityId": driver.charity()})
    driver.clock_for(ana, "2026-05-11T08:00:00Z")
    ana.complete(ana.plan("2026-05-12"), "SKIPPED")
    assert ana.get("/api/donations") == [], "a skip gives nothing"
    assert [row["donationType"] for row in ana.complete(ana.plan("2026-05-11"))["bonuses"]] == ["STREAK_7_DAY"]


@pytest.mark.parametrize(("reearn", "bonuses"), [("never", 1), ("per_run", 2)])
def test_a_level_is_earned_once_or_once_for_each_run(drive: Callable[..., Driver], reearn: str, bonuses: int) -> None:
    """R-44."""
    driver = drive(giving=Giving(bonus_reearn=reearn))
    ana = driver.member()
    for day in [*range(4, 11), *range(12, 20)]:
        driver.clock_for(ana, f"2026-05-{day:02d}T08:00:00Z")
        ana.complete(ana.plan(f"2026-05-{day:02d}"))
    assert len(ana.get("/api/donations", donationType="STREAK_7_DAY")) == bonuses


def at_once(person: Person, workouts: list[Any]) -> list[httpx.Response]:
    """Complete all of them at the same moment, from as many threads."""
    path = "/api/workouts/{}/complete"
    with ThreadPoolExecutor(len(workouts)) as pool:
        return list(pool.map(lambda row: person.call("POST", path.format(row["id"]), {"status": "COMPLETED"}), workouts))


def test_s21_parallel_completions(driver: Driver) -> None:
    ana = driver.member()
    answers = at_once(ana, [ana.plan("2026-05-04") for _ in range(10)])
    assert [answer.status_code for answer in answers] == [200] * 10
    assert sum(row["amount"] for row in ana.get("/api/donations")) == ana.wallet()["today"]["totalDonated"] == 3
    assert ana.streak()["currentStreak"] == 1
    bob = driver.member()
    assert {answer.status_code for answer in at_once(bob, [bob.plan("2026-05-04")] * 10)} == {200}
    assert len(bob.get("/api/donations")) == 1


def test_s24_manual(driver: Driver) -> None:
    ana, operator = driver.member(), driver.operator()
    gift = {"userId": ana.id, "charityId": driver.charity(), "amount": 12.00}
    given = operator.post("/api/donations/manual", gift, 201)
    assert (given["donationType"], given["amount"], given["currency"], given["userId"]) == ("MANUAL", 12, "GBP", ana.id)
    assert given["charity"]["id"] == driver.charity()
    wallet = ana.wallet()["wallet"]
    assert (wallet["lifetimeDonated"], wallet["currentMonthSpent"]) == (12, 0)
    assert ana.complete(ana.plan("2026-05-04"))["donation"]["amount"] == 1
    for change, status in (
        ({"amount": -1}, 422),
        ({"amount": 0}, 422),
        ({"amount": 0.001}, 422),
        ({"amount": "12"}, 422),
        ({"currency": "USD"}, 422),
        ({"charityId": UNKNOWN}, 404),
        ({"userId": UNKNOWN}, 404),
        ({"charityId": "x"}, 422),
        ({"userId": None}, 422),
    ):
        driver.error(operator.call("POST", "/api/donations/manual", {**gift, **change}), status)
    assert driver.error(ana.call("POST", "/api/donations/manual", gift), 403)["code"] == "FORBIDDEN"
    assert len(ana.get("/api/donations", donationType="MANUAL")) == 1


def test_an_inactive_charity_counts_as_none(driver: Driver, ivy: Ivy) -> None:
    """R-58."""
    ana, operator = driver.member(), driver.operator()
    charity = driver.charity()
    with ivy.db.write():
        ivy.db.changed("UPDATE charity SET is_active = 0 WHERE id = ?", charity)
    assert ana.complete(ana.plan("2026-05-04"))["donationSkippedReason"] == "NO_CHARITY"
    gift = {"userId": ana.id, "charityId": charity, "amount": 1}
    driver.error(operator.call("POST", "/api/donations/manual", gift), 404)
    assert driver.get(f"/api/donations/charities/{charity}")["isActive"] is False
    assert charity not in [row["id"] for row in driver.get("/api/donations/charities")]


def test_a_companys_people(driver: Driver, ivy: Ivy) -> None:
    """R-58, R-59, R-132, R-133: the company's limit, its charity, its season, and its name on the donation."""
    company = found_company(ivy, impact_wallet_per_user=4000, default_charity_id=driver.charity())
    ana = driver.member(preferredCharityId=None)
    driver.post("/simulator/operator", {"email": ana.email, "role": "admin", "companyId": company})
    driver.tier(ana, "B2B")
    assert ana.wallet()["wallet"]["monthlyLimit"] == 40
    assert ana.complete(ana.plan("2026-05-04"))["donation"]["charity"]["id"] == driver.charity()
    assert rows(ivy.folder / "ivy.db", "SELECT company_id FROM donation") == [(company,)]
    driver.clock_for(ana, "2026-06-29T08:00:00Z")  # eight weeks are over
    after = ana.complete(ana.plan("2026-06-29"))
    assert (after["donation"], after["donationSkippedReason"]) == (None, "SEASON_INACTIVE")
    assert after["streak"]["current"] == 1


def test_outside_a_season_a_companys_people_earn_no_bonus(driver: Driver, ivy: Ivy) -> None:
    """R-133."""
    company = found_company(ivy, season_end_date=date(2026, 5, 10))
    ana = driver.member()
    driver.post("/simulator/operator", {"email": ana.email, "role": "admin", "companyId": company})
    driver.tier(ana, "B2B")
    for day in range(4, 11):
        driver.clock(f"2026-05-{day:02d}T08:00:00Z")
        last = ana.complete(ana.plan(f"2026-05-{day:02d}"))
    assert (last["streak"]["current"], last["bonuses"], last["donationSkippedReason"]) == (7, [], "SEASON_INACTIVE")


def test_a_paused_subscription_gives_nothing(driver: Driver) -> None:
    """R-15, R-57."""
    ana = driver.member()
    driver.tier(ana, "PRO", status="paused")
    done = ana.complete(ana.plan("2026-05-04"))
    assert (done["donation"], done["donationSkippedReason"]) == (None, "SUBSCRIPTION_INACTIVE")


def test_donations_are_filtered_by_type_charity_and_local_dates(driver: Driver) -> None:
    """RULEBOOK 7.1: an end date includes that whole local day."""
    driver.clock("2026-05-04T08:00:00Z")
    ana = driver.member("America/New_York")
    for instant in ("2026-05-05T03:59:59Z", "2026-05-05T04:00:00Z", "2026-05-06T03:59:59Z", "2026-05-06T04:00:00Z"):
        driver.clock(instant)
        ana.complete(ana.plan(instant[:10]))

    def found(**query: str) -> list[str]:
        return [row["createdAt"][:19] for row in ana.get("/api/donations", **query)]

    on_the_fifth = ["2026-05-06T03:59:59", "2026-05-05T04:00:00"]
    assert found(startDate="2026-05-05", endDate="2026-05-05") == on_the_fifth
    assert found(startDate="2026-05-05T00:00:00-04:00", endDate="2026-05-05T23:59:59-04:00") == on_the_fifth
    assert found(endDate="2026-05-04") == ["2026-05-05T03:59:59"]
    assert found(charityId=driver.charity(), donationType="COMPLETION", startDate="2026-05-06") == ["2026-05-06T04:00:00"]
    assert found(charityId=UNKNOWN) == found(donationType="MANUAL") == []
    for query in ({"startDate": "soon"}, {"endDate": "2026-13-01"}, {"charityId": "x"}, {"donationType": "GIFT"}):
        driver.error(ana.call("GET", "/api/donations", **query), 422)


def test_money_is_a_number_everywhere(driver: Driver) -> None:
    """R-50, CONTRACT 1: never text, at most two decimals, whatever the tier's amount is."""
    ana = driver.member()
    driver.tier(ana, "ELITE")
    completed = ana.complete(ana.plan("2026-05-04"))
    answers = [completed, ana.wallet(), ana.get("/api/donations"), ana.get("/api/donations/stats"), ana.get("/api/stats")]
    answers += [ana.get("/api/stats/weekly"), ana.get("/api/stats/monthly")]
    sums = [value for answer in answers for name, value in _named(answer) if name in MONEY]
    assert len(sums) > 20
    for value in sums:
        assert isinstance(value, int | float) and not isinstance(value, bool)
        assert round(value, 2) == value


MONEY = {
    "amount", "monthlyLimit", "dailyCap", "currentMonthSpent", "lifetimeDonated", "totalDonated", "remaining", "total",
    "lifetimeTotal", "currentMonth",
}  # fmt: skip


def _named(value: Any) -> list[tuple[str, Any]]:
    """Every named value in an answer that is not a table or a list itself."""
    if isinstance(value, list):
        return [pair for item in value for pair in _named(item)]
    if not isinstance(value, dict):
        return []
    leaves = [(name, item) for name, item in value.items() if not isinstance(item, dict | list)]
    return leaves + [pair for item in value.values() for pair in _named(item)]
