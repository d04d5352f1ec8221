"""Words that must never be met with cheer or a nudge (R-150, D-3). False alarms are acceptable, misses are not."""

import re

_NOT = r"(?:n'?t| not)"
_CLASSES = {
    "self_harm": (
        r"kill(?:ing|ed)? (?:myself|my self|me)", r"end(?:ing)? (?:my|this) life", r"end(?:ing)? it all", r"suicid\w*",
        r"self[ -]?harm\w*", r"(?:hurt|cut)(?:ting|ing)? (?:myself|my self)", r"(?:want(?:ed|ing|s)?|wanna) (?:to )?die",
        r"better off dead", rf"do{_NOT} (?:want to|wanna) (?:live|be here|wake up|be alive)",
    ),
    "abuse": (
        r"(?:hit|hits|hitting|beat|beats|beating|threaten|threatens|threatened|threatening|abuse|abuses|abused|abusing) me",
        r"abused", r"(?:not|n'?t) (?:feel )?safe at home", r"unsafe at home", r"(?:scared|afraid) to go home",
    ),
    "eating_disorder": (
        r"ma(?:k(?:e|es|ing)|de) myself (?:sick|throw up|vomit)", r"thr(?:ow|ows|owing|ew|own) up after (?:eating|meals|food)",
        r"purg(?:e|es|ed|ing)", r"starv(?:e|es|ed|ing) myself", rf"(?:ha(?:ve|s)(?:{_NOT})?|'ve not|not) eaten (?:for|in) days",
        r"laxatives?",
    ),
    "acute": (
        r"chest pains?", r"ca(?:n'?t|nnot|n not) breath(?:e)?", r"faint(?:ed|ing|s)", r"pass(?:ed|ing|es)? out",
        r"collaps(?:e|es|ed|ing)", r"severe pains?", r"heavy bleeding", r"bleeding heavily",
        r"(?:broke|broken|breaking) my (?!(?:\w+ )?(?:records?|streak|pb|best|fast|habit|promise)\b)\w+",
    ),
}  # fmt: skip
_PATTERNS = {name: re.compile(r"(?<!\w)(?:" + "|".join(words) + r")(?!\w)") for name, words in _CLASSES.items()}


def concern(text: str) -> str | None:
    """The class of a worrying expression in lower-case text with plain apostrophes, or None."""
    return next((name for name, pattern in _PATTERNS.items() if pattern.search(text)), None)
