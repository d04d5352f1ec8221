"""Sums inside, on the wire, for the eye and for the ear (R-50, C-49, R-105)."""

from decimal import Decimal

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivy_engine.domain.money import WITHOUT_MINOR_UNIT, Money, minor_units

STEADY = settings(derandomize=True, deadline=None, max_examples=200)


@pytest.mark.parametrize(
    ("major", "currency", "minor"),
    [
        ("1.50", "GBP", 150),
        ("3", "GBP", 300),
        ("0.019", "GBP", 1),
        ("19.999", "EUR", 1999),
        ("300", "JPY", 300),
        ("1.5", "JPY", 1),
    ],
)
def test_minor_units_are_rounded_down(major: str, currency: str, minor: int) -> None:
    """R-50, R-52."""
    assert minor_units(Decimal(major), currency) == minor


@pytest.mark.parametrize(
    ("money", "wire"),
    [
        (Money(300, "GBP"), b"3"),
        (Money(150, "GBP"), b"1.5"),
        (Money(5, "GBP"), b"0.05"),
        (Money(1999, "GBP"), b"19.99"),
        (Money(0, "GBP"), b"0"),
        (Money(300, "JPY"), b"300"),
    ],
)
def test_money_on_the_wire_is_a_number(money: Money, wire: bytes) -> None:
    """C-49: not text, no trailing zeros."""
    assert orjson.dumps(money.major) == wire


@STEADY
@given(st.integers(0, 10**12), st.sampled_from(["GBP", "EUR", "JPY"]))
def test_the_wire_loses_nothing_and_shows_at_most_two_decimals(minor: int, currency: str) -> None:
    """R-50: 19.50 + 1 is never 19.51."""
    shown = orjson.dumps(Money(minor, currency).major).decode()
    assert len(shown.partition(".")[2]) <= 2
    assert minor_units(Decimal(shown), currency) == minor


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(300, "GBP"), "£3"),
        (Money(150, "GBP"), "£1.50"),
        (Money(5, "EUR"), "€0.05"),
        (Money(1999, "USD"), "$19.99"),
        (Money(300, "JPY"), "300 JPY"),
        (Money(250, "SEK"), "2.50 SEK"),
    ],
)
def test_money_as_a_person_reads_it(money: Money, text: str) -> None:
    assert money.text == text


@pytest.mark.parametrize(
    ("money", "text"),
    [(Money(300, "GBP"), "£3.00"), (Money(5, "EUR"), "€0.05"), (Money(300, "JPY"), "300 JPY"), (Money(250, "SEK"), "2.50 SEK")],
)
def test_money_as_it_stands_in_an_account(money: Money, text: str) -> None:
    """R-62: a receipt's columns."""
    assert money.exact == text


@pytest.mark.parametrize(
    ("money", "spoken"),
    [(Money(100, "GBP"), "1.00"), (Money(150, "GBP"), "1.50"), (Money(0, "GBP"), "0.00"), (Money(7, "JPY"), "7.00")],
)
def test_money_as_the_voice_agent_is_told(money: Money, spoken: str) -> None:
    """R-105: two places."""
    assert money.spoken == spoken


def test_currencies_without_a_minor_unit() -> None:
    """ISO 4217: their smallest unit is the whole one."""
    assert {"JPY", "KRW", "VND", "CLP"} <= WITHOUT_MINOR_UNIT
    assert not {"GBP", "EUR", "USD", "CHF"} & WITHOUT_MINOR_UNIT
