"""Words that must never be met with cheer or a nudge (R-150, D-3); misses are not acceptable. And who helps (R-151)."""

import re

import phonenumbers

HOLD_CLASSES = frozenset({"self_harm", "abuse"})  # everything else stops
_NOT = r"(?:n'?t| not)"
_LIMB = (
    r"(?:arm|leg|wrist|ankle|foot|hand|finger|toe|nose|ribs?|hip|knee|collarbone|shoulder|elbow|back|neck|skull|jaw|tooth|teeth"
    r"|bone)"
)
_THEM = r"(?:him|her|my (?:husband|wife|partner|dad|mum|boyfriend|girlfriend|ex))"
_HITS = r"(?:hit|hits|hitting|punch(?:es|ed)?|slap(?:s|ped)?|kick(?:s|ed)?)"
_CLUTTER = (
    r"(?:wardrobe|closet|inbox|flat|house|garage|shed|cupboards?|fridge|phone|lists?|contacts|clothes|stuff|desk|books|e?mails?)"
)
_THINGS = r"(?:records?|streak|pb|best|fast|habit|promise|strings?|phone|racket|laces?)"
_DAY = r"(?:\w+ )?(?:days?|weeks?|monday|tuesday|wednesday|thursday|friday|saturday|sunday|yesterday)"
_PILLS = r"(?:tablets|pills|meds|medication|paracetamol)"
_CLASSES = {
    "self_harm": (
        r"kil+(?:ing|ed)? (?:my ?self|meself)",
        r"kms",
        r"(?:want|wish) (?:some(?:one|body)|you|them) (?:to|would) kill me",
        r"end(?:ing)? (?:my|this) life",
        r"end(?:ing)? (?:it all|things|everything)",
        r"s[ui]+c+[iy]*d\w*",
        r"sewerslide",
        r"self[ -]?harm\w*",
        r"(?:hurt|cut|harm|burn)(?:ting|ing|ed)? (?:myself|my self)(?! some slack)",
        r"(?:started|been|keep) cutting",
        r"cutting again",
        r"(?:want(?:ed|ing|s)?|wanna|wish(?:ed)?) (?:to |i (?:could|would) )?die",
        r"wish i (?:was|were) dead",
        r"better off? (?:dead|without me)",
        rf"do{_NOT} (?:think i )?(?:want to|wanna) (?:live|be here|wake up|be alive|exist|go on)",
        r"(?:not|\w+n'?t) (?:going to |gonna )?be (?:around|here) (?:any ?more|much longer|tomorrow|for long)",
        r"not going to be around",
        r"wish i (?:would(?:n'?t| not)|did(?:n'?t| not)|could(?:n'?t| not)|never) (?:wake|woke) up",
        rf"(?:took|taken|taking) (?:all|a load|loads|too many|a lot|a handful)(?: of)?(?: my| the)? {_PILLS}",
        r"overdos\w*",
        r"goodbye (?:letters?|notes?)",
        r"(?:no|any|no more) reasons? (?:for living|to live|to be here)",
        r"nothing to live for",
        r"no point (?:in )?living",
    ),
    "abuse": (
        rf"(?<!it )(?<!it just )(?<!it really ){_HITS} me(?! (?:baby|that|with your|like)\b)(?! up\b(?! against))",
        r"(?:beat|beats|beating|beaten) me(?! (?:why|how|what|to it)\b)",
        r"(?:threat\w*|abuse|abuses|abusing|rape[sd]?|raping|chok(?:es|ed|ing)|strangl(?:es|ed|ing)) me",
        r"(?<!i )(?<!i've )abused",
        r"(?:not|\w+n'?t) (?:feel |feeling )?safe at home",
        r"unsafe at home",
        rf"(?:scared|afraid|frightened|terrified) (?:to go home|of going home|of {_THEM})",
        r"(?:scared|afraid|frightened|terrified) of what (?:he|she|they)(?:'?s|'?ll|'?re)?",
        rf"(?:do(?:es)?|wo|will){_NOT} let me (?:leave|go out|see)",
        r"(?:took|taken|has took|hides|hid) my keys",
        r"smash(?:es|ed|ing) (?:things|stuff) (?:if|when|up)",
        r"(?:he|she|they)(?:'ll| will| would|'s going to|s going to| is going to) kill me",
        r"kill me if i",
        r"hands? (?:round|around|on) my (?:neck|throat)",
        r"touched me",
        r"forced (?:me|himself|herself)",
        r"(?:was|been|got) (?:raped|assaulted)",
    ),
    "eating_disorder": (
        r"ma(?:k(?:e|es|ing)|de) my ?self (?:be )?(?:sick|throw up|vomit|puke)",
        r"sick on purpose",
        r"thr(?:ow|ows|owing|owin|ew|own) up after (?:i )?(?:eat(?:ing)?|ate|meals?|food|dinner|lunch|breakfast)",
        rf"purg(?:e|es|ed|ing)(?! (?:my|the|our|all|some|old) (?:\w+ )?{_CLUTTER})",
        r"starv(?:e|es|ed|ing) (?:myself|my self|me)",
        rf"(?:ha(?:ve|s)(?:{_NOT})|havnt|hav not|'ve not|not|barely|hardly) eaten (?:anything )?(?:for|in|since) {_DAY}",
        rf"nothing but (?:\w+ )?(?:coffee|water|tea|coke) (?:for|since) {_DAY}",
        r"lax[aeiou]tives?",
        r"(?:to )?burn off (?:a|an|the|that|what|my) \w+",
        r"hate that i ate",
        r"bing(?:ed|e ate|eing|ing) (?:again|and|on)",
        r"not allowed (?:any )?(?:food|to eat)",
        r"fingers? down (?:my|the) throat",
    ),
    "acute": (
        r"chest ?(?:pains?|pian|hurts)",
        r"pains? in (?:my|the) chest",
        r"chest (?:feels |is |really |so |very )*tight\w*",
        r"tight chest",
        r"(?:ca(?:n'?t|nnot|n not)|could(?:n'?t| not)) (?:breathe?|catch (?:my|a) breath)",
        r"short of breath",
        r"faint(?:ed|ing|s)?",
        r"black(?:ed|ing) out",
        r"pass(?:ed|ing|es)? out(?! (?:leaflets|flyers|cards|water))",
        r"col+aps(?:e|es|ed|ing)",
        r"severe pains?",
        r"heavy bleeding",
        r"bleeding heavily",
        rf"(?:wo|will|does|is){_NOT} stop(?:ping)? bleeding",
        r"cough(?:ing|ed)? up blood",
        r"vomit(?:ing|ed)? blood",
        rf"(?:broke|broken|breaking) my (?!(?:\w+ )?{_THINGS}\b)\w+",
        rf"(?:broke|broken|fractured|dislocated) (?:the |an? |his |her |your )?(?:\w+ )?{_LIMB}",
        r"ca(?:n'?t|nnot) put (?:any )?weight on",
        r"arm (?:is|feels|has gone|went) (?:numb|tingl\w*)",
        r"left arm",
        r"(?:face|mouth|side|arm|leg) (?:has |have |is |feels )?(?:gone |went )?numb",
        r"words come out wrong",
        r"slurr(?:ing|ed)",
        r"heart (?:is|keeps|has been|won'?t) (?:\w+ ){0,6}(?:wo(?:n'?t)? slow|slow down|lying|in bed|at rest)",
        r"(?:banged|hit|hurt|bumped) my head",
        r"seeing double",
        r"concuss\w*",
        r"seizures?",
        r"keep being sick",
    ),
}
_PATTERNS = {name: re.compile(r"(?<!\w)(?:" + "|".join(words) + r")(?!\w)") for name, words in _CLASSES.items()}

# The number to call in an emergency; 112 works from mobile phones in most other countries
EMERGENCY = {
    "GB": "999", "IE": "112", "US": "911", "CA": "911", "MX": "911", "AU": "000", "NZ": "111", "IN": "112", "NP": "100",
    "ZA": "112", "JP": "110", "CN": "110", "HK": "999", "SG": "995", "BR": "190", "AR": "911", "CL": "133", "KE": "999",
    "NG": "112", "AE": "999", "MY": "999",
}  # fmt: skip


CLASSES = tuple(_CLASSES)


def concern(text: str) -> str | None:
    """The class of a worrying expression in lower-case text with plain apostrophes, or None."""
    return next((name for name, pattern in _PATTERNS.items() if pattern.search(text)), None)


def country(phone: str | None) -> str:
    """The country of a phone number in E.164, `GB` if it has none of its own."""
    if phone is None:
        return "GB"
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone, None)) or "GB"
    except phonenumbers.NumberParseException:
        return "GB"


def emergency_number(of_country: str) -> str:
    return EMERGENCY.get(of_country, "112")
