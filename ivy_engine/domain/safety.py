"""Words that must never be met with cheer or a nudge (R-150, D-3). False alarms are acceptable, misses are not."""

import re

_CLASSES = {
    "self_harm": (
        r"kill(ing)? (myself|my self)",
        r"end (my|this) life",
        r"end(ing)? it all",
        r"suicid\w*",
        r"self[ -]?harm\w*",
        r"hurt(ing)? myself",
        r"cut(ting)? myself",
        r"want(ed)? to die",
        r"wanna die",
        r"better off dead",
        r"do(n'?t| not) want to (live|be here|wake up)",
    ),
    "abuse": (
        r"(hit|hits|hitting|beat|beats|beating|threatened|abused|abuses|abusing) me",
        r"abused",
        r"not safe at home",
        r"scared to go home",
    ),
    "eating_disorder": (
        r"mak(e|ing) myself (sick|throw up)",
        r"throw(ing)? up after (eating|meals)",
        r"purg(e|ed|ing)",
        r"starv(e|ed|ing) myself",
        r"have(n'?t| not) eaten (for|in) days",
        r"laxatives?",
    ),
    "acute": (
        r"chest pains?",
        r"can(no|')?t breathe",
        r"faint(ed|ing)",
        r"pass(ed)? out",
        r"collapsed",
        r"severe pain",
        r"broke my (?!record|streak|pb|best)",
        r"heavy bleeding",
    ),
}
_PATTERNS = {name: re.compile(r"(?<!\w)(" + "|".join(words) + r")(?!\w)") for name, words in _CLASSES.items()}


def concern(text: str) -> str | None:
    """The class of a worrying expression in lower-case text with plain apostrophes, or None."""
    return next((name for name, pattern in _PATTERNS.items() if pattern.search(text)), None)
