"""Charities, wallets and the giving ledger. The ledger is append-only: triggers refuse UPDATE and DELETE."""

from datetime import date
from typing import NamedTuple

from peewee import SQL, BooleanField, IntegerField, TextField

from ivy_engine.store.db import Instant, Table, db


class Charity(Table):
    id = TextField(primary_key=True)
    name = TextField(unique=True)
    description = TextField()
    category = TextField()
    impact_metric = TextField()
    impact_per_pound = TextField()
    logo_url = TextField(null=True)
    website = TextField(null=True)
    is_active = BooleanField(default=True)
    created_at = Instant()
    updated_at = Instant()


class Wallet(Table):
    id = TextField(primary_key=True)
    member_id = TextField(unique=True)
    monthly_limit = IntegerField()
    daily_cap = IntegerField()
    created_at = Instant()
    updated_at = Instant()


class Donation(Table):
    id = TextField(primary_key=True)
    account = IntegerField()
    charity_id = TextField()
    amount = IntegerField()
    currency = TextField()
    donation_type = TextField()
    workout_id = TextField(null=True)
    streak_days = IntegerField(null=True)
    bonus_run = TextField(default="")
    company_id = TextField(null=True)
    local_day = TextField()
    local_month = TextField()
    created_at = Instant()
    day_total = IntegerField(null=True)
    day_cap = IntegerField(null=True)
    month_total = IntegerField(null=True)
    month_cap = IntegerField(null=True)


class Sums(NamedTuple):
    """Sums of one span: of COMPLETION rows alone, of all rows, and their number."""

    completion: int
    total: int
    rows: int


_SUMS = (
    "SELECT COALESCE(SUM(CASE WHEN donation_type = 'COMPLETION' THEN amount END), 0), COALESCE(SUM(amount), 0), COUNT(*) "
    "FROM donation WHERE account = ?"
)


def charity(charity_id: str) -> Charity | None:
    found: Charity | None = Charity.get_or_none(Charity.id == charity_id)
    return found


def charity_named(name: str) -> Charity | None:
    found: Charity | None = Charity.get_or_none(Charity.name == name)
    return found


def active_charities() -> list[Charity]:
    return list(Charity.select().where(Charity.is_active).order_by(Charity.name))


def add_charity(row: Charity) -> None:
    row.save(force_insert=True)


def open_wallet(wallet: Wallet) -> None:
    """The wallet and the account number that the ledger knows the member by."""
    wallet.save(force_insert=True)
    db.changed("INSERT INTO account (member_id) VALUES (?)", wallet.member_id)


def wallet_of(member_id: str) -> Wallet | None:
    found: Wallet | None = Wallet.get_or_none(Wallet.member_id == member_id)
    return found


def save_wallet(wallet: Wallet) -> None:
    if wallet.dirty_fields:
        wallet.save(only=wallet.dirty_fields)


def account_of(member_id: str) -> int:
    found = db.row("SELECT number FROM account WHERE member_id = ?", member_id)
    if found is None:
        raise LookupError(f"member {member_id} has no account")
    number: int = found[0]
    return number


def day_sums(account: int, day: date) -> Sums:
    text = day.isoformat()
    return _sums(_SUMS + " AND local_month = ? AND local_day = ?", account, text[:7], text)


def month_sums(account: int, day: date) -> Sums:
    return _sums(_SUMS + " AND local_month = ?", account, day.isoformat()[:7])


def lifetime_sums(account: int) -> Sums:
    return _sums(_SUMS, account)


def sums_between(account: int, start: date, end: date) -> Sums:
    """Sums of the local days from `start` up to, not including, `end`."""
    first, last = start.isoformat(), end.isoformat()
    return _sums(
        _SUMS + " AND local_month >= ? AND local_month <= ? AND local_day >= ? AND local_day < ?",
        account,
        first[:7],
        last[:7],
        first,
        last,
    )


def _sums(sql: str, *values: object) -> Sums:
    found = db.row(sql, *values)
    return Sums(*found) if found else Sums(0, 0, 0)


def add_donation(donation: Donation) -> None:
    donation.save(force_insert=True)


def claimed_bonuses(account: int) -> frozenset[str]:
    rows = db.rows(
        "SELECT donation_type FROM donation WHERE account = ? "
        "AND donation_type IN ('STREAK_7_DAY', 'STREAK_30_DAY', 'STREAK_90_DAY')",
        account,
    )
    return frozenset(row[0] for row in rows)


def completion_of(workout_id: str) -> Donation | None:
    """The one COMPLETION donation of a workout. The type stands in the text: a partial index is not used for a parameter."""
    found: Donation | None = Donation.get_or_none((Donation.workout_id == workout_id) & SQL("donation_type = 'COMPLETION'"))
    return found


def page(account: int, donation_type: str | None, charity_id: str | None, offset: int, limit: int) -> tuple[list[Donation], int]:
    """Newest first, and how many there are in all."""
    query = Donation.select().where(Donation.account == account)
    if donation_type:
        query = query.where(Donation.donation_type == donation_type)
    if charity_id:
        query = query.where(Donation.charity_id == charity_id)
    rows = query.order_by(Donation.created_at.desc(), Donation.id.desc()).offset(offset).limit(limit)
    return list(rows), query.count()


def existing_workouts(workout_ids: list[str]) -> frozenset[str]:
    """Which of these workouts have not been deleted (R-26)."""
    if not workout_ids:
        return frozenset()
    marks = ", ".join("?" * len(workout_ids))
    rows = db.rows(f"SELECT id FROM workout WHERE id IN ({marks})", *workout_ids)  # noqa: S608 - marks only
    return frozenset(row[0] for row in rows)


def by_charity(account: int) -> list[tuple[str, int, int]]:
    """(charity id, sum, count), largest sum first."""
    rows = db.rows(
        "SELECT charity_id, SUM(amount), COUNT(*) FROM donation WHERE account = ? GROUP BY charity_id ORDER BY 2 DESC, 1",
        account,
    )
    return [(row[0], row[1], row[2]) for row in rows]


def by_type(account: int) -> list[tuple[str, int, int]]:
    """(donation type, sum, count), largest sum first."""
    rows = db.rows(
        "SELECT donation_type, SUM(amount), COUNT(*) FROM donation WHERE account = ? GROUP BY donation_type ORDER BY 2 DESC, 1",
        account,
    )
    return [(row[0], row[1], row[2]) for row in rows]
