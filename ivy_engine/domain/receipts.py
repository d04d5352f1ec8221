"""A month's giving in one numbered sheet, and about what it has done (R-62)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ivy_engine.domain.errors import Invalid, Problem
from ivy_engine.domain.giving import CharityCard, CharityShare
from ivy_engine.domain.money import Money
from ivy_engine.domain.workouts import YEARS

# "2 nets per £1", "1 person supported per £5"
_PER_POUNDS = re.compile(r"\s*(\d+(?:\.\d+)?)\s+(.+?)\s+per\s+£\s?(\d+(?:\.\d+)?)\s*")


@dataclass(frozen=True)
class Receipt:
    """`month` reads `2026-05`. `lifetime` is what was given until its end, so that a receipt always says the same."""

    number: str
    month: str
    completions: int
    total: Money
    by_charity: tuple[CharityShare, ...]
    impact_equivalent: str | None
    lifetime: Money


def number(month: str, account: int) -> str:
    """Unique, and the same whenever it is asked for: the month and the number of the member's account."""
    return f"{month}/{account}"


def month_name(first: date) -> str:
    """As `month` reads it."""
    return first.isoformat()[:7]


def month(text: str) -> date:
    """The first date of a month written as `2026-05`; 422 for anything else and for years outside 2000 to 2199."""
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text, re.ASCII)
    if found is None or int(found[1]) not in YEARS:
        raise _wrong_month("write a month as 2026-05")
    return date(int(found[1]), int(found[2]), 1)


def check_not_to_come(first: date, today: date) -> None:
    """422 for a month that has not begun in the member's zone."""
    if first > today:
        raise _wrong_month("this month is still to come")


def _wrong_month(message: str) -> Invalid:
    return Invalid(Problem("query.month", message))


def impact(shares: Iterable[CharityShare]) -> str | None:
    """About what the sums have done, as `about 3 malaria nets provided and 4 minutes of support`; None if nobody can say."""
    told = [text for share in shares if (text := _equivalent(share.charity, share.amount)) is not None]
    if not told:
        return None
    *others, last = told
    return f"about {', '.join(others)} and {last}" if others else f"about {last}"


def _equivalent(charity: CharityCard, given: Money) -> str | None:
    """Rounded down. Pounds say nothing about other currencies, and less than one of something is nothing to tell."""
    found = _PER_POUNDS.fullmatch(charity.impact_per_pound)
    if found is None or given.currency != "GBP" or not Decimal(found[3]):
        return None
    units = int(given.minor * Decimal(found[1]) // (100 * Decimal(found[3])))
    singular = Decimal(found[1]) == 1
    if units == 1:
        return f"1 {found[2]}" if singular else None
    return f"{units} {charity.impact_metric if singular else found[2]}" if units else None
