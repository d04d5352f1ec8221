"""What a member's message means: the table of R-114, one function for each row, and the first row that matches wins."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from ivy_engine.domain import safety


class Intent(Enum):
    CONCERN = "concern"
    STOP = "stop"
    START = "start"
    CONTINUE = "continue"  # after a safety hold
    BACK = "back"  # from being away
    PAUSE = "status_pause"
    SICK = "status_sick"
    TRAVELLING = "status_travelling"
    SCORE = "score"
    YES = "yes"
    NO = "no"
    REST = "rest"
    NOT_DONE = "not_done"
    DONE = "done"
    UNSURE = "unsure"  # "done" beside a word of doubt: ask, change nothing
    SKIP = "skip"
    RESCUE = "rescue"
    HELP = "help"
    CALL_ME = "call_me"
    STATS = "stats"
    PLAN = "plan"
    OTHER = "unknown"


@dataclass(frozen=True)
class Circumstances:
    """What a short answer may be meant for: the kinds of the open questions, the newest first, and how the member stands."""

    open: Sequence[str] = ()
    away: bool = False
    in_hold: bool = False
    by_sms: bool = False


@dataclass(frozen=True)
class Reading:
    """`number` is a score from 1 to 10; `concern` is a class of R-150."""

    intent: Intent
    number: int | None = None
    concern: str | None = None


YES_OR_NO = frozenset({"rescue", "status_offer", "skip_question", "done_or_tired", "still_welcome", "wellbeing"})
PULSE = frozenset({"pulse_energy", "pulse_mood"})
# WhatsApp carries 4,096 characters; what is meant for us, apart from trouble, is said at the beginning
LONGEST, LONGEST_COMMAND = 20_000, 1_000
_BUTTONS = {"DONE": "done", "SKIP": "skip", "REST": "rest", "MINIMUM": "yes", "CALL_ME": "call me"}

# One sign for each of the apostrophes and hyphens that telephones write; what cannot be seen is left out
_ALIKE = str.maketrans({**dict.fromkeys("’‘‛`´ʼʹ′＇", "'"), **dict.fromkeys("‐‑‒–—−", "-")})
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")
_FILLERS = re.compile(r"^(?:ok|okay|just|please|pls|plz) | (?:please|pls|plz|today|tonight|thanks|thank you|x+)$")


def _words(*alternatives: str) -> re.Pattern[str]:
    """Any of them, as whole words."""
    return re.compile(rf"(?<![\w'-])(?:{'|'.join(alternatives)})(?![\w'-])")


_STOP = frozenset(
    {
        "stop", "unsubscribe", "opt out", "optout", "opt-out", "stop all", "stopall", "unsubscribe all", "stop please",
        "please stop", "stop messaging me", "stop texting me", "stop writing to me", "stop sending messages",
    }
)  # fmt: skip
_GO_ON = re.compile(r"(?<!not )(?<!don't want to )\b(?:continue|go on|carry on|resume)\b")
_SICK, _TRAVELLING = _words("sick", "unwell"), _words("travelling", "traveling")
_NUMBER = re.compile(r"(?<![\w:.,/-])(\d{1,3})(?![\w:/-]|[.,]\d)")
_TIME_BEFORE = re.compile(r"\b(?:at|by|until|till|for|in|around) (?:about )?$")
_AMOUNT_AFTER = re.compile(
    r" ?(?:%|(?:min|mins|minutes?|hours?|hrs?|km|k|miles?|laps?|sets?|reps?|pages?|chapters?|times|days?|workouts?|sessions?)\b)"
)
_OF_TEN = re.compile(r"(?<=\d)(?: ?/ ?10| out of (?:10|ten))\b")
_SPELT = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_AGREES = (
    "yes", "yeah", "yea", "yep", "yup", "ok", "okay", "sure", "fine", "alright", "all right", "deal", "i will", "let's do it",
    "lets do it",
)  # fmt: skip
_AGREEMENT = re.compile(rf"(?:{'|'.join(_AGREES)})(?![\w'-])")
_ALSO_AGREES = frozenset(
    {"go on", "go on then", "that's fine", "thats fine", "sounds good", "sounds fine", "why not", "please do", "y", "i'll do it"}
)
_REFUSALS = frozenset({"no", "not now", "nope", "nah", "no thanks", "no thank you", "not really", "n", "no not now"})
_REST_DAY = _words("rest day", "restday")
_NO_REST = re.compile(r"\b(?:no|not a|without) rest ?day")
_DONE = re.compile(r"(?<![\w'-])(?<!well )(?<!than )(done|completed|finished|did it)(?![\w'-])")
_FAILED = re.compile(r"(?<!\w)(didn't|didnt|did not|couldn't|couldnt|could not)(?!\w)")
_NEGATION = re.compile(
    r"(?<!\w)(not|never|no|nothing|cannot|didn't|didnt|haven't|havent|hasn't|hasnt|wasn't|wasnt|isn't|isnt|couldn't|"
    r"couldnt|can't|cant|won't|wont|don't|dont|without|almost|nearly|half|unfinished)(?!\w)"
    r"(?! (?:a )?(?:problem|bad|worries|only|excuses))"
)
_LATER = re.compile(r"(?<!\w)(?:will|i'll|ill|it'll|gonna|going to|when)(?!\w)")
_QUESTION = re.compile(r"\?\s*$|^(when|how|what|will|should|can|could|do|does|is|are|have) ")
_CLAUSE = re.compile(r"[.,;!?\n]")
_DOUBT = re.compile(
    r"(?<![\w'-])(skip|can't(?! (?:wait|complain|believe))|cant(?! (?:wait|complain|believe))|cannot|can not|(?<!not )tired|"
    r"exhausted|don't want|dont want|do not want|help(?! yourself))(?![\w'-])"
)
_CALL_ME = re.compile(
    r"(?<![\w'-])(?<!don't )(?<!dont )(?<!not )(?<!mates )(?<!friends )call me(?![\w'-])"
    r"(?=\W*$|[.,!?]| (?:please|pls|now|back|at|in|on|later|again|when|asap|today|tonight|tomorrow|this|around|after|before|x)\b)"
)
_NO_CALL = re.compile(r"(?:don't|dont|do not|never|stop|not|no)\b.*\bcall me|^(?:did|do|why|when|who|have|has)\b.*\bcall me")
_BY_SMS = frozenset({"cancel", "end", "quit", "revoke"})  # the carrier takes these for a stop (PROVIDERS 3.5)
_STATS = _words("stats", "progress")
_NO_STATS = re.compile(r"progress (?:on|with|in) (?:my|the|your) (?:refund|order|request|complaint)")
_NO_PLAN = frozenset({"", "yes", "no", "ok", "okay", "thanks", "thank you", "don't know", "don't know yet", "dont know", "later"})


def plain(text: str) -> str:
    """Lower case, trimmed, one kind of apostrophe and hyphen, single spaces, nothing that cannot be seen."""
    visible = "".join(
        sign for sign in unicodedata.normalize("NFKC", text.translate(_ALIKE)) if unicodedata.category(sign) != "Cf"
    )
    return " ".join(visible.translate(_ALIKE).lower().split())


def whole(said: str) -> str:
    """A plain text without what stands around its words, for the rows that want a whole message."""
    return _AROUND.sub("", said)


def _bare(said: str) -> str:
    """As `whole`, without words of politeness."""
    found = whole(said)
    while (shorter := whole(_FILLERS.sub("", found))) != found:
        found = shorter
    return found


def read(text: str, button: str | None = None, about: Circumstances | None = None) -> Reading:
    """The first row of R-114 that matches; a button stands for its word (R-115)."""
    about = about or Circumstances()
    words = _BUTTONS.get((button or "").upper(), text or button or "").strip()[:LONGEST]
    said = plain(words[:LONGEST_COMMAND].replace("\n", "; "))
    concern = safety.concern(plain(words))
    if concern:
        return Reading(Intent.CONCERN, concern=concern)
    number = _score(said, about)
    if number is not None and not _status(said):
        return Reading(Intent.SCORE, number=number)
    for matches, intent in _ROWS:
        if matches(said, about):
            return Reading(intent)
    return Reading(Intent.OTHER)


def _score(said: str, about: Circumstances) -> int | None:
    """Row 4: one number from 1 to 10, and no time or amount, while a pulse question is open."""
    if not PULSE.intersection(about.open) or whole(said) in _STOP | {"start", "pause"}:
        return None
    if whole(said) in _SPELT:
        return _SPELT.index(whole(said)) + 1
    without_ten = _OF_TEN.sub("", said)
    numbers = list(_NUMBER.finditer(without_ten))
    if len(numbers) != 1 or not 1 <= int(numbers[0][1]) <= 10:
        return None
    before, after = without_ten[: numbers[0].start()], without_ten[numbers[0].end() :]
    return None if _TIME_BEFORE.search(before) or _AMOUNT_AFTER.match(after) else int(numbers[0][1])


def _status(said: str) -> bool:
    return bool(_SICK.search(said) or _TRAVELLING.search(said))


def _is_yes(said: str, about: Circumstances) -> bool:
    """Row 4a: an agreement (D-17), with nothing else in it that a later row knows better."""
    if not YES_OR_NO.intersection(about.open):
        return False
    if "👍" in said and not whole(said):
        return True
    agrees = whole(said) in _ALSO_AGREES or _AGREEMENT.match(whole(said)) is not None
    known_better = (_NEGATION, _REST_DAY, _DONE, _DOUBT, _QUESTION, _CALL_ME)
    return agrees and not any(pattern.search(said) for pattern in known_better)


def _is_no(said: str, about: Circumstances) -> bool:
    return bool(YES_OR_NO.intersection(about.open)) and whole(said) in _REFUSALS


def _is_rest(said: str, about: Circumstances) -> bool:
    whole_day = _REST_DAY.search(said) is not None and not _NO_REST.search(said)
    return _bare(said) == "rest" or whole_day


def _is_not_done(said: str, about: Circumstances) -> bool:
    """Row 6: "didn't", "couldn't", or a negation before "done" in one clause; "Done! Didn't think I could" is for row 7."""
    done, failed = _DONE.search(said), _FAILED.search(said)
    if failed and not (done and done.start() < failed.start()):
        return True
    return done is not None and _NEGATION.search(_clause_before(said, done.start())) is not None


def _clause_before(said: str, at: int) -> str:
    return _CLAUSE.split(said[:at])[-1]


def _is_done(said: str, about: Circumstances) -> bool:
    done = _DONE.search(said)
    return done is not None and not _LATER.search(_clause_before(said, done.start())) and not _QUESTION.search(said)


def _is_unsure(said: str, about: Circumstances) -> bool:
    return _is_done(said, about) and bool(_DOUBT.search(said) or _FAILED.search(said))


def _is_skip(said: str, about: Circumstances) -> bool:
    """Row 8: an answer to what was asked; out of the blue it is row 9."""
    return _bare(said) == "skip" and bool({"completion_check", "rescue", "skip_question"}.intersection(about.open))


def _is_plan(said: str, about: Circumstances) -> bool:
    asks_or_declines = _QUESTION.search(said) or re.match(r"(?:i'm |im |i am )?not\b|no\b", said)
    return "planning" in about.open and whole(said) not in _NO_PLAN and not asks_or_declines


_ROWS: tuple[tuple[Callable[[str, Circumstances], bool], Intent], ...] = (
    (lambda said, about: bool({_bare(said), whole(said)} & (_STOP | _BY_SMS if about.by_sms else _STOP)), Intent.STOP),
    (lambda said, about: whole(said) in ("start", "unstop"), Intent.START),
    (lambda said, about: about.in_hold and _GO_ON.search(said) is not None, Intent.CONTINUE),
    (lambda said, about: about.away and _bare(said) in ("back", "i'm back", "im back", "i am back", "resume"), Intent.BACK),
    (lambda said, about: _bare(said) == "pause", Intent.PAUSE),
    (lambda said, about: _SICK.search(said) is not None, Intent.SICK),
    (lambda said, about: _TRAVELLING.search(said) is not None, Intent.TRAVELLING),
    (_is_yes, Intent.YES),
    (_is_no, Intent.NO),
    (_is_rest, Intent.REST),
    (_is_not_done, Intent.NOT_DONE),
    (_is_unsure, Intent.UNSURE),
    (_is_done, Intent.DONE),
    (_is_skip, Intent.SKIP),
    (lambda said, about: whole(said) == "help", Intent.HELP),
    (lambda said, about: _DOUBT.search(said) is not None, Intent.RESCUE),
    (lambda said, about: _CALL_ME.search(said) is not None and not _NO_CALL.search(said), Intent.CALL_ME),
    (lambda said, about: _STATS.search(said) is not None and not _NO_STATS.search(said), Intent.STATS),
    (_is_plan, Intent.PLAN),
)
