"""Giving: what a completion and a streak give, the wallet, the ledger as a member reads it."""

from datetime import date, datetime
from decimal import Decimal

from ivy_engine.domain import giving, money, zones
from ivy_engine.domain.errors import NotFound
from ivy_engine.domain.members import subscription_usable
from ivy_engine.domain.money import Money
from ivy_engine.domain.streaks import BONUSES, due_bonuses
from ivy_engine.engine import Ivy
from ivy_engine.store import companies
from ivy_engine.store import giving as ledger
from ivy_engine.store import members as member_rows
from ivy_engine.store.members import Member


def terms(ivy: Ivy, tier: str) -> giving.TierTerms:
    """What a tier allows, from the settings, in minor units."""
    values = getattr(ivy.settings.tiers, tier)
    currency = ivy.settings.giving.currency
    return giving.TierTerms(
        call_days=values.call_days,
        monthly_limit=money.minor_units(values.monthly_limit, currency),
        daily_cap=money.minor_units(values.daily_cap, currency),
        amount=money.minor_units(values.amount, currency),
    )


def open_wallet(ivy: Ivy, member: Member, now: datetime) -> None:
    """The wallet with the tier's limits (R-7)."""
    limits = terms(ivy, member.subscription_tier)
    ledger.open_wallet(
        ledger.Wallet(
            id=ivy.clock.new_id(),
            member_id=member.id,
            monthly_limit=limits.monthly_limit,
            daily_cap=limits.daily_cap,
            created_at=now,
            updated_at=now,
        )
    )


def take_tier_limits(ivy: Ivy, member: Member, now: datetime) -> None:
    """A new tier sets the wallet's limits at once; what was spent stays (R-61)."""
    wallet = _wallet(member.id)
    limits = terms(ivy, member.subscription_tier)
    wallet.monthly_limit, wallet.daily_cap, wallet.updated_at = limits.monthly_limit, limits.daily_cap, now
    ledger.save_wallet(wallet)


def give_for_completion(
    ivy: Ivy, member: Member, workout_id: str, now: datetime
) -> tuple[giving.Donation | None, giving.SkippedReason | None]:
    """The donation of a workout that has just counted, or why there is none (R-51 to R-58). Inside a write."""
    existing = ledger.completion_of(workout_id)
    if existing is not None:
        return _donation(existing, member.id, workout_id), None
    charity = _charity_for(member)
    if charity is None:
        return None, "NO_CHARITY"
    if not subscription_usable(member.subscription_status, member.past_due_since, now):
        return None, "SUBSCRIPTION_INACTIVE"
    today = zones.local_date(now, member.timezone)
    account = ledger.account_of(member.id)
    rooms = _rooms(account, _wallet(member.id), today)
    amount = giving.completion_amount(terms(ivy, member.subscription_tier).amount, rooms)
    if amount <= 0:
        return None, giving.cap_reason(rooms)
    row = _new_row(ivy, member, account, charity, amount, giving.COMPLETION, today, now)
    row.workout_id = workout_id
    row.day_total, row.day_cap = rooms.day_total + amount, rooms.day_cap
    row.month_total, row.month_cap = rooms.month_total + amount, rooms.month_cap
    ledger.add_donation(row)
    return _donation(row, member.id, workout_id), None


def given_for(member_id: str, workout_id: str) -> giving.Donation | None:
    """The donation that a workout has made."""
    row = ledger.completion_of(workout_id)
    return _donation(row, member_id, workout_id) if row else None


def given_on(ivy: Ivy, member_id: str, day: date) -> Money:
    """All that the member gave on a local date. Inside a read."""
    return Money(ledger.day_sums(ledger.account_of(member_id), day).total, ivy.settings.giving.currency)


def give_bonuses(ivy: Ivy, member: Member, streak: int, now: datetime) -> list[giving.Donation]:
    """Every level the streak has reached and that was never given (R-43 to R-46, R-54). Inside a write."""
    charity = _charity_for(member)
    if charity is None or not subscription_usable(member.subscription_status, member.past_due_since, now):
        return []
    account = ledger.account_of(member.id)
    claimed = frozenset(level for level in BONUSES if giving.bonus_type(level) in ledger.claimed_bonuses(account))
    today = zones.local_date(now, member.timezone)
    given = []
    for level in due_bonuses(streak, claimed):
        amount = money.minor_units(Decimal(BONUSES[level]), ivy.settings.giving.currency)
        row = _new_row(ivy, member, account, charity, amount, giving.bonus_type(level), today, now)
        row.streak_days = level
        ledger.add_donation(row)
        given.append(_donation(row, member.id, None))
    return given


def _charity_for(member: Member) -> ledger.Charity | None:
    """The preferred charity if it is active; a company's default for its people (R-58)."""
    wanted = [member.preferred_charity_id]
    if member.subscription_tier == "B2B" and member.company_id:
        company = companies.by_id(member.company_id)
        wanted.append(company.default_charity_id if company else None)
    found = (ledger.charity(charity_id) for charity_id in wanted if charity_id)
    return next((charity for charity in found if charity and charity.is_active), None)


def _rooms(account: int, wallet: ledger.Wallet, today: date) -> giving.Rooms:
    return giving.Rooms(
        day_total=ledger.day_sums(account, today).completion,
        day_cap=wallet.daily_cap,
        month_total=ledger.month_sums(account, today).completion,
        month_cap=wallet.monthly_limit,
    )


def _new_row(
    ivy: Ivy, member: Member, account: int, charity: ledger.Charity, amount: int, kind: str, today: date, now: datetime
) -> ledger.Donation:
    return ledger.Donation(
        id=ivy.clock.new_id(),
        account=account,
        charity_id=charity.id,
        amount=amount,
        currency=ivy.settings.giving.currency,
        donation_type=kind,
        company_id=member.company_id if member.subscription_tier == "B2B" else None,
        local_day=today.isoformat(),
        local_month=today.isoformat()[:7],
        created_at=now,
    )


def _wallet(member_id: str) -> ledger.Wallet:
    wallet = ledger.wallet_of(member_id)
    if wallet is None:
        raise NotFound("This member has no wallet.")
    return wallet


def impact_wallet(ivy: Ivy, member_id: str) -> giving.ImpactWallet:
    """Limits, what was given today and this month, and the room left (R-53 to R-55). Month and day are derived, never reset."""
    now = ivy.clock.now()
    with ivy.db.read():
        member = _member(member_id)
        wallet = _wallet(member_id)
        account = ledger.account_of(member_id)
        today = zones.local_date(now, member.timezone)
        day, month, ever = ledger.day_sums(account, today), ledger.month_sums(account, today), ledger.lifetime_sums(account)
    rooms = giving.Rooms(day.completion, wallet.daily_cap, month.completion, wallet.monthly_limit)

    def sum_of(minor: int) -> Money:
        return Money(minor, ivy.settings.giving.currency)

    return giving.ImpactWallet(
        wallet=giving.Wallet(
            monthly_limit=sum_of(wallet.monthly_limit),
            daily_cap=sum_of(wallet.daily_cap),
            current_month_spent=sum_of(month.completion),
            lifetime_donated=sum_of(ever.total),
            month_start_date=zones.month_start(now, member.timezone),
        ),
        current_month=giving.Totals(sum_of(month.total), month.rows, sum_of(rooms.month)),
        today=giving.Totals(sum_of(day.total), day.rows, sum_of(min(rooms.day, rooms.month))),
    )


def donations(
    ivy: Ivy, member_id: str, donation_type: str | None, charity_id: str | None, page: int, limit: int
) -> tuple[list[giving.Donation], int]:
    """A page of the member's donations, newest first, and how many there are."""
    with ivy.db.read():
        account = ledger.account_of(member_id)
        rows, total = ledger.page(account, donation_type, charity_id, (page - 1) * limit, limit)
        alive = ledger.existing_workouts([row.workout_id for row in rows if row.workout_id])
        kept = [row.workout_id if row.workout_id in alive else None for row in rows]
        return [_donation(row, member_id, workout) for row, workout in zip(rows, kept, strict=True)], total


def donation_stats(ivy: Ivy, member_id: str) -> giving.DonationStats:
    """All that the member has given, by charity and by type, largest first."""
    currency = ivy.settings.giving.currency
    with ivy.db.read():
        account = ledger.account_of(member_id)
        ever = ledger.lifetime_sums(account)
        by_charity = ledger.by_charity(account)
        return giving.DonationStats(
            total=giving.Share(Money(ever.total, currency), ever.rows),
            by_charity=tuple(
                giving.CharityShare(_card(charity), Money(amount, currency), count) for charity, amount, count in by_charity
            ),
            by_type=tuple(
                giving.TypeShare(kind, Money(amount, currency), count) for kind, amount, count in ledger.by_type(account)
            ),
        )


def charities(ivy: Ivy) -> list[giving.Charity]:
    """The active charities by name."""
    with ivy.db.read():
        return [_charity(row) for row in ledger.active_charities()]


def charity(ivy: Ivy, charity_id: str) -> giving.Charity:
    """One charity, active or not."""
    with ivy.db.read():
        row = ledger.charity(charity_id)
    if row is None:
        raise NotFound("There is no such charity.")
    return _charity(row)


def _member(member_id: str) -> Member:
    member = member_rows.by_id(member_id)
    if member is None:
        raise NotFound("There is no such member.")
    return member


def _charity(row: ledger.Charity) -> giving.Charity:
    return giving.Charity(
        id=row.id, name=row.name, description=row.description, category=row.category, impact_metric=row.impact_metric,
        impact_per_pound=row.impact_per_pound, logo_url=row.logo_url, website=row.website, is_active=row.is_active,
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def _card(charity_id: str) -> giving.CharityCard:
    row = ledger.charity(charity_id)
    if row is None:
        raise LookupError(f"the ledger names charity {charity_id}, which does not exist")
    return giving.CharityCard(row.id, row.name, row.impact_metric, row.impact_per_pound, row.logo_url)


def _donation(row: ledger.Donation, member_id: str, workout_id: str | None) -> giving.Donation:
    return giving.Donation(
        id=row.id,
        user_id=member_id,
        charity_id=row.charity_id,
        amount=Money(row.amount, row.currency),
        currency=row.currency,
        donation_type=row.donation_type,
        workout_id=workout_id,
        streak_days=row.streak_days,
        created_at=row.created_at,
        charity=_card(row.charity_id),
    )
