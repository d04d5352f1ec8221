"""Charities, wallets and the giving ledger. The ledger is append-only: triggers refuse UPDATE and DELETE."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date, datetime
from typing import NamedTuple

from peewee import SQL, BooleanField, IntegerField, TextField

from ivy_engine.domain.ledger import Entry
from ivy_engine.store.db import Instant, Table, db, from_ms
from ivy_engine.store.due import DueColumn


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
    month_start = Instant(null=True)  # the period that was rolled into last
    roll_due_at = Instant(null=True)
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


class Figures(NamedTuple):
    """The sums of a local day, of its month, and of all time."""

    day: Sums
    month: Sums
    ever: Sums


_SUMS = (
    "SELECT COALESCE(SUM(CASE WHEN donation_type = 'COMPLETION' THEN amount END), 0), COALESCE(SUM(amount), 0), COUNT(*) "
    "FROM donation WHERE account = ?"
)


def charity(charity_id: str) -> Charity | None:
    return Charity.one("id", charity_id)


def charities_by_id(charity_ids: Iterable[str]) -> dict[str, Charity]:
    """Several charities in one query; a list of donations names the same few again and again."""
    wanted = set(charity_ids)
    return {row.id: row for row in Charity.select().where(Charity.id.in_(wanted))} if wanted else {}


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
    return Wallet.one("member_id", member_id)


ROLL = DueColumn("wallet", "roll_due_at", key="member_id")  # the wallet's month is over


def save_wallet(wallet: Wallet) -> None:
    if wallet.dirty_fields:
        wallet.save(only=wallet.dirty_fields)


def stop_rolling(member_id: str) -> None:
    db.changed("UPDATE wallet SET roll_due_at = NULL WHERE member_id = ?", member_id)


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


def sums_through_month(account: int, day: date) -> Sums:
    """Sums of all months up to and including that of a date."""
    return _sums(_SUMS + " AND local_month <= ?", account, day.isoformat()[:7])


def _sums_where(condition: str) -> str:
    return (
        f"COALESCE(SUM(CASE WHEN donation_type = 'COMPLETION' AND {condition} THEN amount END), 0), "
        f"COALESCE(SUM(CASE WHEN {condition} THEN amount END), 0), COUNT(CASE WHEN {condition} THEN 1 END)"
    )


_FIGURES = (
    f"SELECT {_sums_where('local_day = ?')}, {_sums_where('local_month = ?')}, {_sums_where('1')} "  # noqa: S608 - fixed texts
    "FROM donation WHERE account = ?"
)


def figures(account: int, day: date) -> Figures:
    """All that a wallet shows, in one query."""
    text = day.isoformat()
    found = db.row(_FIGURES, *[text] * 3, *[text[:7]] * 3, account) or (0,) * 9
    return Figures(Sums(*found[:3]), Sums(*found[3:6]), Sums(*found[6:]))


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


def bonuses_given(account: int) -> dict[str, date]:
    """The bonus types that were ever given, and the local day of the last time (R-44)."""
    rows = db.rows(
        "SELECT donation_type, MAX(local_day) FROM donation WHERE account = ? "
        "AND donation_type IN ('STREAK_7_DAY', 'STREAK_30_DAY', 'STREAK_90_DAY') GROUP BY donation_type",
        account,
    )
    return {kind: date.fromisoformat(day) for kind, day in rows}


def completion_of(workout_id: str) -> Donation | None:
    """The one COMPLETION donation of a workout. The type stands in the text: a partial index is not used for a parameter."""
    found: Donation | None = Donation.get_or_none((Donation.workout_id == workout_id) & SQL("donation_type = 'COMPLETION'"))
    return found


class Wanted(NamedTuple):
    """What a list of donations is narrowed to. `since` is inclusive, `until` exclusive."""

    donation_type: str | None = None
    charity_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(account: int, wanted: Wanted, after: tuple[datetime, str] | None, offset: int, limit: int) -> tuple[list[Donation], int]:
    """Newest first, and how many there are in all.

    `after` is the time and the id of the last one seen before. One row more than `limit` tells that there are more.
    """
    query = Donation.select().where(Donation.account == account)
    if wanted.donation_type:
        query = query.where(Donation.donation_type == wanted.donation_type)
    if wanted.charity_id:
        query = query.where(Donation.charity_id == wanted.charity_id)
    if wanted.since:
        query = query.where(Donation.created_at >= wanted.since)
    if wanted.until:
        query = query.where(Donation.created_at < wanted.until)
    rows = query.order_by(Donation.created_at.desc(), Donation.id.desc())
    if after:
        at, last_id = after
        rows = rows.where(Donation.created_at <= at, (Donation.created_at < at) | (Donation.id < last_id))
    return list(rows.offset(offset).limit(limit + 1)), query.count()


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


def by_charity_in(account: int, day: date) -> list[tuple[str, int, int]]:
    """(charity id, sum, count) of the month of a date, largest sum first."""
    rows = db.rows(
        "SELECT charity_id, SUM(amount), COUNT(*) FROM donation WHERE account = ? AND local_month = ? "
        "GROUP BY charity_id ORDER BY 2 DESC, 1",
        account,
        day.isoformat()[:7],
    )
    return [(row[0], row[1], row[2]) for row in rows]


def by_type(account: int) -> list[tuple[str, int, int]]:
    """(donation type, sum, count), largest sum first."""
    rows = db.rows(
        "SELECT donation_type, SUM(amount), COUNT(*) FROM donation WHERE account = ? GROUP BY donation_type ORDER BY 2 DESC, 1",
        account,
    )
    return [(row[0], row[1], row[2]) for row in rows]


_ENTRY = tuple(column.name for column in fields(Entry))
_ENTRIES = f"SELECT {', '.join(_ENTRY)} FROM donation ORDER BY rowid"  # noqa: S608 - names of our own columns


def entries() -> Iterator[Entry]:
    """The whole ledger in the order it was written, a row at a time."""
    for row in db.execute_sql(_ENTRIES):
        values = dict(zip(_ENTRY, row, strict=True))
        yield Entry(**{**values, "created_at": from_ms(values["created_at"])})


def currency() -> str | None:
    """The currency of the latest donation, None while there is none."""
    found = db.row("SELECT currency FROM donation ORDER BY rowid DESC LIMIT 1")
    return found[0] if found else None
