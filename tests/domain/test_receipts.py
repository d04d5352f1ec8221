"""What a month's giving has done, and how months and receipts are named (R-62)."""

from datetime import date

import pytest

from ivy_engine.domain import receipts
from ivy_engine.domain.errors import Invalid
from ivy_engine.domain.giving import CharityCard, CharityShare
from ivy_engine.domain.money import Money


def share(per_pound: str, minor: int, metric: str = "things done", currency: str = "GBP") -> CharityShare:
    return CharityShare(CharityCard("c", "C", metric, per_pound, None), Money(minor, currency), 1)


@pytest.mark.parametrize(
    ("per_pound", "minor", "told"),
    [
        ("2 nets per £1", 700, "about 14 nets"),
        ("2 nets per £1", 749, "about 14 nets"),  # rounded down
        ("1 person supported per £5", 1499, "about 2 things done"),
        ("1 person supported per £5", 500, "about 1 person supported"),
        ("1 person supported per £5", 499, None),
        ("2 minutes per £1", 99, None),
        ("0.5 trees per £1", 300, None),
        ("0.5 trees per £1", 600, "about 3 trees"),
        ("3 meals per £2.50", 1000, "about 12 meals"),
        ("1 meal per £3", 300, "about 1 meal"),
        ("many nets", 700, None),
        ("2 nets per $1", 700, None),
        ("2 nets per £0", 700, None),
        ("", 700, None),
    ],
)
def test_the_equivalent_of_a_sum(per_pound: str, minor: int, told: str | None) -> None:
    assert receipts.impact([share(per_pound, minor)]) == told


def test_the_equivalents_of_several_charities() -> None:
    nets, minutes = share("2 nets per £1", 200), share("2 minutes per £1", 300)
    assert receipts.impact([nets, minutes]) == "about 4 nets and 6 minutes"
    assert receipts.impact([nets, share("who knows", 100), minutes, nets]) == "about 4 nets, 6 minutes and 4 nets"
    assert receipts.impact([]) is None


def test_pounds_say_nothing_about_other_currencies() -> None:
    assert receipts.impact([share("2 nets per £1", 700, currency="EUR")]) is None


def test_a_month_and_its_number() -> None:
    assert receipts.month("2026-05") == date(2026, 5, 1)
    assert receipts.number(receipts.month_name(date(2026, 5, 1)), 7) == "2026-05/7"


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-5", "2026-13", "2026-00", "1999-12", "2200-01", "2026-05-01", "٢٠٢٦-05", "May"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"query\.month"):
        receipts.month(text)


def test_a_month_to_come_is_refused() -> None:
    receipts.check_not_to_come(date(2026, 5, 1), date(2026, 5, 1))
    with pytest.raises(Invalid, match="still to come"):
        receipts.check_not_to_come(date(2026, 6, 1), date(2026, 5, 31))
