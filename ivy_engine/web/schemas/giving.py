"""Bodies and answers about charities, donations and the wallet."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from ivy_engine.web.schemas.base import Amount, Answer, Body, Instant, Major
from ivy_engine.web.schemas.lists import Paging


class DonationQuery(Paging):
    charity_id: UUID | None = None
    start_date: str | None = Field(None, max_length=40)
    end_date: str | None = Field(None, max_length=40)
    donation_type: Literal["COMPLETION", "STREAK_7_DAY", "STREAK_30_DAY", "STREAK_90_DAY", "MANUAL"] | None = None


class WalletChange(Body):
    monthly_limit: Major | None = None
    daily_cap: Major | None = None


class ManualGift(Body):
    user_id: UUID
    charity_id: UUID
    amount: Major
    currency: str | None = Field(None, max_length=3)


class CharityCard(Answer):
    id: str
    name: str
    impact_metric: str
    impact_per_pound: str
    logo_url: str | None


class Charity(Answer):
    id: str
    name: str
    description: str
    category: str
    impact_metric: str
    impact_per_pound: str
    logo_url: str | None
    website: str | None
    is_active: bool
    created_at: Instant
    updated_at: Instant


class Donation(Answer):
    id: str
    user_id: str
    charity_id: str
    amount: Amount
    currency: str
    donation_type: str
    workout_id: str | None
    streak_days: int | None
    created_at: Instant
    charity: CharityCard


class WalletFigures(Answer):
    monthly_limit: Amount
    daily_cap: Amount
    current_month_spent: Amount
    lifetime_donated: Amount
    month_start_date: Instant


class WalletRow(WalletFigures):
    id: str
    user_id: str
    created_at: Instant
    updated_at: Instant


class Totals(Answer):
    total_donated: Amount
    donation_count: int
    remaining: Amount


class ImpactWallet(Answer):
    wallet: WalletFigures
    current_month: Totals
    today: Totals


class Share(Answer):
    amount: Amount
    count: int


class CharityShare(Answer):
    charity: CharityCard
    amount: Amount
    count: int


class TypeShare(Answer):
    type: str
    amount: Amount
    count: int


class DonationStats(Answer):
    total: Share
    by_charity: tuple[CharityShare, ...]
    by_type: tuple[TypeShare, ...]
