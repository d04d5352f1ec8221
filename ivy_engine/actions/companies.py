"""Companies that enrol their people."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from ivy_engine.domain.money import minor_units
from ivy_engine.engine import Ivy
from ivy_engine.store import companies
from ivy_engine.store.companies import Company

SEASON_WEEKS = 8
PLATFORM_FEE, IMPACT_WALLET = Decimal(15), Decimal(25)


def found_demo_company(ivy: Ivy, start: date, now: datetime) -> Company:
    """Acme Corp, season 1 (RULEBOOK 12), unless it is there. Inside a write."""
    existing = companies.named("Acme Corp")
    if existing is not None:
        return existing
    currency = ivy.settings.giving.currency
    company = Company(
        id=ivy.clock.new_id(),
        name="Acme Corp",
        contact_email="people@acme.example",
        contact_name="Pat Doe",
        season_start_date=start,
        season_end_date=start + timedelta(weeks=SEASON_WEEKS),
        season_weeks=SEASON_WEEKS,
        platform_fee_per_user=minor_units(PLATFORM_FEE, currency),
        impact_wallet_per_user=minor_units(IMPACT_WALLET, currency),
        created_at=now,
        updated_at=now,
    )
    companies.add(company)
    return company
