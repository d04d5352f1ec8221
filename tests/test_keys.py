"""Links in mails: good for one purpose, for ever, whatever the secret is by then."""

import pytest

from ivy_engine.keys import BadToken, Keys

OLD, NEW = "a" * 32, "b" * 32


def test_a_link_says_what_was_signed() -> None:
    keys = Keys([OLD])
    token = keys.sign_link("unsubscribe", "0199a1b2", "receipts")
    assert keys.read_link("unsubscribe", token) == ["0199a1b2", "receipts"]
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_no_link_but_ours() -> None:
    keys = Keys([OLD])
    token = keys.sign_link("preferences", "0199a1b2")
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    for text in ("", "x", ".", "é", token[:-2], f"x{token}", changed, Keys([NEW]).sign_link("preferences", "0199a1b2")):
        with pytest.raises(BadToken):
            keys.read_link("preferences", text)
    with pytest.raises(BadToken):
        keys.read_link("unsubscribe", token)


def test_a_link_outlives_its_secret() -> None:
    token = Keys([OLD]).sign_link("preferences", "0199a1b2")
    both = Keys([NEW, OLD])
    assert both.read_link("preferences", token) == ["0199a1b2"]
    assert Keys([NEW]).read_link("preferences", both.sign_link("preferences", "0199a1b2")) == ["0199a1b2"]
    with pytest.raises(BadToken):
        Keys([NEW]).read_link("preferences", token)
