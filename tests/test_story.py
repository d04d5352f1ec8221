"""One member's day, end to end, over HTTP against the engine as it ships (the description's complete user flow)."""

from pathlib import Path

from tests.conftest import rows
from tests.process import Engine

PHONE = "+447700900123"


def test_one_members_day(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Engine(folder) as engine:
        driver = engine.driver
        driver.clock("2026-05-04T04:30:00Z")  # Monday 05:30 in London

        # 1, 2: sign up; the magic link arrives and is verified for a token
        user = driver.sign_up("ana@example.com", timezone="Europe/London")
        ana = driver.sign_in(user)

        # 3: onboarding, with phone, call times and charity
        choices = {"phone": PHONE, "morningCallTime": "7:00", "eveningCallTime": "20:00", "callFrequency": 7}
        ana.patch("/api/users/me", {**choices, "preferredCharityId": driver.charity()})
        onboarded = ana.post("/api/users/me/onboard")
        assert onboarded["onboardedAt"] == "2026-05-04T04:30:00.000Z"

        # 4: today's and tomorrow's calls are planned; the first takes the place of this morning's
        planned = rows(folder / "ivy.db", "SELECT call_type, scheduled_at, status FROM call ORDER BY scheduled_at")
        assert planned == [("ONBOARDING", 1777874400000, "SCHEDULED"), ("EVENING_REVIEW", 1777921200000, "SCHEDULED")]

        # 5, 6, 7: the call is claimed and placed; signed webhooks report it; its plan becomes a workout
        ran = driver.advance("2026-05-04T07:00:00Z")
        assert ran["dial_due_calls"] == 1
        [call] = driver.outbox(kind="call", to=PHONE)
        assert (call["template"], call["status"], call["userId"]) == ("ONBOARDING", "COMPLETED", user["id"])
        [workout] = ana.get("/api/workouts")
        assert (workout["activity"], workout["plannedTime"], workout["duration"]) == ("Walk", "18:00", 30)
        assert workout["planningCallId"] == call["id"]
        assert rows(folder / "simulated.db", "SELECT COUNT(*), COUNT(delivered_at) FROM webhook WHERE provider = 'retell'") == [
            (3, 3)
        ]

        # 8: a reminder goes out a quarter of an hour before
        ran = driver.advance("2026-05-04T16:50:00Z")
        assert ran["send_reminders"] == 1
        [reminder] = driver.outbox(kind="whatsapp", template="workout_reminder")
        assert reminder["at"] == "2026-05-04T16:45:00.000Z"
        assert "Walk at 18:00" in reminder["body"]

        # 9 to 12: "done" moves the streak, gives, and is answered
        driver.clock("2026-05-04T17:40:00Z")
        driver.post("/simulator/messages", {"from": PHONE, "channel": "whatsapp", "text": "done"})
        done = ana.get(f"/api/workouts/{workout['id']}")
        assert (done["status"], done["loggedVia"], done["creditedDate"]) == ("COMPLETED", "whatsapp", "2026-05-04")
        [donation] = ana.get("/api/donations")
        assert (donation["amount"], donation["donationType"], donation["workoutId"]) == (1, "COMPLETION", workout["id"])
        [celebration] = driver.outbox(kind="whatsapp", template="completion_confirmation")
        assert "£1 for Against Malaria Foundation" in celebration["body"]

        # 13: the dashboard shows it all, at the end of the day
        driver.advance("2026-05-04T22:59:59Z")
        overview = ana.get("/api/stats")
        assert overview["streak"] == {"current": 1, "longest": 1, "lastWorkout": "2026-05-04T00:00:00.000Z"}
        assert overview["workouts"]["byStatus"] == [{"status": "COMPLETED", "count": 1}]
        assert overview["workouts"]["completionRate"] == 100
        assert overview["donations"] == {"lifetimeTotal": 1, "currentMonth": 1, "count": 1}
        assert overview["impact"]["remaining"] == 19
        # the morning's call alone: nobody is rung in the evening who has told by message how the day went
        assert [entry["status"] for entry in driver.outbox(kind="call", to=user["email"])] == ["COMPLETED"]

        assert engine.stop() == 0
        assert "Traceback" not in engine.log
        assert "ana@example.com" not in engine.log
        assert PHONE not in engine.log
