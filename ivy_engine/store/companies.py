"""Companies that enrol their people (R-130)."""

from peewee import BooleanField, IntegerField, TextField

from ivy_engine.store.db import Day, Instant, Table


class Company(Table):
    id = TextField(primary_key=True)
    name = TextField(unique=True)
    contact_email = TextField()
    contact_name = TextField()
    domain = TextField(null=True)
    plan_type = TextField(default="standard")
    seats_purchased = IntegerField(default=0)
    current_season = IntegerField(default=1)
    season_start_date = Day(null=True)
    season_end_date = Day(null=True)
    season_weeks = IntegerField(default=8)
    platform_fee_per_user = IntegerField()
    impact_wallet_per_user = IntegerField()
    default_charity_id = TextField(null=True)
    auto_renew = BooleanField(default=True)
    is_active = BooleanField(default=True)
    created_at = Instant()
    updated_at = Instant()


def named(name: str) -> Company | None:
    found: Company | None = Company.get_or_none(Company.name == name)
    return found


def by_id(company_id: str) -> Company | None:
    return Company.one("id", company_id)


def add(company: Company) -> None:
    company.save(force_insert=True)
