"""The monthly receipt, by mail and by the API (J-10, R-62)."""

from typing import Any

import pytest

from ivy_engine.actions.messages import writing
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from tests.conftest import rows
from tests.driver import Driver, Person

Json = Any


def mails(driver: Driver, ana: Person) -> list[Json]:
    return driver.outbox(kind="email", to=ana.email, template="receipt")


def charity_ids(driver: Driver) -> dict[str, str]:
    return {row["name"]: row["id"] for row in driver.get("/api/donations/charities")}


def generous_month(driver: Driver, ivy: Ivy) -> Person:
    """May 2026: seven days in a row for nets with their bonus, one for books, 2.50 by hand for books; and one in June."""
    charities = charity_ids(driver)
    ana = driver.member(preferredCharityId=charities["Against Malaria Foundation"])
    boss = driver.operator(email="boss@example.com")
    for day in range(4, 11):
        driver.clock_for(ana, f"2026-05-{day:02d}T10:00:00Z")
        ana.complete(ana.plan(f"2026-05-{day:02d}"))
    ana.patch("/api/users/me", {"preferredCharityId": charities["Room to Read"]})
    driver.clock_for(ana, "2026-05-31T22:30:00Z")  # 23:30 in London
    ana.complete(ana.plan("2026-05-31"))
    boss = driver.member_again(boss)
    boss.post("/api/donations/manual", {"userId": ana.id, "charityId": charities["Room to Read"], "amount": 2.5}, 201)
    driver.clock_for(ana, "2026-05-31T23:30:00Z")  # June there
    ana.complete(ana.plan("2026-06-01"))
    return ana


def test_a_month_with_a_bonus_and_two_charities(driver: Driver, ivy: Ivy) -> None:
    ana = generous_month(driver, ivy)
    told = ana.get("/api/donations/receipts", month="2026-05")
    [(account,)] = rows(ivy.folder / "ivy.db", "SELECT number FROM account WHERE member_id = ?", ana.id)
    assert [(one["charity"]["name"], one["amount"], one["count"]) for one in told.pop("byCharity")] == [
        ("Against Malaria Foundation", 10, 8),
        ("Room to Read", 3.5, 2),
    ]
    assert told == {
        "number": f"2026-05/{account}",
        "month": "2026-05",
        "completions": 8,
        "total": 13.5,
        "impactEquivalent": "about 5 malaria nets provided and 3 books in children's hands",
        "lifetime": 13.5,
    }
    june = ana.get("/api/donations/receipts")
    assert (june["month"], june["completions"], june["total"], june["lifetime"]) == ("2026-06", 1, 1, 14.5)
    april = ana.get("/api/donations/receipts", month="2026-04")
    assert (april["completions"], april["total"], april["lifetime"], april["byCharity"]) == (0, 0, 0, [])
    assert april["impactEquivalent"] is None


def test_the_mail_says_the_same(driver: Driver, ivy: Ivy) -> None:
    ana = generous_month(driver, ivy)
    driver.advance("2026-06-01T07:59:59Z")
    assert mails(driver, ana) == []
    driver.advance("2026-06-01T08:00:00Z")  # 09:00 in London
    [mail] = mails(driver, ana)
    number = driver.member_again(ana).get("/api/donations/receipts", month="2026-05")["number"]
    assert mail["subject"] == f"Your giving in May 2026 ({number})"
    for line in (
        f"receipt {number}, for May 2026.", "Workouts done: 8", "Given: £13.50", "  Against Malaria Foundation: £10.00",
        "  Room to Read: £3.50", "That is about 5 malaria nets provided and 3 books in children's hands.",
        "Given since you began: £13.50",
    ):  # fmt: skip
        assert line in mail["body"].splitlines()
    html = mail["payload"]["html"]
    assert "/preferences?token=" in html
    for piece in ("<h1>Your giving in May 2026</h1>", '<th scope="row">Room to Read</th><td>£3.50</td>', "children&#39;s hands"):
        assert piece in html
    assert [driver.job("monthly_receipts") for _ in range(2)] == [0, 0]
    driver.advance("2026-06-30T10:00:00Z")
    assert len(mails(driver, ana)) == 1
    driver.advance("2026-07-01T10:00:00Z")
    assert [mail["subject"][:24] for mail in mails(driver, ana)] == ["Your giving in June 2026", "Your giving in May 2026 "]


def test_mails_without_an_html_part_have_none(driver: Driver) -> None:
    ana = driver.member()
    [sign_in] = driver.outbox(kind="email", to=ana.email)
    assert "html" not in sign_in["payload"]


def test_what_was_given_does_not_stay_in_the_mails_row(driver: Driver, ivy: Ivy) -> None:
    generous_month(driver, ivy)
    driver.advance("2026-06-01T09:00:00Z")
    assert rows(ivy.folder / "ivy.db", "SELECT status, params, body FROM message WHERE template = 'receipt'") == [
        ("SENT", None, None)
    ]


@pytest.mark.parametrize(
    ("zone", "mailed"),
    [
        ("Europe/London", "2026-06-01T08:00:00"),
        ("America/New_York", "2026-06-01T13:00:00"),
        ("Asia/Kathmandu", "2026-06-01T03:15:00"),
        ("Pacific/Kiritimati", "2026-05-31T19:00:00"),
    ],
)
def test_nine_in_the_morning_on_the_first(driver: Driver, zone: str, mailed: str) -> None:
    ana = driver.member(zone)
    ana.complete(ana.plan("2026-05-04"))
    driver.advance("2026-06-02T08:00:00Z")
    assert [mail["at"][:19] for mail in mails(driver, ana)] == [mailed]
    assert "for May 2026." in mails(driver, ana)[0]["body"]


def test_the_month_is_the_ledgers_on_a_journey(driver: Driver) -> None:
    """R-12: dates stay those of the member's own zone; it is 1 June in Kiritimati when London still gives in May."""
    ana = driver.member()
    ana.complete(ana.plan("2026-05-04"))
    ana.post("/api/users/me/pause", {"reason": "traveling", "keepStructure": True, "travelTimezone": "Pacific/Kiritimati"})
    driver.advance("2026-06-02T08:00:00Z")
    assert [mail["at"][:19] for mail in mails(driver, ana)] == ["2026-06-01T08:00:00"]


def test_who_gave_nothing_or_wants_none_gets_none(driver: Driver, ivy: Ivy) -> None:
    ana, bob = driver.member(), driver.member()
    bob.complete(bob.plan("2026-05-04"))
    with ivy.db.write():
        row = member_rows.existing(bob.id)
        row.preferences = {"receipts": False}
        member_rows.save(row)
    driver.advance("2026-06-02T08:00:00Z")
    assert mails(driver, ana) == mails(driver, bob) == []


def test_an_engine_that_slept_over_the_first_says_nothing(driver: Driver, ivy: Ivy) -> None:
    """The API has the receipt all the same."""
    ana, bob = driver.member(), driver.member()
    ana.complete(ana.plan("2026-05-04"))
    driver.clock("2026-06-01T22:00:00Z")  # late, but still the 1st
    assert [driver.job("monthly_receipts") for _ in range(2)] == [1, 0]
    bob = driver.member_again(bob)
    bob.complete(bob.plan("2026-06-01"))
    driver.clock("2026-07-02T08:00:00Z")
    assert driver.job("monthly_receipts") == 0
    assert driver.member_again(bob).get("/api/donations/receipts", month="2026-06")["total"] == 1


def test_a_receipt_is_ones_own(driver: Driver) -> None:
    """Charlie sees nothing of Alice's, whatever is asked for."""
    alice, charlie = driver.member(), driver.member()
    alice.complete(alice.plan("2026-05-04"))
    told = charlie.get("/api/donations/receipts", month="2026-05", userId=alice.id)
    assert (told["total"], told["lifetime"], told["byCharity"]) == (0, 0, [])
    assert told["number"] != alice.get("/api/donations/receipts", month="2026-05")["number"]
    driver.error(driver.client.get("/api/donations/receipts"), 401)


@pytest.mark.parametrize("month", ["2026-06", "2199-12", "2026-5", "2026-13", "May 2026", "2026-05-04", "1999-01", ""])
def test_a_month_that_cannot_be_is_refused(driver: Driver, month: str) -> None:
    error = driver.error(driver.member().call("GET", "/api/donations/receipts", month=month), 422)
    assert (error["code"], error["details"][0]["path"]) == ("VALIDATION_ERROR", "query.month")


def test_the_month_to_come_begins_where_the_member_is(driver: Driver) -> None:
    driver.clock("2026-05-31T12:00:00Z")
    assert driver.member("Pacific/Kiritimati").get("/api/donations/receipts", month="2026-06")["total"] == 0
    driver.error(driver.member().call("GET", "/api/donations/receipts", month="2026-06"), 422)


def test_other_currencies_have_no_equivalent_and_no_pence_of_their_own(drive: Any) -> None:
    driver = drive(giving={"currency": "JPY"})
    ana = driver.member()
    ana.complete(ana.plan("2026-05-04"))
    assert ana.get("/api/donations/receipts")["impactEquivalent"] is None
    driver.advance("2026-06-01T09:00:00Z")
    [mail] = mails(driver, ana)
    assert "Given: 1 JPY" in mail["body"]
    assert "That is about" not in mail["body"] + mail["payload"]["html"]


def test_a_receipt_is_written_once_even_if_asked_for_twice(driver: Driver, ivy: Ivy) -> None:
    ana = driver.member()
    words = {"name": "Ana", "number": "1", "month": "May 2026", "completions": "1", "total": "£1.00", "charities": "A: £1.00",
             "impact": "", "lifetime": "£1.00"}  # fmt: skip
    with ivy.db.write():
        row = member_rows.existing(ana.id)
        written = [writing.queue_mail(ivy, row, "receipt", words, once_key="receipt:x") is not None for _ in range(2)]
    assert written == [True, False]
