"""Small sums within limits: what a completion gives, and why it gives less or nothing (R-50 to R-58)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ivy_engine.domain.money import Money

Type = Literal["COMPLETION", "STREAK_7_DAY", "STREAK_30_DAY", "STREAK_90_DAY", "MANUAL"]
SkippedReason = Literal["NO_CHARITY", "DAILY_CAP", "MONTHLY_CAP", "SUBSCRIPTION_INACTIVE", "SEASON_INACTIVE"]
COMPLETION, MANUAL = "COMPLETION", "MANUAL"


@dataclass(frozen=True)
class TierTerms:
    """What a tier allows, in minor units (RULEBOOK 2.2)."""

    call_days: int
    monthly_limit: int
    daily_cap: int
    amount: int


@dataclass(frozen=True)
class Rooms:
    """What COMPLETION donations have used of the local day and month (R-53, R-54)."""

    day_total: int
    day_cap: int
    month_total: int
    month_cap: int

    @property
    def day(self) -> int:
        return max(0, self.day_cap - self.day_total)

    @property
    def month(self) -> int:
        return max(0, self.month_cap - self.month_total)


def completion_amount(tier_amount: int, rooms: Rooms) -> int:
    """min(tier amount, daily room, monthly room): near a cap the rest is paid (R-52)."""
    return min(tier_amount, rooms.day, rooms.month)


def cap_reason(rooms: Rooms) -> SkippedReason:
    """Why nothing is given although a charity is set; both caps exhausted reads MONTHLY_CAP (R-57)."""
    return "MONTHLY_CAP" if rooms.month == 0 else "DAILY_CAP"


def bonus_type(level: int) -> str:
    return f"STREAK_{level}_DAY"


@dataclass(frozen=True)
class CharityCard:
    id: str
    name: str
    impact_metric: str
    impact_per_pound: str
    logo_url: str | None


@dataclass(frozen=True)
class Charity:
    id: str
    name: str
    description: str
    category: str
    impact_metric: str
    impact_per_pound: str
    logo_url: str | None
    website: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Donation:
    id: str
    user_id: str
    charity_id: str
    amount: Money
    currency: str
    donation_type: str
    workout_id: str | None
    streak_days: int | None
    created_at: datetime
    charity: CharityCard


@dataclass(frozen=True)
class Totals:
    total_donated: Money
    donation_count: int
    remaining: Money


@dataclass(frozen=True)
class Wallet:
    monthly_limit: Money
    daily_cap: Money
    current_month_spent: Money
    lifetime_donated: Money
    month_start_date: datetime


@dataclass(frozen=True)
class WalletRow:
    """The wallet as changing it answers."""

    id: str
    user_id: str
    monthly_limit: Money
    daily_cap: Money
    current_month_spent: Money
    lifetime_donated: Money
    month_start_date: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class ImpactWallet:
    wallet: Wallet
    current_month: Totals
    today: Totals


@dataclass(frozen=True)
class Share:
    amount: Money
    count: int


@dataclass(frozen=True)
class CharityShare:
    charity: CharityCard
    amount: Money
    count: int


@dataclass(frozen=True)
class TypeShare:
    type: str
    amount: Money
    count: int


@dataclass(frozen=True)
class DonationStats:
    total: Share
    by_charity: tuple[CharityShare, ...]
    by_type: tuple[TypeShare, ...]
