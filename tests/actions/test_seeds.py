"""The demo gym (RULEBOOK 12): streaks that have matching workouts, loaded once however often it is loaded."""

from datetime import date

import pytest

from ivy_engine import jobs
from ivy_engine.actions import seeds, streaks, wallets
from ivy_engine.engine import Ivy
from ivy_engine.store import calls, members
from tests.conftest import rows

COUNTED = ("member", "company", "workout", "donation", "wallet", "account", "call", "message")


@pytest.mark.parametrize("weekday", range(7))
def test_the_members_bring_the_streaks_they_are_said_to_have(ivy: Ivy, weekday: int) -> None:
    day = date(2026, 11, 16 + weekday)
    list(seeds.load_demo(ivy, day))
    with ivy.db.read():
        found = {demo.first_name: members.by_email(demo.email) for demo in seeds.DEMO_MEMBERS}
        alice, bob, charlie = (found[name] for name in ("Alice", "Bob", "Charlie"))
        assert alice and bob and charlie
        assert (streaks.streak_of(ivy, alice).current, streaks.streak_of(ivy, alice).longest) == (5, 21)
        assert (streaks.streak_of(ivy, bob).current, streaks.streak_of(ivy, bob).longest) == (12, 35)
        assert (alice.subscription_tier, bob.subscription_tier, charlie.subscription_tier) == ("PRO", "ELITE", "FREE")
        assert not charlie.is_onboarded
        assert calls.of_day(bob.id, day), "nobody would be called on the demo's day"
    assert wallets.impact_wallet(ivy, bob.id).wallet.daily_cap.minor == 400


def test_loading_twice_adds_nothing(ivy: Ivy) -> None:
    day = date(2026, 11, 16)
    list(seeds.load_demo(ivy, day))
    jobs.advance(ivy, ivy.clock.now())

    def counts() -> list[int]:
        return [rows(ivy.folder / "ivy.db", f"SELECT COUNT(*) FROM {table}")[0][0] for table in COUNTED]

    before = counts()
    assert list(seeds.load_demo(ivy, day)) == []
    assert seeds.load_charities(ivy) == 0
    assert counts() == before
