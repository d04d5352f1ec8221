"""What a member's words mean (R-114 rules 1, 6 and 7, R-150, D-3)."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivy_engine.domain.inbound.reading import Circumstances, Intent, plain, read
from ivy_engine.domain.safety import concern


def intent(text: str) -> Intent:
    return read(text).intent


STEADY = settings(derandomize=True, deadline=None, max_examples=200)


@pytest.mark.parametrize(
    "text",
    [
        "Done!",
        "done",
        "DONE",
        "  done  ",
        "Done 💪",
        "All done.",
        "I'm done",
        "I’m done",
        "Completed",
        "finished!",
        "Finished my run",
        "I did it!",
        "did  it",
        "Run done, 5k",
        "(done)",
        "done, no problem",
    ],
)
def test_done(text: str) -> None:
    """R-114 rule 7, S-33."""
    assert intent(text) is Intent.DONE


@pytest.mark.parametrize(
    "text",
    [
        "not done yet",
        "Not done",
        "I haven't finished",
        "I haven’t finished",
        "havent finished yet",
        "I didn't get it done",
        "I didn‘t get it done",
        "nothing done today",
        "almost done",
        "never completed it",
        "I couldn't get it done",
        "didn't finish",
        "didn’t finish",
        "didnt finish it",
        "I couldn't",
        "I couldn’t do it",
    ],
)
def test_not_done(text: str) -> None:
    """R-114 rule 6, S-34: "not done", "didn't", "haven't finished", "couldn't" are never a completion."""
    assert intent(text) is Intent.NOT_DONE


@pytest.mark.parametrize(
    "text", ["I'm done, too tired", "I’m done, too tired", "done. exhausted", "done, need help", "done... skip"]
)
def test_done_or_only_tired(text: str) -> None:
    """R-114 rule 7, S-34: a word of rule 9 beside it: ask, change nothing."""
    assert intent(text) is Intent.UNSURE


@pytest.mark.parametrize(
    "text",
    [
        "I abandoned my phone",
        "abandoned",
        "condone",
        "donee",
        "unfinished",
        "half-done",
        "undone",
        "done?",
        "are we done",
        "when is it done?",
        "What should I have finished?",
        "",
        "   ",
        "ok",
        "👍",
    ],
)
def test_never_a_completion(text: str) -> None:
    """R-114, S-34, C-18: whole words only, and a question is no report."""
    assert intent(text) is not Intent.DONE


@pytest.mark.parametrize(("text", "said"), [("  I’M   Done\n", "i'm done"), ("Didn`t", "didn't"), ("Can´t", "can't"), ("", "")])
def test_text_is_made_plain_first(text: str, said: str) -> None:
    """R-114: lower case, trimmed, one kind of apostrophe."""
    assert plain(text) == said


SELF_HARM = [
    "I want to kill myself", "kill myself", "killing myself", "I will end my life", "ending my life", "end it all",
    "ending it all", "suicide", "suicidal thoughts", "self-harm", "self harm", "I am self harming",
    "hurt myself", "hurting myself", "I cut myself", "cutting myself again", "I want to die", "wanting to die", "wanna die",
    "better off dead", "I don't want to live", "dont want to live", "I don’t want to live any more", "don't wanna live",
    "I don't want to be here any more", "I do not want to be here anymore",
]  # fmt: skip
ABUSE = [
    "he hits me", "she hit me", "he is hitting me", "he beats me", "dad beat me", "I was abused", "he is abusing me",
    "they abuse me", "I am not safe at home", "scared to go home", "he threatened me", "he threatens me",
]  # fmt: skip
EATING = [
    "I make myself sick", "making myself sick", "made myself sick", "throwing up after eating", "I threw up after eating",
    "purging", "I purged", "starving myself", "I starve myself", "I haven't eaten for days", "havent eaten for days",
    "I’ve not eaten for days", "took laxatives", "laxative",
]  # fmt: skip
ACUTE = [
    "chest pain", "chest pains since noon", "I can't breathe", "can’t breathe", "cant breathe", "cannot breathe",
    "cant breath", "I fainted", "fainting", "I passed out", "passing out", "I collapsed", "collapsing", "severe pain",
    "I broke my ankle", "I've broken my arm", "heavy bleeding",
]  # fmt: skip
SELF_HARM += [
    "I won't be here much longer", "I won't be around tomorrow", "suicde", "kil myself", "better of dead", "ki\u200bll myself",
    "i want to kill\nmyself", "want to\ndie", "self\u2011harm", "\uff4bill myself",
]  # fmt: skip
ABUSE += [
    "he just hit me", "my husband really hit me", "they just kicked me", "I don't feel safe at home", "it isn't safe at home",
    "he beats me at home", "he hit me up against the wall", "scared of going home", "I was beaten, he has beaten me",
]  # fmt: skip
EATING += ["purging my food"]
ACUTE += ["chestpain", "I couldn't breathe", "colapsed at the bar", "I can\u02bct breathe"]
CLASSES = {"self_harm": SELF_HARM, "abuse": ABUSE, "eating_disorder": EATING, "acute": ACUTE}
EXPRESSIONS = [(name, text) for name, texts in CLASSES.items() for text in texts]


@pytest.mark.parametrize(("name", "text"), EXPRESSIONS, ids=[text for _, text in EXPRESSIONS])
def test_safety_expressions_and_their_class(name: str, text: str) -> None:
    """R-150, D-3: inflections and common misspellings included; misses are not acceptable."""
    assert concern(plain(text)) == name


@pytest.mark.parametrize(
    "text", ["done. I want to die", "Done, but chest pain", "I didn't, I can't breathe", "finished?? I cut myself"]
)
def test_safety_comes_before_everything(text: str) -> None:
    """R-114 rule 1: nothing else may happen."""
    assert intent(text) is Intent.CONCERN


@pytest.mark.parametrize(
    "text",
    [
        "killing it today",
        "I'm dying to go for a run",
        "I broke my record",
        "broke my streak",
        "broke my PB",
        "that workout was a killer",
        "hit the gym",
        "beat my best time",
        "sick of rain, but done",
        "my heart was pounding",
        "homework is done",
        "it just hit me that I won",
        "hit me up later",
        "beats me why",
        "social distance",
        "purging my old wardrobe",
    ],
)
def test_idioms_are_no_safety_expressions(text: str) -> None:
    """D-3."""
    assert concern(plain(text)) is None


@STEADY
@given(st.text(max_size=60), st.sampled_from([text for _, text in EXPRESSIONS]))
def test_a_safety_expression_is_found_in_any_message(around: str, expression: str) -> None:
    """R-114 rule 1: whatever was written before it, and after it."""
    assert intent(f"{around} {expression}. {around}") is Intent.CONCERN


@STEADY
@given(st.text(max_size=80))
def test_every_text_means_something(text: str) -> None:
    """R-114: no text is an error, and space around it changes nothing."""
    assert intent(text) is intent(f"  {text}\n")


@pytest.mark.parametrize("piece", ["please ", "don't ", "!", "a ", "7 ", "chest feels really ", "\u200b", "half past "])
def test_a_text_of_any_length_is_read_as_fast_as_a_long_one(piece: str) -> None:
    """A message is a stranger's: what it costs does not grow with its square."""

    def cost(length: int) -> float:
        text, began = piece * (length // len(piece)), time.perf_counter()
        read(text, None, Circumstances(open=("rescue", "pulse_energy", "planning")))
        return time.perf_counter() - began

    assert cost(1_000_000) < 10 * max(cost(20_000), 0.02)


def test_trouble_is_found_far_back_in_a_text() -> None:
    """R-150."""
    assert intent("bla " * 1_000 + "I want to die") is Intent.CONCERN
