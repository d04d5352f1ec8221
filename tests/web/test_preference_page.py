"""Where the links in mails lead: the preference page, and switching a kind off with one click (RFC 8058)."""

import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from ivy_engine.actions.messages import writing
from ivy_engine.domain.preferences import VOLUNTARY
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from ivy_engine.web.pages import preferences
from tests.driver import Driver, Person

Json = Any
RECEIPT = {
    "name": "Ana", "number": "2026-04-1", "month": "April 2026", "completions": "12", "total": "£12", "charities": "Mind: £12",
    "impact": "", "lifetime": "£40",
}  # fmt: skip
ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def ana(driver: Driver) -> Person:
    return driver.member()


def mails(driver: Driver, ivy: Ivy, person: Person) -> list[Json]:
    """A receipt, and the sign-in mail before it."""
    with ivy.db.write():
        writing.queue_mail(ivy, member_rows.existing(person.id), "receipt", RECEIPT)
    driver.settle()
    return driver.outbox(kind="email", to=person.email)


def path_of(address: str) -> str:
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == "http://127.0.0.1:8080"
    return f"{parts.path}?{parts.query}"


def page_link(mail: Json) -> str:
    return path_of(re.findall(r"http\S+/preferences\?token=\S+", mail["body"].splitlines()[-1])[0])


def unsubscribe_link(mail: Json) -> str:
    return path_of(mail["payload"]["headers"]["List-Unsubscribe"].strip("<>"))


def ticked(page: httpx.Response) -> set[str]:
    return set(re.findall(r'value="(\w+)" checked', page.text))


def save(driver: Driver, link: str, *kinds: str, token: str | None = None) -> httpx.Response:
    named = link.partition("token=")[2] if token is None else token
    return driver.client.post("/preferences", data={"token": named, "kind": list(kinds)})


def test_every_mail_ends_with_the_link_to_the_page(driver: Driver, ivy: Ivy, ana: Person) -> None:
    for mail in mails(driver, ivy, ana):
        page = driver.client.get(page_link(mail))
        assert page.status_code == 200
        assert page.headers["Content-Type"].startswith("text/html")
        assert ticked(page) == set(VOLUNTARY) == set(preferences._KINDS)
        for private in (ana.email, "Ana", "<script"):
            assert private not in page.text
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-store")


def test_only_a_mail_that_can_be_switched_off_says_how(driver: Driver, ivy: Ivy, ana: Person) -> None:
    receipt, sign_in = mails(driver, ivy, ana)
    assert sign_in["payload"]["headers"] == {}
    assert receipt["payload"]["headers"]["List-Unsubscribe-Post"] == ONE_CLICK
    assert receipt["payload"]["headers"]["List-Unsubscribe"].startswith("<http://127.0.0.1:8080/unsubscribe?token=")
    assert "/unsubscribe" not in receipt["body"]


def test_the_form_saves_what_is_ticked_and_says_so(driver: Driver, ivy: Ivy, ana: Person) -> None:
    """POST, redirect, GET; signed out."""
    ben = driver.member()
    link = page_link(mails(driver, ivy, ana)[0])
    answer = save(driver, link, "reminders", "receipts", "colour")
    assert answer.status_code == 303
    page = driver.client.get(answer.headers["Location"])
    assert ticked(page) == {"reminders", "receipts"}
    assert "Saved. You get: Reminders, Receipts by e-mail. Switched off: Celebrations, " in page.text
    told = ana.get("/api/users/me/preferences")
    assert [kind for kind, on in told.items() if on is True] == ["reminders", "receipts"]
    assert "Saved" not in driver.client.get(link).text
    assert driver.client.get(save(driver, link).headers["Location"]).text.count(" checked") == 0
    everything = save(driver, link, *VOLUNTARY)
    assert "Switched off" not in driver.client.get(everything.headers["Location"]).text
    assert ben.get("/api/users/me/preferences") == ana.get("/api/users/me/preferences")


def test_what_was_chosen_elsewhere_stays(driver: Driver, ivy: Ivy, ana: Person) -> None:
    ana.put("/api/users/me/preferences", {"channel": "sms", "bedtime": "22:30"})
    save(driver, page_link(mails(driver, ivy, ana)[0]), "pulse")
    told = ana.get("/api/users/me/preferences")
    assert (told["channel"], told["bedtime"], told["pulse"], told["receipts"]) == ("sms", "22:30", True, False)


@pytest.mark.parametrize("body", [ONE_CLICK, "multipart"])
def test_one_click_switches_that_kind_off_at_once(driver: Driver, ivy: Ivy, ana: Person, body: str) -> None:
    link = unsubscribe_link(mails(driver, ivy, ana)[0])
    for _ in range(2):
        if body == ONE_CLICK:
            answer = driver.client.post(link, content=body, headers=FORM)
        else:
            answer = driver.client.post(link, files={"List-Unsubscribe": (None, "One-Click")})
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
        assert answer.text == "Receipts by e-mail: switched off."
    told = ana.get("/api/users/me/preferences")
    assert [kind for kind, on in told.items() if on is False] == ["receipts"]
    assert len(mails(driver, ivy, ana)) == 2  # no second receipt is written


def test_opening_a_one_click_link_shows_the_page_and_changes_nothing(driver: Driver, ivy: Ivy, ana: Person) -> None:
    """Mail scanners open what they find."""
    link = unsubscribe_link(mails(driver, ivy, ana)[0])
    answer = driver.client.get(link)
    assert answer.status_code == 303
    page = driver.client.get(path_of(answer.headers["Location"]))
    assert ticked(page) == set(VOLUNTARY)
    assert driver.client.post(link, content="x=y", headers=FORM).status_code == 400
    assert driver.client.head(link).status_code in (303, 405)
    assert ana.get("/api/users/me/preferences")["receipts"] is True


def test_a_wrong_token_is_told_in_a_sentence(driver: Driver, ivy: Ivy, ana: Person) -> None:
    receipt = mails(driver, ivy, ana)[0]
    page, unsubscribe = page_link(receipt), unsubscribe_link(receipt)
    other = unsubscribe.replace("/unsubscribe", "/preferences")
    for wrong in ("/preferences", "/preferences?token=", "/preferences?token=x", f"{page[:-1]}", other, f"{page}&token=x"):
        answer = driver.client.get(wrong)
        assert answer.status_code == 400, wrong
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "This link is not complete" in answer.text
        assert "<form" not in answer.text
    refused = save(driver, page, "pulse", token="x")
    assert (refused.status_code, "This link is not complete" in refused.text) == (400, True)
    for method, link in (("GET", "/unsubscribe?token=x"), ("POST", page.replace("/preferences", "/unsubscribe"))):
        answer = driver.client.request(method, link, content=ONE_CLICK, headers=FORM)
        assert (answer.status_code, answer.headers["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert ana.get("/api/users/me/preferences")["receipts"] is True


def test_what_a_form_may_not_be(driver: Driver, ivy: Ivy, ana: Person) -> None:
    receipt = mails(driver, ivy, ana)[0]
    for link in ("/preferences", unsubscribe_link(receipt)):
        assert driver.client.post(link, content=b"x" * 20_000, headers=FORM).status_code == 413
    assert driver.client.post("/preferences", content=b"\xff\xfe&token=%ff", headers=FORM).status_code == 400


def test_a_closed_account_has_no_page(driver: Driver, ivy: Ivy, ana: Person) -> None:
    link = page_link(mails(driver, ivy, ana)[0])
    ana.delete(f"/api/users/{ana.id}")
    assert driver.client.get(link).status_code == 400
    assert save(driver, link, "pulse").status_code == 400
