"""Silence is an answer (R-117)."""

from datetime import UTC, datetime, timedelta

import pytest

from ivy_engine.domain.kindness import FULL_BUDGET, May, budget, may_ask

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("unanswered", "asked", "may"),
    [(0, False, May.ASK), (2, False, May.ASK), (3, False, May.ASK_TO_GO_ON), (3, True, May.BE_QUIET), (9, True, May.BE_QUIET)],
)
def test_three_unanswered_questions_are_followed_by_one_and_then_by_none(unanswered: int, asked: bool, may: May) -> None:
    assert may_ask(unanswered, asked) is may


@pytest.mark.parametrize(("days", "questions"), [(-1, 7), (0, 7), (6, 7), (7, 3), (13, 3), (14, 1), (21, 1), (400, 1)])
def test_each_week_of_silence_halves_the_next_ones_budget(days: int, questions: int) -> None:
    assert budget(NOW - timedelta(days=days), NOW) == questions


def test_a_new_member_has_the_whole_budget() -> None:
    assert budget(None, NOW) == FULL_BUDGET
