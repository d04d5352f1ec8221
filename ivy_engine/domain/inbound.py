"""What a member's message means (R-114). Whole words only; the first rule that matches wins."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ivy_engine.domain import safety


@dataclass(frozen=True)
class Received:
    """A message from a stranger's or member's phone. `text` is None for what is not text (a voice note, a picture)."""

    channel: str  # WHATSAPP or SMS
    provider_id: str
    from_number: str  # E.164
    kind: str  # text, button, audio, ...
    text: str | None
    button: str | None
    sent_at: datetime | None


class Intent(Enum):
    CONCERN = "concern"  # rule 1: nothing else may happen
    NOT_DONE = "not_done"  # rule 6
    DONE = "done"  # rule 7
    UNSURE = "unsure"  # rule 7 beside a word of rule 9: ask, change nothing
    OTHER = "other"


_APOSTROPHES = str.maketrans("’‘`´", "''''")
_DONE = re.compile(r"(?<![\w'-])(done|completed|finished|did it)(?![\w'-])")
_FAILED = re.compile(r"(?<!\w)(didn't|didnt|did not|couldn't|couldnt|could not)(?!\w)")
_DOUBT = re.compile(r"(?<!\w)(skip|can't|cant|tired|exhausted|don't want|help)(?!\w)")
_NEGATION = re.compile(
    r"(?<!\w)(not|never|no|nothing|cannot|didn't|didnt|haven't|havent|hasn't|hasnt|wasn't|wasnt|isn't|isnt|couldn't|"
    r"couldnt|can't|cant|won't|wont|don't|dont|without|almost|nearly|half|unfinished)(?!\w)"
    r"(?! (?:a )?(?:problem|bad|worries|only|excuses))"
)
_QUESTION = re.compile(r"\?\s*$|^(when|how|what|will|should|can|could|do|does|is|are) ")


def plain(text: str) -> str:
    """Lower case, trimmed, one kind of apostrophe, single spaces."""
    return " ".join(text.translate(_APOSTROPHES).lower().split())


def intent(text: str) -> Intent:
    said = plain(text)
    if safety.concern(said):
        return Intent.CONCERN
    if _FAILED.search(said):
        return Intent.NOT_DONE
    if not _DONE.search(said):
        return Intent.OTHER
    if _NEGATION.search(said):
        return Intent.NOT_DONE
    if _DOUBT.search(said):
        return Intent.UNSURE
    return Intent.OTHER if _QUESTION.search(said) else Intent.DONE
