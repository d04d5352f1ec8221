"""How Ivy speaks, in every language that has a folder: short, kind, British, one question at most (R-118)."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

import pytest

from ivy_engine.wording import previews, templates

FOLDERS = resources.files("ivy_engine.wording")
LONGEST = 320  # characters: two texts by SMS, and what a phone shows without scrolling
# What is not said, and why
FORBIDDEN = {
    "blame": r"fail(?:ed|ure|ing)?|lazy|should(?:n't)? have|disappoint\w*|excuses?|only (?:\d|\{\{)|at least you|you forgot",
    "hyperbole": r"amazing\w*|incredibl[ey]|awesome|crush\w*|smash\w*|beast\w*|epic|insane\w*|legend\w*|unstoppable",
    "diet talk": r"calories?|weight|fat|burn\w*|diet\w*|earn your|cheat day|slim\w*|skinny",
    "comparison": r"others|everyone else|everybody else|better than|worse than|most people|average member|leaderboard",
    "American spelling": (
        r"(?!(?:size|prize|seize|capsize)[sd]?\b)\w+iz(?:es?|ed|ing|ations?)|(?:col|fav|hon|lab|neighb|harb|hum|behavi|flav)or\w*|"
        r"center\w*|gray|mom|programs?|cancel(?:ed|ing)|travel(?:ed|ing|er)|fulfill|practicing"
    ),
    "another currency": r"\$ ?\d*|USD",
}
EMOJI = re.compile("[\U0001f000-\U0001faff☀-➿⬀-⯿]")
TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
BUTTONS = {"DONE", "SKIP", "REST", "MINIMUM", "CALL_ME"}
NOT_SAID = {"magic_link": {"token"}}  # for machines: the words have it in the link


def texts() -> Iterator[tuple[str, str]]:
    """Every text of every file of every language, with the place where it stands."""
    for language in templates.languages():
        for file in sorted(FOLDERS.joinpath(language).iterdir(), key=lambda file: file.name):
            for name, words in tomllib.loads(file.read_text("utf-8")).items():
                yield from _parts(f"{language}/{file.name} {name}", words)


def _parts(place: str, words: Any) -> Iterator[tuple[str, str]]:
    if isinstance(words, str):
        yield place, words
    else:
        for name, part in words.items():
            yield from _parts(f"{place}.{name}", part)


TEXTS = dict(texts())
every_text = pytest.mark.parametrize("place", TEXTS)
TEMPLATES = [(language, name) for language in templates.languages() for name in templates.names()]
every_template = pytest.mark.parametrize(("language", "name"), TEMPLATES)


def said(text: str) -> str:
    """What is left of a text for people, all its branches one after the other."""
    return TAG.sub("", text)


@every_text
@pytest.mark.parametrize("why", FORBIDDEN)
def test_what_is_not_said(place: str, why: str) -> None:
    if why == "American spelling" and not place.startswith("en-"):
        pytest.skip("it is another language")
    words = re.sub(r"<[^>]*>", " ", said(TEXTS[place]))
    found = re.search(rf"(?<![\w-])(?:{FORBIDDEN[why]})(?!\w)", words, re.IGNORECASE)
    assert found is None, f"{found[0]!r} is {why}"


@every_text
def test_one_question_and_two_emoji_at_most(place: str) -> None:
    text = said(TEXTS[place])
    assert text.count("?") <= 1
    assert len(EMOJI.findall(text)) <= 2
    assert text.count("!") <= 1


def test_the_lists_find_what_they_are_for() -> None:
    for why, sentences in {
        "blame": ["You failed to log.", "No excuses today.", "Only 2 done.", "Only {{ done }} done.", "You should have gone."],
        "hyperbole": ["Amazing!", "You crushed it.", "Beast mode."],
        "diet talk": ["Burn it off.", "You earn your pizza.", "About 300 calories."],
        "comparison": ["Others have run today.", "You are better than last week's best."],
        "American spelling": ["Realize it.", "Your favorite color.", "In the center.", "Organizing.", "The program."],
        "another currency": ["$5 given."],
    }.items():
        for sentence in sentences:
            assert re.search(rf"(?<![\w-])(?:{FORBIDDEN[why]})(?!\w)", sentence, re.IGNORECASE), sentence
    for fine in (
        "A programme of the right size.",
        "The prize.",
        "Colour, favour, centre.",
        "It is the only one.",
        "Your mother.",
    ):
        for why, pattern in FORBIDDEN.items():
            assert not re.search(rf"(?<![\w-])(?:{pattern})(?!\w)", fine, re.IGNORECASE), (why, fine)


@every_template
def test_messages_are_short(language: str, name: str) -> None:
    if not templates.kind(name).mail:
        assert 0 < len(templates.render(name, previews.examples(name), language=language)) <= LONGEST


def test_catalogue_and_words_agree() -> None:
    """Every template has English words, and no words stand there for nothing."""
    for language in templates.languages():
        words = set(tomllib.loads(FOLDERS.joinpath(language, "messages.toml").read_text("utf-8")))
        assert words <= set(templates.names())
        assert language != templates.ENGLISH or words == set(templates.names())


@every_template
def test_the_words_need_what_the_catalogue_gives(language: str, name: str) -> None:
    kind = templates.kind(name)
    parts = ["body", *(["subject", "html"] if kind.mail else [])]
    found = [text for part in parts if (text := templates.source(name, part, language)) is not None]
    used = set().union(*(templates.parameters(text) for text in found))
    assert used == set(kind.params) - NOT_SAID.get(name, set())
    assert (templates.source(name, "subject", language) is not None) == kind.mail


@every_template
def test_what_whatsapp_is_given(language: str, name: str) -> None:
    """Words with conditions have a form without; each parameter of it is one line that says something (PROVIDERS 2.2)."""
    if templates.kind(name).mail:
        return
    body = templates.approved_body(name, language)
    assert "{%" not in body
    given = previews.examples(name)
    for params in (given, {**given, **dict.fromkeys(_may_be_empty(name, language), "")}, {key: "a\n b" for key in given}):
        filled = templates.approved(name, params, language)
        assert set(filled) == templates.parameters(body)
        assert all(value and "\n" not in value and "  " not in value for value in filled.values())


def _may_be_empty(name: str, language: str) -> set[str]:
    """Parameters that a condition asks for."""
    return set(re.findall(r"{% if (\w+) %}", templates.source(name, "body", language) or ""))


@every_template
def test_whatsapp_approves_no_parameter_at_an_end(language: str, name: str) -> None:
    """What is not an answer may have to leave as an approved template; Meta refuses one that begins or ends with a parameter."""
    kind = templates.kind(name)
    if kind.mail or kind.type in ("quick_reply", "rescue_response"):
        return
    body = templates.approved_body(name, language)
    assert not body.startswith("{{")
    assert not body.endswith("}}")


def test_buttons_are_three_at_most_and_known() -> None:
    for name in templates.names():
        buttons = templates.kind(name).buttons
        assert len(buttons) <= 3
        assert set(buttons) <= BUTTONS


def test_every_parameter_has_an_example() -> None:
    known: Mapping[str, Mapping[str, str]] = tomllib.loads(FOLDERS.joinpath("examples.toml").read_text("utf-8"))
    used = {param for name in templates.names() for param in templates.kind(name).params}
    assert set(known["params"]) == used
    for name, own in known.items():
        assert name == "params" or set(own) <= set(templates.kind(name).params)
