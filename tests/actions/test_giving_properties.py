"""Caps hold and pennies add up, whatever real threads do at the same moment (R-51 to R-56)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import count
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivy_engine.actions import billing, giving, members, wallets, workouts
from ivy_engine.domain.audit import Actor
from ivy_engine.domain.billing import SubscriptionEvent
from ivy_engine.domain.errors import IvyError
from ivy_engine.engine import Ivy
from tests.conftest import START, rows

STEADY = settings(
    derandomize=True, deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # fmt: skip
BOSS = Actor("boss", "superadmin")
_NUMBERS = count()


def member(ivy: Ivy, tier: str, monthly: int, daily: int) -> str:
    """Somebody of a tier with limits in pennies."""
    charity = giving.charities(ivy)[0].id
    profile = members.sign_up(
        ivy, email=f"g{next(_NUMBERS)}@example.com", first_name="A", last_name="B", track="t", goal="g",
        preferred_charity_id=charity,
    )  # fmt: skip
    with ivy.db.write():
        billing.apply(ivy, SubscriptionEvent("changed", START, None, profile.id, "active", tier))
    wallets.change_limits(ivy, profile.id, Decimal(monthly) / 100, Decimal(daily) / 100, may_exceed_tier=True)
    return profile.id


def at_once(deeds: list[Callable[[], object]]) -> None:
    """As many threads as deeds; a refusal is an answer too."""

    def do(deed: Callable[[], object]) -> None:
        try:
            deed()
        except IvyError as refusal:
            assert refusal.code in ("NOT_FOUND", "CONFLICT", "VALIDATION_ERROR")

    with ThreadPoolExecutor(len(deeds)) as pool:
        list(pool.map(do, deeds))


def given_by(ivy: Ivy, member_id: str, kind: str) -> list[int]:
    sql = "SELECT d.amount FROM donation d JOIN account a ON a.number = d.account WHERE a.member_id = ? AND d.donation_type = ?"
    return [row[0] for row in rows(ivy.folder / "ivy.db", sql, member_id, kind)]


@STEADY
@given(
    st.sampled_from(["FREE", "ELITE", "CONCIERGE"]),
    st.integers(1, 900),
    st.integers(0, 900),
    st.lists(st.integers(1, 3), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_the_sum_is_what_the_caps_leave(ivy: Ivy, tier: str, daily: int, more: int, repeats: list[int], chance: Random) -> None:
    """Each workout is completed up to three times at once, by both doors: it gives once, and the rest near a cap is paid."""
    who = member(ivy, tier, daily + more, daily)
    planned = [workouts.plan(ivy, who, activity="Run", planned_date=START.date()).id for _ in repeats]
    deeds: list[Callable[[], object]] = []
    for workout, times in zip(planned, repeats, strict=True):
        by_completion = [lambda its=workout: workouts.complete(ivy, who, its, "COMPLETED", workouts.How())] * times
        by_patch = [lambda its=workout: workouts.change(ivy, who, its, {"status": "COMPLETED"})]
        deeds += by_completion + by_patch
    chance.shuffle(deeds)
    at_once(deeds)
    completions = given_by(ivy, who, "COMPLETION")
    amount = {"FREE": 100, "ELITE": 150, "CONCIERGE": 200}[tier]
    assert sum(completions) == min(len(planned) * amount, daily)
    wallet = wallets.impact_wallet(ivy, who)
    assert wallet.today.total_donated.minor == wallet.wallet.current_month_spent.minor == sum(completions)
    assert wallet.today.remaining.minor == daily - sum(completions)
    assert giving.verify_ledger(ivy).bad is None


@STEADY
@given(
    st.integers(100, 900),
    st.lists(
        st.tuples(st.sampled_from(["complete", "partial", "skip", "delete", "gift", "lower", "raise"]), st.integers(0, 5)),
        min_size=4,
        max_size=20,
    ),
)
def test_nothing_is_lost_or_made_by_a_crowd(ivy: Ivy, daily: int, crowd: list[tuple[str, int]]) -> None:
    """Completions, skips, deletions, gifts and changes of the limits in any interleaving."""
    who = member(ivy, "ELITE", 2 * daily, daily)
    charity = giving.charities(ivy)[0].id
    planned = [workouts.plan(ivy, who, activity="Run", planned_date=START.date()).id for _ in range(6)]
    low, high = Decimal(daily // 2 or 1) / 100, Decimal(daily) / 100
    does: dict[str, Callable[[str], object]] = {
        "complete": lambda its: workouts.complete(ivy, who, its, "COMPLETED", workouts.How()),
        "partial": lambda its: workouts.complete(ivy, who, its, "PARTIAL", workouts.How()),
        "skip": lambda its: workouts.complete(ivy, who, its, "SKIPPED", workouts.How()),
        "delete": lambda its: workouts.delete(ivy, who, its),
        "gift": lambda its: giving.give_manually(ivy, BOSS, who, charity, Decimal("1.25"), None),
        "lower": lambda its: wallets.change_limits(ivy, who, None, low, may_exceed_tier=False),
        "raise": lambda its: wallets.change_limits(ivy, who, None, high, may_exceed_tier=True),
    }
    at_once([lambda what=what, its=planned[which]: does[what](its) for what, which in crowd])
    completions, gifts = given_by(ivy, who, "COMPLETION"), given_by(ivy, who, "MANUAL")
    assert sum(completions) <= daily
    assert gifts == [125] * sum(what == "gift" for what, _ in crowd)
    wallet = wallets.impact_wallet(ivy, who)
    assert wallet.wallet.lifetime_donated.minor == sum(completions) + sum(gifts)
    assert wallet.wallet.current_month_spent.minor == sum(completions)
    assert giving.verify_ledger(ivy).bad is None
