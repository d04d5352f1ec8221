"""How and about what a member wants to be written to (RULEBOOK 7.3)."""

from typing import Any

import pytest

from ivy_engine.engine import Ivy
from tests.conftest import rows
from tests.driver import Driver

Json = Any
PATH = "/api/users/me/preferences"
DEFAULTS = {
    "channel": "whatsapp", "language": "en-GB", "reminders": True, "celebrations": True, "pulse": True, "summaries": True,
    "checkIns": True, "receipts": True, "bedtime": None,
}  # fmt: skip


def test_what_was_never_chosen_has_its_default(driver: Driver) -> None:
    assert driver.member().get(PATH) == DEFAULTS


def test_a_change_names_what_changes_and_answers_the_whole(driver: Driver) -> None:
    ana, ben = driver.member(), driver.member()
    assert ana.put(PATH, {"channel": "sms", "bedtime": "7:05"}) == {**DEFAULTS, "channel": "sms", "bedtime": "07:05"}
    told = ana.put(PATH, {"checkIns": False, "channel": None, "colour": "green"})
    assert told == {**DEFAULTS, "channel": "sms", "bedtime": "07:05", "checkIns": False}
    assert ana.get(PATH) == told
    assert ana.put(PATH, {"bedtime": ""})["bedtime"] is None
    assert ana.put(PATH, {"bedtime": "22:30"})["bedtime"] == "22:30"
    assert ana.put(PATH, {"bedtime": None, "channel": "whatsapp", "checkIns": True}) == DEFAULTS
    assert ana.put(PATH, {}) == DEFAULTS
    assert ben.get(PATH) == DEFAULTS


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"channel": "pigeon"}, "channel"), ({"channel": "SMS"}, "channel"), ({"language": "tlh"}, "language"),
        ({"language": "../en-GB"}, "language"), ({"pulse": "no"}, "pulse"), ({"receipts": 0}, "receipts"),
        ({"bedtime": "25:00"}, "bedtime"), ({"bedtime": "late"}, "bedtime"), ({"bedtime": 22}, "bedtime"),
    ],
)  # fmt: skip
def test_what_cannot_be_chosen(driver: Driver, body: Json, field: str) -> None:
    ana = driver.member()
    error = driver.error(ana.call("PUT", PATH, {**body, "summaries": False}), 422)
    assert [detail["path"] for detail in error["details"]] == [f"body.{field}"]
    assert ana.get(PATH) == DEFAULTS


def test_everything_that_is_wrong_is_told_at_once(driver: Driver) -> None:
    error = driver.error(driver.member().call("PUT", PATH, {"channel": "x", "language": "x", "bedtime": "x"}), 422)
    assert [detail["path"] for detail in error["details"]] == ["body.channel", "body.language", "body.bedtime"]


def test_what_waits_follows_at_once(driver: Driver) -> None:
    """It is night: the celebration waits, and is not wanted any more in the morning."""
    ana = driver.callable_member()
    driver.clock("2026-05-04T21:30:00Z")
    ana.complete(ana.plan("2026-05-04"))
    ana.put(PATH, {"celebrations": False})
    driver.advance("2026-05-05T08:00:00Z")
    assert "completion_confirmation" not in {sent["template"] for sent in driver.outbox(kind="whatsapp")}


def test_the_channel_is_taken(driver: Driver) -> None:
    ana = driver.callable_member()
    ana.put(PATH, {"channel": "sms"})
    ana.complete(ana.plan("2026-05-04"))
    driver.settle()
    assert [sent["template"] for sent in driver.outbox(kind="sms")] == ["completion_confirmation"]


def test_the_turn_follows_the_bedtime(driver: Driver, ivy: Ivy) -> None:
    """Only a new one: the same again leaves the turn that is to come."""

    def due() -> Any:
        return rows(ivy.folder / "ivy.db", "SELECT bedtime_due_at FROM member WHERE id = ?", ana.id)[0][0]

    ana = driver.member()
    with ivy.db.write():
        ivy.db.changed("UPDATE member SET bedtime_due_at = 5")
    ana.put(PATH, {"pulse": False})
    assert due() == 5
    ana.put(PATH, {"bedtime": "22:30"})
    assert due() != 5
    with ivy.db.write():
        ivy.db.changed("UPDATE member SET bedtime_due_at = 5")
    ana.put(PATH, {"bedtime": "22:30"})
    assert due() == 5
    ana.put(PATH, {"bedtime": ""})
    assert due() is None
