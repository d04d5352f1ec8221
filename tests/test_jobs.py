"""A row that cannot be handled holds up nobody else, and `advance` still comes to its end."""

from typing import Any

import pytest

from ivy_engine import jobs
from ivy_engine.engine import Ivy
from tests.conftest import rows
from tests.driver import Driver


def break_for(monkeypatch: pytest.MonkeyPatch, place: str, of: Any, broken_id: str) -> None:
    """The function raises for one member (or workout) and works for the others."""
    original = of

    def sometimes(*values: Any, **named: Any) -> Any:
        if any(broken_id in (getattr(value, "id", None), getattr(value, "member_id", None), value) for value in values):
            raise ValueError("broken row")
        return original(*values, **named)

    monkeypatch.setattr(place, sometimes)


@pytest.mark.parametrize(
    "place",
    [
        "ivy_engine.actions.calls.planning.schedule_daily_calls",
        "ivy_engine.actions.calls.context.variables_of",
        "ivy_engine.actions.reminders._remind",
        "ivy_engine.actions.reminders._to_be_asked",
        "ivy_engine.actions.check_ins._check_in",
        "ivy_engine.actions.messages.sending._hand_over",
        "ivy_engine.actions.calls.effects.apply",
    ],
)
def test_one_broken_row_holds_up_nobody_else(driver: Driver, ivy: Ivy, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    bad = driver.callable_member()
    good = driver.callable_member(phone="+447700900102")
    module, _, name = place.rpartition(".")
    source = __import__(module, fromlist=[name])
    break_for(monkeypatch, place, getattr(source, name), bad.id)
    driver.advance("2026-05-05T18:00:00Z")
    assert driver.get("/simulator/clock")["now"] == "2026-05-05T18:00:00.000Z"
    assert [row["activity"] for row in good.get("/api/workouts")] == ["Walk"]
    reminded = (
        "SELECT m.email FROM message x JOIN member m ON m.id = x.member_id "
        "WHERE x.template = 'workout_reminder' AND x.status = 'READ'"
    )
    assert (good.email,) in rows(ivy.folder / "ivy.db", reminded)
    for job in jobs.TIMETABLE:
        jobs.run(ivy, job.name)
