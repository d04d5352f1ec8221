"""What people really write, against the table of R-114; half of it by somebody who had not seen the matcher."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ivy_engine.domain.inbound.reading import Circumstances, plain, read
from ivy_engine.domain.safety import concern

HERE = Path(__file__).parent


def phrases(file: str) -> list[tuple[str, str, str]]:
    """(text, what is open, what it must be read as)."""
    groups = tomllib.loads((HERE / file).read_text("utf-8"))["phrases"]
    return [(text, group["open"], group["intent"]) for group in groups for text in group["texts"]]


OURS, BLIND = phrases("phrases.toml"), phrases("phrases_blind.toml")
HELP: dict[str, list[str]] = tomllib.loads((HERE / "safety_blind.toml").read_text("utf-8"))


def reading(text: str, is_open: str) -> str:
    return read(text, None, Circumstances(open=() if is_open == "nothing" else (is_open,))).intent.value


def test_there_are_enough_and_half_of_them_are_somebody_elses() -> None:
    assert len(OURS) + len(BLIND) >= 240
    assert len(BLIND) >= len(OURS) >= 100
    assert len({intent for _, _, intent in (*OURS, *BLIND)}) == 20


def test_each_phrase_means_what_it_must(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints how often each meaning was read as each; off the diagonal there is nothing."""
    table = Counter((intent, reading(text, is_open)) for text, is_open, intent in (*OURS, *BLIND))
    with capsys.disabled():
        print(confusion(table))
    wrong = [(text, is_open, intent) for text, is_open, intent in (*OURS, *BLIND) if reading(text, is_open) != intent]
    assert wrong == []


def confusion(table: Counter[tuple[str, str]]) -> str:
    """One line for each meaning: right, wrong, and what it was taken for."""
    lines = [f"\n{'must be':20}{'right':>6}{'wrong':>6}  taken for"]
    for intent in sorted({must for must, _ in table}):
        wrong = {got: count for (must, got), count in table.items() if must == intent and got != intent}
        taken = ", ".join(f"{got} {count}" for got, count in sorted(wrong.items()))
        lines.append(f"{intent:20}{table[intent, intent]:6}{sum(wrong.values()):6}  {taken}".rstrip())
    return "\n".join(lines)


@pytest.mark.parametrize("name", ["self_harm", "abuse", "eating_disorder", "acute"])
def test_nobody_who_may_need_help_is_missed(name: str) -> None:
    """R-150."""
    assert len(HELP[name]) >= 11
    assert [text for text in HELP[name] if concern(plain(text)) != name] == []


def test_ordinary_talk_alarms_nobody() -> None:
    """D-3: obvious idioms are no matches; the doubtful ones may be."""
    assert [text for text in HELP["none"] if concern(plain(text))] == []


@pytest.mark.parametrize(
    ("payload", "intent"), [("DONE", "done"), ("SKIP", "skip"), ("REST", "rest"), ("MINIMUM", "yes"), ("CALL_ME", "call_me")]
)
def test_buttons_act_like_the_words(payload: str, intent: str) -> None:
    """R-115; what stands on the button does not matter."""
    about = Circumstances(open=("rescue",))
    assert read("Whatever it says", payload, about).intent.value == intent
    assert read("", payload.lower(), about).intent.value == intent


def test_what_only_means_something_to_somebody_who_is_away_or_on_hold() -> None:
    assert read("back").intent.value == "unknown"
    assert read("I'm back!", None, Circumstances(away=True)).intent.value == "back"
    assert read("continue").intent.value == "unknown"
    assert read("continue please", None, Circumstances(in_hold=True)).intent.value == "continue"


def test_the_newest_question_matters_only_where_a_row_says_so() -> None:
    """A number is a score while any pulse question is open, whatever was asked since."""
    found: Any = read("6", None, Circumstances(open=("rescue", "pulse_mood")))
    assert (found.intent.value, found.number) == ("score", 6)
