"""Every meaning of a message has an answer (R-114)."""

from ivy_engine.actions.inbound.hearing import ANSWERS
from ivy_engine.domain.inbound.reading import Intent


def test_every_meaning_is_answered() -> None:
    assert set(ANSWERS) == set(Intent)
