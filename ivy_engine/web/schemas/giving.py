"""Bodies and answers about charities, donations and the wallet."""

from pydantic import Field

from ivy_engine.web.schemas.base import Amount, Answer, Body, Instant, Major
from ivy_engine.web.schemas.lists import Paging
from ivy_engine.web.schemas.vocabulary import (
    CharityId,
    Count,
    Currency,
    DonationId,
    DonationType,
    GivenCharityId,
    GivenMemberId,
    GivenMonth,
    MemberId,
    QueryDay,
    Url,
    WalletId,
    WorkoutId,
)


class DonationQuery(Paging):
    charity_id: GivenCharityId | None = None
    start_date: QueryDay | None = None
    end_date: QueryDay | None = None
    donation_type: DonationType | None = None


class WalletChange(Body):
    """What is not named stays. The daily cap must not be more than the monthly limit."""

    monthly_limit: Major | None = None
    daily_cap: Major | None = None


class ManualGift(Body):
    user_id: GivenMemberId
    charity_id: GivenCharityId
    amount: Major
    currency: str | None = Field(None, max_length=3, description="The engine's own by default.", examples=["GBP"])


class ReceiptQuery(Body):
    month: GivenMonth | None = None


class CharityCard(Answer):
    id: CharityId
    name: str = Field(examples=["Room to Read"])
    impact_metric: str = Field(examples=["books in children's hands"])
    impact_per_pound: str = Field(examples=["1 book per £1"])
    logo_url: Url | None


class Charity(Answer):
    id: CharityId
    name: str = Field(examples=["Room to Read"])
    description: str = Field(examples=["Books and schooling for children, girls above all."])
    category: str = Field(examples=["education"])
    impact_metric: str = Field(examples=["books in children's hands"])
    impact_per_pound: str = Field(examples=["1 book per £1"])
    logo_url: Url | None
    website: Url | None
    is_active: bool
    created_at: Instant
    updated_at: Instant


class Donation(Answer):
    id: DonationId
    user_id: MemberId
    charity_id: CharityId
    amount: Amount
    currency: Currency
    donation_type: DonationType
    workout_id: WorkoutId | None
    streak_days: int | None = Field(description="The level of a streak's bonus.", examples=[7])
    created_at: Instant
    charity: CharityCard


class WalletFigures(Answer):
    monthly_limit: Amount
    daily_cap: Amount
    current_month_spent: Amount = Field(description="Major units of the currency; completions alone, as the limits count.")
    lifetime_donated: Amount
    month_start_date: Instant


class WalletRow(WalletFigures):
    id: WalletId
    user_id: MemberId
    created_at: Instant
    updated_at: Instant


class Totals(Answer):
    total_donated: Amount
    donation_count: Count
    remaining: Amount = Field(description="Major units of the currency; the room that is left for completions.")


class ImpactWallet(Answer):
    wallet: WalletFigures
    current_month: Totals
    today: Totals


class Share(Answer):
    amount: Amount
    count: Count


class CharityShare(Answer):
    charity: CharityCard
    amount: Amount
    count: Count


class TypeShare(Answer):
    type: DonationType
    amount: Amount
    count: Count


class DonationStats(Answer):
    """Everything that was given, the largest amounts first."""

    total: Share
    by_charity: tuple[CharityShare, ...]
    by_type: tuple[TypeShare, ...]


class Receipt(Answer):
    """What was given in one local month."""

    number: str = Field(description="Unique; the same whenever it is asked for.", examples=["2026-05/7"])
    month: str = Field(description="As it was asked for.", examples=["2026-05"])
    completions: Count = Field(description="Workouts that count for dates of the month.")
    total: Amount = Field(description="Major units of the currency; completions, bonuses and manual gifts.")
    by_charity: tuple[CharityShare, ...] = Field(description="The largest amount first.")
    impact_equivalent: str | None = Field(
        description="About what the total has done, rounded down; null where nobody can say.",
        examples=["about 3 malaria nets provided"],
    )
    lifetime: Amount = Field(description="Major units of the currency; all that was given until the end of the month.")
