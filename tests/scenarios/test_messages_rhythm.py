"""What Ivy says by itself, each once and on the member's own clock: J-5, J-9, J-11, J-12, bedtime."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ivy_engine.actions import rhythms
from ivy_engine.engine import Ivy
from ivy_engine.store import members as member_rows
from tests.conftest import rows
from tests.driver import Driver, Person

Json = Any
JOBS = ("send_reminders", "completion_checks", "weekly_summaries", "pulse", "inactivity")
DUE = "summary_due_at", "receipt_due_at", "pulse_due_at", "checkin_due_at", "bedtime_due_at"


def texting_member(driver: Driver, zone: str = "Europe/London", **more: Any) -> Person:
    """Somebody who gets messages and no calls."""
    ana = driver.member(zone, **{"phone": "+447700900101", **more})
    ana.post("/api/users/me/onboard")
    return ana


def written(ivy: Ivy, ana: Person, template: str) -> list[str]:
    """When messages of a template were written to the member, in UTC."""
    found = rows(
        ivy.folder / "ivy.db",
        "SELECT created_at FROM message WHERE member_id = ? AND template = ? AND fallback_of_id IS NULL ORDER BY created_at",
        ana.id, template,
    )  # fmt: skip
    return [datetime.fromtimestamp(row[0] / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") for row in found]


def words(driver: Driver, ana: Person, template: str) -> list[str]:
    return [sent["body"] for sent in driver.outbox(kind="whatsapp", to=ana.email, template=template)]


def due(ivy: Ivy, ana: Person, *columns: str) -> list[str | None]:
    [found] = rows(ivy.folder / "ivy.db", f"SELECT {', '.join(columns)} FROM member WHERE id = ?", ana.id)
    return [at and datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M") for at in found]


def run_twice(driver: Driver) -> list[int]:
    return [sum(driver.job(name) for name in JOBS) for _ in range(2)]


def goes_to_bed(ivy: Ivy, ana: Person, bedtime: str | None) -> None:
    with ivy.db.write():
        row = member_rows.existing(ana.id)
        row.preferences = {"bedtime": bedtime} if bedtime else None
        rhythms.follow_bedtime(row, ivy.clock.now())


def score(driver: Driver, ana: Person, now: str, **scores: int) -> None:
    driver.clock_for(ana, now)
    ana.post("/api/stats/transformation", scores, 201)


# J-5: how did it go?


@pytest.mark.parametrize(
    ("zone", "asked"),
    [
        ("Europe/London", "2026-05-05T12:00:00"),
        ("America/New_York", "2026-05-05T17:00:00"),
        ("Asia/Kathmandu", "2026-05-05T07:15:00"),
        ("Pacific/Kiritimati", "2026-05-04T23:00:00"),
    ],
)
def test_how_it_went_is_asked_when_its_time_is_over(driver: Driver, ivy: Ivy, zone: str, asked: str) -> None:
    """12:50 there, and the next quarter of an hour; once, however often anybody looks."""
    ana = texting_member(driver, zone)
    ana.plan("2026-05-05", plannedTime="12:00", duration=50)
    driver.advance("2026-05-06T10:00:00Z")
    assert written(ivy, ana, "completion_check") == [asked]
    assert run_twice(driver) == [0, 0]
    assert words(driver, ana, "completion_check") == ['How did Run go? Write "done", "skip" or "rest", whichever fits.']


def test_an_hour_when_nobody_said_how_long(driver: Driver, ivy: Ivy) -> None:
    ana = texting_member(driver)
    ana.plan("2026-05-04", plannedTime="12:00")
    ana.plan("2026-05-04", "Row")  # untimed
    driver.clock("2026-05-04T11:59:00Z")
    assert driver.job("completion_checks") == 0
    driver.clock("2026-05-04T12:00:00Z")
    assert [driver.job("completion_checks") for _ in range(2)] == [1, 0]
    assert len(written(ivy, ana, "completion_check")) == 1


def test_a_question_by_message_can_be_answered(driver: Driver) -> None:
    ana = texting_member(driver)
    workout = ana.plan("2026-05-04", plannedTime="12:00")
    driver.advance("2026-05-04T12:30:00Z")
    driver.post("/simulator/messages", {"from": "+447700900101", "channel": "whatsapp", "button": "DONE"})
    assert ana.get(f"/api/workouts/{workout['id']}")["status"] == "COMPLETED"


@pytest.mark.parametrize("end", ["COMPLETED", "PARTIAL", "SKIPPED", "rest", "deleted", "moved", "untimed", "closed"])
def test_nobody_is_asked_about_what_is_settled(driver: Driver, ivy: Ivy, end: str) -> None:
    ana = texting_member(driver)
    workout = ana.plan("2026-05-04", plannedTime="12:00")
    path = f"/api/workouts/{workout['id']}"
    if end == "rest":
        ana.post("/api/users/me/rest-days", {"date": "2026-05-04"})
    elif end == "deleted":
        ana.delete(path)
    elif end == "closed":
        ana.delete(f"/api/users/{ana.id}")
    elif end in ("moved", "untimed"):
        ana.patch(path, {"plannedDate": "2026-05-08"} if end == "moved" else {"plannedTime": ""})
    else:
        ana.complete(workout, end)
    driver.advance("2026-05-04T20:00:00Z")
    assert written(ivy, ana, "completion_check") == []
    left = rows(ivy.folder / "ivy.db", "SELECT check_due_at FROM workout WHERE check_due_at IS NOT NULL")
    assert len(left) == (end == "moved")


def test_who_answers_between_writing_and_sending_is_not_asked(driver: Driver, ivy: Ivy) -> None:
    ana = texting_member(driver)
    workout = ana.plan("2026-05-05", plannedTime="05:00", duration=30)
    driver.advance("2026-05-05T04:30:00Z")  # 05:30 in London: it waits until seven
    assert written(ivy, ana, "completion_check") == ["2026-05-05T04:30:00"]
    ana.complete(workout)
    driver.advance("2026-05-05T10:00:00Z")
    assert words(driver, ana, "completion_check") == []


def test_what_ends_at_night_is_not_asked_about_in_the_morning(driver: Driver, ivy: Ivy) -> None:
    """R-116: its purpose has passed with the date."""
    ana = texting_member(driver)
    ana.plan("2026-05-04", plannedTime="20:45", duration=30)
    driver.advance("2026-05-05T10:00:00Z")
    assert written(ivy, ana, "completion_check") == ["2026-05-04T20:15:00"]
    assert words(driver, ana, "completion_check") == []


def test_a_moved_workout_is_asked_about_at_its_new_time(driver: Driver, ivy: Ivy) -> None:
    ana = texting_member(driver)
    workout = ana.plan("2026-05-04", plannedTime="12:00")
    ana.patch(f"/api/workouts/{workout['id']}", {"plannedTime": "14:00", "duration": 20})
    driver.advance("2026-05-04T20:00:00Z")
    assert written(ivy, ana, "completion_check") == ["2026-05-04T13:30:00"]
    ana.patch(f"/api/workouts/{workout['id']}", {"plannedTime": "20:10"})
    driver.advance("2026-05-04T21:00:00Z")
    assert len(written(ivy, ana, "completion_check")) == 1  # once for each workout


def test_the_evening_call_asks_and_no_message(driver: Driver, ivy: Ivy) -> None:
    driver.manual_phone()  # nobody plans anything else in a call
    ana = driver.callable_member()
    driver.tier(ana, "CONCIERGE")
    ana.plan("2026-05-05", plannedTime="12:00")
    ana.plan("2026-05-06", plannedTime="12:00")
    driver.advance("2026-05-05T18:00:00Z")
    assert written(ivy, ana, "completion_check") == []
    ana.patch("/api/users/me", {"eveningCallTime": ""})  # tomorrow nobody calls in the evening
    driver.advance("2026-05-06T18:00:00Z")
    assert written(ivy, ana, "completion_check") == ["2026-05-06T12:00:00"]


def test_who_is_away_or_wants_no_reminders_is_not_asked(driver: Driver, ivy: Ivy) -> None:
    ana, bob = texting_member(driver), texting_member(driver, phone="+447700900102")
    for person in (ana, bob):
        person.plan("2026-05-04", plannedTime="12:00")
    ana.post("/api/users/me/pause", {"reason": "break"})
    with ivy.db.write():
        row = member_rows.existing(bob.id)
        row.preferences = {"reminders": False}
        member_rows.save(row)
    driver.advance("2026-05-04T20:00:00Z")
    assert written(ivy, ana, "completion_check") == written(ivy, bob, "completion_check") == []


def test_an_engine_that_slept_asks_on_the_same_date_or_not_at_all(driver: Driver, ivy: Ivy) -> None:
    ana = texting_member(driver)
    ana.plan("2026-05-04", plannedTime="12:00")
    ana.plan("2026-05-05", plannedTime="12:00")
    driver.clock("2026-05-04T19:00:00Z")
    assert driver.job("completion_checks") == 1
    driver.clock("2026-05-06T08:00:00Z")
    assert driver.job("completion_checks") == 0
    assert written(ivy, ana, "completion_check") == ["2026-05-04T19:00:00"]


def test_a_journey_takes_reminder_and_question_along(driver: Driver, ivy: Ivy) -> None:
    """R-12: 12:00 is 12:00 in New York while the member is there, and in London again afterwards."""
    ana = texting_member(driver)
    for day in ("2026-05-05", "2026-05-06"):
        ana.plan(day, plannedTime="12:00")
    journey = {"reason": "traveling", "keepStructure": True, "travelTimezone": "America/New_York"}
    ana.post("/api/users/me/pause", journey)
    driver.advance("2026-05-05T20:00:00Z")
    assert written(ivy, ana, "workout_reminder") == ["2026-05-05T15:45:00"]
    assert written(ivy, ana, "completion_check") == ["2026-05-05T17:00:00"]
    ana.post("/api/users/me/resume")
    driver.advance("2026-05-06T20:00:00Z")
    assert written(ivy, ana, "workout_reminder")[1:] == ["2026-05-06T10:45:00"]
    assert written(ivy, ana, "completion_check")[1:] == ["2026-05-06T12:00:00"]


# J-9: the week in one message


@pytest.mark.parametrize(
    ("zone", "summed_up"),
    [
        ("Europe/London", ["2026-05-10T08:00:00", "2026-05-17T08:00:00"]),
        ("America/New_York", ["2026-05-10T13:00:00", "2026-05-17T13:00:00"]),
        ("Asia/Kathmandu", ["2026-05-10T03:15:00", "2026-05-17T03:15:00"]),
        ("Pacific/Kiritimati", ["2026-05-09T19:00:00", "2026-05-16T19:00:00"]),
    ],
)
def test_the_week_is_summed_up_on_sunday_morning(driver: Driver, ivy: Ivy, zone: str, summed_up: list[str]) -> None:
    ana = texting_member(driver, zone)
    driver.advance("2026-05-18T08:00:00Z")
    assert written(ivy, ana, "weekly_summary") == summed_up
    assert run_twice(driver) == [0, 0]


@pytest.mark.parametrize(
    ("zone", "friday", "summed_up"),
    [
        ("Europe/London", "2026-03-27T08:00:00Z", "2026-03-29T08:00:00"),
        ("Europe/London", "2026-10-23T08:00:00Z", "2026-10-25T09:00:00"),
        ("America/New_York", "2026-03-06T08:00:00Z", "2026-03-08T13:00:00"),
        ("America/New_York", "2026-10-30T08:00:00Z", "2026-11-01T14:00:00"),
    ],
)
def test_nine_is_nine_on_the_sunday_the_clocks_change(driver: Driver, ivy: Ivy, zone: str, friday: str, summed_up: str) -> None:
    driver.clock(friday)
    ana = texting_member(driver, zone)
    driver.advance(f"{summed_up[:10]}T23:00:00Z")
    assert written(ivy, ana, "weekly_summary") == [summed_up]


def test_what_a_summary_says(driver: Driver, ivy: Ivy) -> None:
    ana = texting_member(driver)
    ana.patch("/api/users/me", {"weeklyGoal": 4})
    ana.complete(ana.plan("2026-05-04"))
    score(driver, ana, "2026-05-06T08:00:00Z", energyScore=6)
    ana.complete(ana.plan("2026-05-06"))
    ana.plan("2026-05-07")
    score(driver, ana, "2026-05-08T08:00:00Z", moodScore=4)  # a later score without energy does not hide the earlier one
    driver.advance("2026-05-10T10:00:00Z")
    said = "Your week: 2 done, goal 4. £2 given. Energy 6 of 10. What would you like next week to look like?"
    assert words(driver, ana, "weekly_summary") == [said]
    driver.advance("2026-05-17T10:00:00Z")  # nothing in the second week
    quiet = "Your week: a quiet one, and that is all right. What would you like next week to look like?"
    assert words(driver, ana, "weekly_summary") == [quiet, said]


def test_the_week_is_the_members_own(driver: Driver, ivy: Ivy) -> None:
    """In Kiritimati Monday the 4th begins on Sunday at 10:00 UTC."""
    driver.clock("2026-05-03T09:30:00Z")
    ana = texting_member(driver, "Pacific/Kiritimati")
    ana.complete(ana.plan("2026-05-03"))
    driver.clock_for(ana, "2026-05-03T10:30:00Z")
    ana.complete(ana.plan("2026-05-04"))
    driver.advance("2026-05-09T20:00:00Z")
    assert words(driver, ana, "weekly_summary")[0].startswith("Your week: 1 done, goal 3. £1 given.")


@pytest.mark.parametrize("reason", ["break", "sick", "traveling"])
def test_who_is_away_gets_no_summary_and_no_pulse(driver: Driver, ivy: Ivy, reason: str) -> None:
    ana = texting_member(driver)
    ana.post("/api/users/me/pause", {"reason": reason})
    driver.advance("2026-05-11T08:00:00Z")
    assert written(ivy, ana, "weekly_summary") == written(ivy, ana, "pulse_energy") == []
    driver.member_again(ana).post("/api/users/me/resume")
    driver.advance("2026-05-18T08:00:00Z")
    assert len(written(ivy, ana, "weekly_summary")) == len(written(ivy, ana, "pulse_energy")) == 1


def test_a_journey_that_keeps_the_structure_is_followed(driver: Driver, ivy: Ivy) -> None:
    ana = texting_member(driver)
    ana.post("/api/users/me/pause", {"reason": "traveling", "keepStructure": True, "travelTimezone": "Asia/Kathmandu"})
    assert due(ivy, ana, *DUE[:4]) == ["2026-05-10T03:15", "2026-06-01T08:00", "2026-05-08T12:15", "2026-05-05T05:15"]
    ana.post("/api/users/me/resume")
    assert due(ivy, ana, *DUE[:4]) == ["2026-05-10T08:00", "2026-06-01T08:00", "2026-05-08T17:00", "2026-05-04T10:00"]


def test_a_new_zone_moves_everything(driver: Driver, ivy: Ivy) -> None:
    ana = texting_member(driver)
    goes_to_bed(ivy, ana, "22:00")
    ana.patch("/api/users/me", {"timezone": "America/New_York"})
    assert due(ivy, ana, *DUE) == [
        "2026-05-10T13:00", "2026-06-01T13:00", "2026-05-08T22:00", "2026-05-04T15:00", "2026-05-05T01:45",
    ]  # fmt: skip


def test_flying_west_on_a_sunday_brings_no_second_summary(driver: Driver, ivy: Ivy) -> None:
    ana = texting_member(driver)
    driver.advance("2026-05-10T09:00:00Z")
    ana = driver.member_again(ana)
    ana.patch("/api/users/me", {"timezone": "America/New_York"})  # it is 05:00 on Sunday there
    driver.advance("2026-05-11T09:00:00Z")
    assert written(ivy, ana, "weekly_summary") == ["2026-05-10T08:00:00"]


def test_a_closed_account_is_nobodys_turn(driver: Driver, ivy: Ivy) -> None:
    ana = texting_member(driver)
    goes_to_bed(ivy, ana, "22:00")
    assert None not in due(ivy, ana, *DUE)
    ana.delete(f"/api/users/{ana.id}")
    assert due(ivy, ana, *DUE) == [None] * 5


def test_late_on_the_same_date_is_said_and_later_is_not(driver: Driver, ivy: Ivy) -> None:
    ana = texting_member(driver)
    driver.clock("2026-05-10T18:00:00Z")  # Sunday evening; the engine slept since Monday
    assert [driver.job("weekly_summaries") for _ in range(2)] == [1, 0]
    driver.clock("2026-05-18T08:00:00Z")  # it slept over the next Sunday
    assert driver.job("weekly_summaries") == driver.job("pulse") == 0
    assert due(ivy, ana, "summary_due_at", "pulse_due_at") == ["2026-05-24T08:00", "2026-05-22T17:00"]


def test_members_from_before_are_looked_at_once(driver: Driver, ivy: Ivy) -> None:
    """0 in a due column: nothing is said, though it is Sunday noon; only the next time is found out."""
    ana = texting_member(driver)
    driver.clock("2026-05-10T12:00:00Z")
    with ivy.db.write():
        ivy.db.changed(f"UPDATE member SET {', '.join(f'{column} = 0' for column in DUE)}")
    assert run_twice(driver) == [0, 0]
    driver.job("monthly_receipts")
    assert due(ivy, ana, *DUE) == ["2026-05-17T08:00", "2026-06-01T08:00", "2026-05-15T17:00", "2026-05-11T10:00", None]
    assert written(ivy, ana, "weekly_summary") == []


# J-11: energy, then mood


@pytest.mark.parametrize(
    ("zone", "asked"),
    [
        ("Europe/London", "2026-05-08T17:00:00"),
        ("America/New_York", "2026-05-08T22:00:00"),
        ("Asia/Kathmandu", "2026-05-08T12:15:00"),
        ("Pacific/Kiritimati", "2026-05-08T04:00:00"),
    ],
)
def test_energy_is_asked_on_friday_evening(driver: Driver, ivy: Ivy, zone: str, asked: str) -> None:
    ana = texting_member(driver, zone)
    driver.advance("2026-05-09T08:00:00Z")
    assert written(ivy, ana, "pulse_energy") == [asked]
    assert run_twice(driver) == [0, 0]


@pytest.mark.parametrize(
    ("tier", "changes", "asked"),
    [
        ("FREE", {}, 1),
        ("PRO", {}, 0),
        ("PRO", {"weeklyCallEnabled": False}, 1),
        ("PRO", {"communicationPreference": "async"}, 1),
        ("PRO", {"callConsent": False}, 1),
    ],
)
def test_no_pulse_when_sundays_call_asks(driver: Driver, ivy: Ivy, tier: str, changes: Json, asked: int) -> None:
    ana = driver.callable_member()
    driver.tier(ana, tier)
    ana.patch("/api/users/me", changes)
    driver.advance("2026-05-09T08:00:00Z")
    assert len(written(ivy, ana, "pulse_energy")) == asked


# J-12: who has gone quiet, or is ill


def test_who_has_gone_quiet_is_asked_once_a_week(driver: Driver, ivy: Ivy) -> None:
    """R-18: in touch on Monday at 09:00; on Thursday at 11:00 that is more than three days ago."""
    ana = texting_member(driver)
    driver.advance("2026-05-07T09:59:00Z")
    assert written(ivy, ana, "inactive_checkin") == []
    driver.advance("2026-05-13T20:00:00Z")
    assert written(ivy, ana, "inactive_checkin") == ["2026-05-07T10:00:00"]
    assert run_twice(driver) == [0, 0]
    driver.advance("2026-05-14T20:00:00Z")
    assert written(ivy, ana, "inactive_checkin")[1:] == ["2026-05-14T10:00:00"]
    assert words(driver, ana, "inactive_checkin")[0].startswith("Hi Ana, it has been quiet for a few days")


@pytest.mark.parametrize("sign", ["a message", "a workout", "a skip"])
def test_any_sign_of_life_is_one(driver: Driver, ivy: Ivy, sign: str) -> None:
    ana = texting_member(driver)
    driver.clock_for(ana, "2026-05-06T12:00:00Z")
    if sign == "a message":
        driver.post("/simulator/messages", {"from": "+447700900101", "channel": "sms", "text": "hello"})
    else:
        ana.complete(ana.plan("2026-05-06"), "COMPLETED" if sign == "a workout" else "SKIPPED")
    driver.advance("2026-05-09T20:00:00Z")
    assert written(ivy, ana, "inactive_checkin") == []
    driver.advance("2026-05-10T20:00:00Z")
    assert written(ivy, ana, "inactive_checkin") == ["2026-05-10T10:00:00"]


def test_an_answered_call_is_a_sign_of_life(driver: Driver, ivy: Ivy) -> None:
    ana = driver.callable_member()
    driver.tier(ana, "CONCIERGE")  # called every day, and the phone answers
    driver.advance("2026-05-15T20:00:00Z")
    assert written(ivy, ana, "inactive_checkin") == []


def test_a_pause_is_no_silence(driver: Driver, ivy: Ivy) -> None:
    ana = texting_member(driver)
    ana.post("/api/users/me/pause", {"reason": "break", "resumeDate": "2026-05-18"})
    driver.advance("2026-05-21T20:00:00Z")
    assert written(ivy, ana, "inactive_checkin") == []
    driver.advance("2026-05-22T20:00:00Z")
    assert written(ivy, ana, "inactive_checkin") == ["2026-05-22T10:00:00"]


def test_who_is_ill_is_asked_every_three_days(driver: Driver, ivy: Ivy) -> None:
    """R-12."""
    ana = texting_member(driver)
    ana.post("/api/users/me/pause", {"reason": "sick"})
    driver.advance("2026-05-12T20:00:00Z")
    assert written(ivy, ana, "sick_checkin") == ["2026-05-07T10:00:00", "2026-05-10T10:00:00"]
    assert written(ivy, ana, "inactive_checkin") == []
    assert run_twice(driver) == [0, 0]
    driver.member_again(ana).post("/api/users/me/resume")
    driver.advance("2026-05-15T20:00:00Z")
    assert len(written(ivy, ana, "sick_checkin")) == 2


def test_who_never_answers_is_left_in_peace(driver: Driver, ivy: Ivy) -> None:
    """R-117: questions that stay unanswered end with one that asks whether to go on."""
    ana = texting_member(driver)
    driver.advance("2026-07-01T08:00:00Z")
    assert len(written(ivy, ana, "still_welcome")) == 1
    asked = rows(
        ivy.folder / "ivy.db",
        "SELECT COUNT(*) FROM message WHERE template IN ('pulse_energy', 'inactive_checkin') AND sent_at IS NOT NULL",
    )
    assert asked == [(3,)]


# Bedtime


@pytest.mark.parametrize(
    ("zone", "bedtime", "nudged"),
    [
        ("Europe/London", "22:30", ["2026-05-04T21:15:00", "2026-05-05T21:15:00"]),
        ("Europe/London", "00:10", ["2026-05-04T22:55:00", "2026-05-05T22:55:00"]),
        ("America/New_York", "22:30", ["2026-05-05T02:15:00"]),
        ("Asia/Kathmandu", "22:30", ["2026-05-04T16:30:00", "2026-05-05T16:30:00"]),
        ("Pacific/Kiritimati", "22:30", ["2026-05-04T08:15:00", "2026-05-05T08:15:00"]),
    ],
)
def test_a_word_before_bedtime(driver: Driver, ivy: Ivy, zone: str, bedtime: str, nudged: list[str]) -> None:
    """Also within the quiet hours: the member chose the time (R-116)."""
    ana = texting_member(driver, zone)
    goes_to_bed(ivy, ana, bedtime)
    driver.advance("2026-05-05T23:30:00Z")
    assert written(ivy, ana, "bedtime_nudge") == nudged
    assert words(driver, ana, "bedtime_nudge")[0] == f"Bedtime at {bedtime}, as you wished. Time to wind down?"
    assert run_twice(driver) == [0, 0]


def test_bedtime_may_change_or_go(driver: Driver, ivy: Ivy) -> None:
    ana = texting_member(driver)
    goes_to_bed(ivy, ana, "22:00")
    driver.advance("2026-05-04T20:50:00Z")
    goes_to_bed(ivy, ana, "23:00")  # the same night: no second word
    driver.advance("2026-05-05T12:00:00Z")
    assert written(ivy, ana, "bedtime_nudge") == ["2026-05-04T20:45:00"]
    goes_to_bed(ivy, ana, None)
    driver.advance("2026-05-06T12:00:00Z")
    assert len(written(ivy, ana, "bedtime_nudge")) == 1


def test_nobody_is_sent_to_bed_too_late_or_while_away(driver: Driver, ivy: Ivy) -> None:
    ana = texting_member(driver)
    goes_to_bed(ivy, ana, "22:00")
    driver.clock("2026-05-04T21:00:00Z")  # 22:00 in London
    assert driver.job("send_reminders") == 0
    assert due(ivy, ana, "bedtime_due_at") == ["2026-05-05T20:45"]
    ana.post("/api/users/me/pause", {"reason": "sick"})
    driver.advance("2026-05-06T08:00:00Z")
    assert written(ivy, ana, "bedtime_nudge") == []
