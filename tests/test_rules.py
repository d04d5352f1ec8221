"""Citations and docs/rules.md: what is cited stands there, what stands there is cited, its figures are the code's."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from ivy_engine.domain.calls.planning import ONBOARDING_LEAD
from ivy_engine.domain.calls.states import DIAL_TRIES, LATE_TOLERANCE, STUCK_AFTER
from ivy_engine.domain.members import PAYMENT_GRACE
from ivy_engine.domain.money import Money, minor_units
from ivy_engine.domain.sign_in import CODE_TRIES, LINK_LIFE
from ivy_engine.domain.streaks import BONUSES
from ivy_engine.domain.workouts import FUTURE_TOLERANCE, LATE_DAYS, MOVES, REMINDER_LEAD, REMINDER_LEAST
from ivy_engine.settings import Settings

MINUTE = timedelta(minutes=1)
ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "rules.md"
TEXT = PAGE.read_text("utf-8")
ENTRIES = dict(re.findall(r"^- \*\*([RSJCD]-\d+[a-f]?)\*\* (.+)$", TEXT, re.MULTILINE))
# "R-34b" and "R-34 b" are the same; J-16 is two jobs, which are always named in full
CITED = re.compile(r"\b([RSJCD]-\d+[a-f]?)\b(?: ([a-f])\b(?! \w))?")


def citations(*patterns: str) -> set[str]:
    found = set()
    for pattern in patterns:
        for file in ROOT.glob(pattern):
            if file == PAGE or file.name == Path(__file__).name:
                continue
            for number, letter in CITED.findall(file.read_text("utf-8")):
                found.add(number + letter if number + letter in ENTRIES else number)
    return found


IN_CODE = ("ivy_engine/**/*.py", "ivy_engine/**/*.toml", "tests/**/*.py")
IN_TEXT = ("docs/*.md", "*.md", "ivy.toml")


def test_every_rule_that_is_cited_stands_on_the_page() -> None:
    found = citations(*IN_CODE, *IN_TEXT)
    assert len(found) > 100
    assert sorted(found - set(ENTRIES)) == []


def test_every_rule_on_the_page_is_cited() -> None:
    """R-34's letters are cited together as often as alone."""
    found = citations(*IN_CODE)
    assert sorted(number for number in ENTRIES if number not in found and number.rstrip("abcdef") not in found) == []


def test_every_entry_is_written_once_and_says_something() -> None:
    numbers = re.findall(r"^- \*\*([A-Z]-\d+[a-f]?)\*\*", TEXT, re.MULTILINE)
    assert sorted(set(numbers)) == sorted(numbers) == sorted(ENTRIES)
    assert [number for number, text in ENTRIES.items() if len(text) < 20] == []


def test_the_figures_are_those_of_the_code() -> None:
    for level, amount in BONUSES.items():
        assert f"{level} days" in ENTRIES["R-42"]
        assert f"{amount}.00" in ENTRIES["R-42"]
    assert f"{LATE_DAYS} local days back" in ENTRIES["R-31"]
    assert f"{FUTURE_TOLERANCE // MINUTE} minutes ahead" in ENTRIES["R-31"]
    assert f"{LINK_LIFE // MINUTE}:01" in ENTRIES["S-3"]
    assert f"within {LINK_LIFE // MINUTE} minutes" in ENTRIES["R-8"]
    assert f"after {CODE_TRIES} wrong codes" in ENTRIES["R-8"]
    assert Settings().rules.rest_days_per_7 == 2
    assert "two in any seven" in ENTRIES["R-34b"]


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("R-10", f"at least {ONBOARDING_LEAD // MINUTE} minutes ahead"),
        ("R-15", f"once {PAYMENT_GRACE.days} days of grace"),
        ("R-98", f"more than {LATE_TOLERANCE // MINUTE} minutes late"),
        ("R-102", f"asked {DIAL_TRIES} times in all"),
        ("J-3", f"nothing was heard for {STUCK_AFTER // MINUTE} minutes"),
        ("J-4", f"a reminder {REMINDER_LEAD // MINUTE} minutes before"),
        ("J-4", f"less than {REMINDER_LEAST // MINUTE} minutes are left"),
    ],
)
def test_spans_and_counts_are_those_of_the_code(number: str, says: str) -> None:
    assert says in ENTRIES[number]


def test_the_moves_of_a_workout_are_those_of_the_code() -> None:
    table = TEXT.partition("- **R-24** ")[2].partition("- **R-25** ")[0]
    cells = re.findall(r"^  \| ([A-Z, ]+) \| ([A-Z, ]+) \|", table, re.MULTILINE)
    shown = {(was, to) for before, after in cells for was in before.split(", ") for to in after.split(", ")}
    assert shown == {(was, to) for was, moves in MOVES.items() for to in moves}


def test_the_tiers_are_those_of_the_settings() -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| ")]
    table = {row[0]: row[1:] for row in rows}
    tiers = dict(Settings().tiers)
    assert table["call-days a week"] == [str(tier.call_days) for tier in tiers.values()]
    for name, field in (("a month", "monthly_limit"), ("a day", "daily_cap"), ("a workout", "amount")):
        assert table[name] == [Money(minor_units(getattr(tier, field), "GBP"), "GBP").text[1:] for tier in tiers.values()]
