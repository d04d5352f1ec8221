"""The impact wallet: a member's limits for small gifts, what is used of them, and the month they count in (R-53 to R-61)."""

import logging
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from ivy_engine.actions import one_by_one
from ivy_engine.domain import giving, money, zones
from ivy_engine.domain.errors import Forbidden, NotFound, invalid
from ivy_engine.domain.money import Money
from ivy_engine.engine import Ivy
from ivy_engine.store import companies
from ivy_engine.store import giving as ledger
from ivy_engine.store import members as member_rows
from ivy_engine.store.giving import Wallet
from ivy_engine.store.members import Member

log = logging.getLogger(__name__)


def terms(ivy: Ivy, member: Member) -> giving.TierTerms:
    """What the member's tier allows, in minor units; the month's limit of a company's people is the company's (R-132)."""
    values = getattr(ivy.settings.tiers, member.subscription_tier)
    currency = ivy.settings.giving.currency
    company = companies.by_id(member.company_id) if member.subscription_tier == "B2B" and member.company_id else None
    limit = money.minor_units(values.monthly_limit, currency)
    return giving.TierTerms(
        call_days=values.call_days,
        monthly_limit=company.impact_wallet_per_user if company else limit,
        daily_cap=money.minor_units(values.daily_cap, currency),
        amount=money.minor_units(values.amount, currency),
    )


def open_wallet(ivy: Ivy, member: Member, now: datetime) -> None:
    """The wallet with the tier's limits (R-7). Inside a write."""
    limits = terms(ivy, member)
    wallet = Wallet(
        id=ivy.clock.new_id(), member_id=member.id, monthly_limit=limits.monthly_limit, daily_cap=limits.daily_cap,
        created_at=now, updated_at=now,
    )  # fmt: skip
    _enter_month(wallet, member, now)
    ledger.open_wallet(wallet)


def take_tier_limits(ivy: Ivy, member: Member, now: datetime) -> None:
    """A new tier sets the wallet's limits at once; what was spent stays (R-61). Inside a write."""
    wallet = of_member(member.id)
    limits = terms(ivy, member)
    wallet.monthly_limit, wallet.daily_cap, wallet.updated_at = limits.monthly_limit, limits.daily_cap, now
    ledger.save_wallet(wallet)


def change_limits(
    ivy: Ivy, member_id: str, monthly_limit: Decimal | None, daily_cap: Decimal | None, may_exceed_tier: bool
) -> giving.WalletRow:
    """Set limits, in major units; None leaves one as it is.

    422 unless they are whole minor units above 0 and the day's cap fits into the month's limit; 403 above the tier's values.
    """
    now = ivy.clock.now()
    currency = ivy.settings.giving.currency
    with ivy.db.write():
        member = member_rows.existing(member_id)
        wallet = of_member(member_id)
        if monthly_limit is not None:
            wallet.monthly_limit = money.whole_minor_units(monthly_limit, currency, "monthlyLimit")
        if daily_cap is not None:
            wallet.daily_cap = money.whole_minor_units(daily_cap, currency, "dailyCap")
        if wallet.daily_cap > wallet.monthly_limit:
            raise invalid("dailyCap", "this must not be more than monthlyLimit")
        most = terms(ivy, member)
        raised = (monthly_limit is not None and wallet.monthly_limit > most.monthly_limit) or (
            daily_cap is not None and wallet.daily_cap > most.daily_cap
        )
        if raised and not may_exceed_tier:
            raise Forbidden("Your subscription does not allow limits as high as these.")
        if wallet.dirty_fields:
            wallet.updated_at = now
            ledger.save_wallet(wallet)
        figures = standing(ivy, member)[0].wallet
        return giving.WalletRow(
            id=wallet.id, user_id=member.id, **vars(figures), created_at=wallet.created_at, updated_at=wallet.updated_at
        )


def impact_wallet(ivy: Ivy, member_id: str) -> giving.ImpactWallet:
    """Limits, what was given today and this month, and the room left (R-53 to R-55). Month and day are derived, never reset."""
    with ivy.db.read():
        return standing(ivy, member_rows.existing(member_id))[0]


def standing(ivy: Ivy, member: Member) -> tuple[giving.ImpactWallet, giving.Share]:
    """The wallet as it is now, and all that was ever given. Inside a read or a write."""
    now = ivy.clock.now()
    wallet = of_member(member.id)
    day, month, ever = ledger.figures(ledger.account_of(member.id), zones.local_date(now, member.timezone))
    rooms = giving.Rooms(day.completion, wallet.daily_cap, month.completion, wallet.monthly_limit)

    def sum_of(minor: int) -> Money:
        return Money(minor, ivy.settings.giving.currency)

    now_is = giving.ImpactWallet(
        wallet=giving.Wallet(
            monthly_limit=sum_of(wallet.monthly_limit),
            daily_cap=sum_of(wallet.daily_cap),
            current_month_spent=sum_of(month.completion),
            lifetime_donated=sum_of(ever.total),
            month_start_date=zones.month_start(now, member.timezone),
        ),
        current_month=giving.Totals(sum_of(month.total), month.rows, sum_of(rooms.month)),
        today=giving.Totals(sum_of(day.total), day.rows, sum_of(rooms.day)),
    )
    return now_is, giving.Share(sum_of(ever.total), ever.rows)


def of_member(member_id: str) -> Wallet:
    wallet = ledger.wallet_of(member_id)
    if wallet is None:
        raise NotFound("This member has no wallet.")
    return wallet


def rolled(member: Member, now: datetime) -> Wallet:
    """The wallet in the local month of `now`, before its limits are looked at (R-55). Inside a write."""
    wallet = of_member(member.id)
    _enter_month(wallet, member, now)
    ledger.save_wallet(wallet)
    return wallet


def _enter_month(wallet: Wallet, member: Member, now: datetime) -> bool:
    """What was spent in a month is summed from the ledger: entering one only moves the period."""
    start = zones.month_start(now, member.timezone)
    if wallet.month_start == start and wallet.roll_due_at is not None:
        return False
    wallet.month_start = start
    following = zones.next_month(zones.local_date(now, member.timezone))
    wallet.roll_due_at = zones.day_start(following, member.timezone)
    return True


def next_roll(ivy: Ivy) -> datetime | None:
    return one_by_one.next_due(ivy, ledger.ROLL)


def roll_due(ivy: Ivy, ids: Sequence[str] = ()) -> int:
    """Enter the new month with every wallet whose local month is over (J-7); how many wallets did."""
    return one_by_one.each(ivy, ledger.ROLL, one_by_one.whose_time_has_come(ivy, ledger.ROLL, ids), _roll, "the wallet's month")


def _roll(ivy: Ivy, member_id: str, now: datetime) -> int:
    member, wallet = member_rows.existing(member_id), of_member(member_id)
    if wallet.roll_due_at is None or wallet.roll_due_at > now:
        return 0
    wallet.roll_due_at = None  # entering the month says when the next one begins
    moved = _enter_month(wallet, member, now)
    ledger.save_wallet(wallet)
    return int(moved)


def follow_zone(member: Member, now: datetime) -> None:
    """A new zone moves the end of the local month. Inside a write."""
    wallet = of_member(member.id)
    if wallet.roll_due_at is not None:
        wallet.roll_due_at = None
        _enter_month(wallet, member, now)
        ledger.save_wallet(wallet)
