"""Giving: what a completion, a streak and an operator give, and the ledger as a member reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ivy_engine.actions import audit, wallets
from ivy_engine.domain import companies as programmes
from ivy_engine.domain import filters, giving, money, zones
from ivy_engine.domain import ledger as ledger_rules
from ivy_engine.domain.audit import Actor
from ivy_engine.domain.errors import NotFound, invalid
from ivy_engine.domain.members import subscription_usable
from ivy_engine.domain.money import Money
from ivy_engine.domain.streaks import BONUSES, Streak, due_bonuses
from ivy_engine.engine import Ivy
from ivy_engine.store import companies
from ivy_engine.store import giving as ledger
from ivy_engine.store import members as member_rows
from ivy_engine.store.members import Member


def give_for_completion(
    ivy: Ivy, member: Member, workout_id: str, now: datetime
) -> tuple[giving.Donation | None, giving.SkippedReason | None]:
    """The donation of a workout that has just counted, or why there is none (R-51 to R-58). Inside a write."""
    existing = ledger.completion_of(workout_id)
    if existing is not None:
        return _donation(existing, member.id, workout_id, _known(existing.charity_id)), None
    charity, reason = _receiver(member, now)
    if charity is None:
        return None, reason
    today = zones.local_date(now, member.timezone)
    account = ledger.account_of(member.id)
    rooms = _rooms(account, wallets.rolled(member, now), today)
    amount = giving.completion_amount(wallets.terms(ivy, member).amount, rooms)
    if amount <= 0:
        return None, giving.cap_reason(rooms)
    row = _new_row(ivy, member, account, charity, amount, giving.COMPLETION, today, now)
    row.workout_id = workout_id
    row.day_total, row.day_cap = rooms.day_total + amount, rooms.day_cap
    row.month_total, row.month_cap = rooms.month_total + amount, rooms.month_cap
    ledger.add_donation(row)
    return _donation(row, member.id, workout_id, charity), None


def given_for(member_id: str, workout_id: str) -> giving.Donation | None:
    """The donation that a workout has made."""
    row = ledger.completion_of(workout_id)
    return _donation(row, member_id, workout_id, _known(row.charity_id)) if row else None


def given_on(ivy: Ivy, member_id: str, day: date) -> Money:
    """All that the member gave on a local date. Inside a read."""
    return Money(ledger.day_sums(ledger.account_of(member_id), day).total, ivy.settings.giving.currency)


def give_bonuses(ivy: Ivy, member: Member, streak: Streak, now: datetime) -> list[giving.Donation]:
    """Every level the streak has reached and that is due (R-43 to R-46, R-54). Inside a write."""
    charity, _ = _receiver(member, now)
    if charity is None:
        return []
    account = ledger.account_of(member.id)
    last = ledger.bonuses_given(account)
    given = {level: last[giving.bonus_type(level)] for level in BONUSES if giving.bonus_type(level) in last}
    today = zones.local_date(now, member.timezone)
    per_run = ivy.settings.giving.bonus_reearn == "per_run"
    donations = []
    for level in due_bonuses(streak, given, today, per_run):
        amount = money.minor_units(Decimal(BONUSES[level]), ivy.settings.giving.currency)
        row = _new_row(ivy, member, account, charity, amount, giving.bonus_type(level), today, now)
        row.streak_days = level
        row.bonus_run = str(streak.current_start) if level in given else ""
        ledger.add_donation(row)
        donations.append(_donation(row, member.id, None, charity))
    return donations


def give_manually(
    ivy: Ivy, actor: Actor, member_id: str, charity_id: str, amount: Decimal, currency: str | None
) -> giving.Donation:
    """An operator's gift on a member's account, on top of all caps (R-54, R-60). `amount` is in major units.

    404 without such a member or active charity, 422 for another currency or an amount that is not whole minor units above 0.
    """
    now = ivy.clock.now()
    ours = ivy.settings.giving.currency
    if currency is not None and currency != ours:
        raise invalid("currency", f"this engine gives in {ours}")
    minor = money.whole_minor_units(amount, ours, "amount")
    with ivy.db.write():
        member = member_rows.existing(member_id)
        found = ledger.charity(charity_id)
        if found is None or not found.is_active:
            raise NotFound("There is no such charity.")
        row = _new_row(
            ivy, member, ledger.account_of(member.id), found, minor, giving.MANUAL, zones.local_date(now, member.timezone), now
        )
        ledger.add_donation(row)
        audit.record(ivy, actor, "donation_given", member.id, "a manual donation")
        return _donation(row, member.id, None, found)


def _receiver(member: Member, now: datetime) -> tuple[ledger.Charity | None, giving.SkippedReason | None]:
    """The charity that a gift of this moment goes to, or why nothing is given whatever the caps say (R-57, R-58).

    The preferred charity if it is active; a company's default for its people, whose gifts need a running season (R-133).
    """
    company = companies.by_id(member.company_id) if member.subscription_tier == "B2B" and member.company_id else None
    wanted = (member.preferred_charity_id, company.default_charity_id if company else None)
    found = (ledger.charity(charity_id) for charity_id in wanted if charity_id)
    charity = next((charity for charity in found if charity and charity.is_active), None)
    if charity is None:
        return None, "NO_CHARITY"
    if not subscription_usable(member.subscription_status, member.past_due_since, now):
        return None, "SUBSCRIPTION_INACTIVE"
    today = zones.local_date(now, member.timezone)
    if company is not None and not programmes.in_season(company.season_start_date, company.season_end_date, today):
        return None, "SEASON_INACTIVE"
    return charity, None


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


@dataclass(frozen=True)
class Filter:
    """What a list of donations is narrowed to; dates as a request writes them, in the member's zone."""

    donation_type: str | None = None
    charity_id: str | None = None
    start: str | None = None
    end: str | None = None


def donations(
    ivy: Ivy, member_id: str, wanted: Filter, *, after: tuple[datetime, str] | None, page: int, limit: int
) -> tuple[list[giving.Donation], int]:
    """The member's donations, newest first, and how many there are.

    A page of them, or those after the time and id of one; and one more than `limit` if there are more.
    """
    offset = 0 if after else (page - 1) * limit
    with ivy.db.read():
        since, until = filters.span(wanted.start, wanted.end, member_rows.existing(member_id).timezone)
        narrowed = ledger.Wanted(wanted.donation_type, wanted.charity_id, since, until)
        rows, total = ledger.page(ledger.account_of(member_id), narrowed, after, offset, limit)
        alive = ledger.existing_workouts([row.workout_id for row in rows if row.workout_id])
        known = ledger.charities_by_id(row.charity_id for row in rows)
        kept = [row.workout_id if row.workout_id in alive else None for row in rows]
        listed = [_donation(row, member_id, workout, known[row.charity_id]) for row, workout in zip(rows, kept, strict=True)]
        return listed, total


def donation_stats(ivy: Ivy, member_id: str) -> giving.DonationStats:
    """All that the member has given, by charity and by type, largest first."""
    currency = ivy.settings.giving.currency
    with ivy.db.read():
        account = ledger.account_of(member_id)
        ever = ledger.lifetime_sums(account)
        by_charity = ledger.by_charity(account)
        return giving.DonationStats(
            total=giving.Share(Money(ever.total, currency), ever.rows),
            by_charity=_shares(by_charity, currency),
            by_type=tuple(
                giving.TypeShare(kind, Money(amount, currency), count) for kind, amount, count in ledger.by_type(account)
            ),
        )


def given_in(ivy: Ivy, account: int, month: date) -> tuple[giving.CharityShare, ...]:
    """What was given in a local month, whose first date is given, by charity. Inside a read or a write."""
    return _shares(ledger.by_charity_in(account, month), ivy.settings.giving.currency)


def _shares(sums: Sequence[tuple[str, int, int]], currency: str) -> tuple[giving.CharityShare, ...]:
    known = ledger.charities_by_id(charity_id for charity_id, _, _ in sums)
    return tuple(giving.CharityShare(_card(known[charity]), Money(amount, currency), count) for charity, amount, count in sums)


def other_currency(ivy: Ivy) -> str | None:
    """The ledger's currency if it is not the one in the settings: sums of two currencies cannot be added (R-50)."""
    with ivy.db.read():
        found = ledger.currency()
    return found if found not in (None, ivy.settings.giving.currency) else None


def verify_ledger(ivy: Ivy) -> ledger_rules.Verified:
    """Work out every sum, cap and key of the ledger again (`ivy ledger verify`)."""
    with ivy.db.read():
        return ledger_rules.verify(ledger.entries(), ivy.settings.giving.currency)


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


def _charity(row: ledger.Charity) -> giving.Charity:
    return giving.Charity(
        id=row.id, name=row.name, description=row.description, category=row.category, impact_metric=row.impact_metric,
        impact_per_pound=row.impact_per_pound, logo_url=row.logo_url, website=row.website, is_active=row.is_active,
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def _known(charity_id: str) -> ledger.Charity:
    row = ledger.charity(charity_id)
    if row is None:
        raise LookupError(f"the ledger names charity {charity_id}, which does not exist")
    return row


def _card(row: ledger.Charity) -> giving.CharityCard:
    return giving.CharityCard(row.id, row.name, row.impact_metric, row.impact_per_pound, row.logo_url)


def _donation(row: ledger.Donation, member_id: str, workout_id: str | None, charity: ledger.Charity) -> giving.Donation:
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
        charity=_card(charity),
    )
