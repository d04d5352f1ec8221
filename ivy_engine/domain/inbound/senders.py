"""The numbers a sender may be known by: WhatsApp writes some with a digit more or less than their owners (PROVIDERS 2.1)."""

import re


def known_by(number: str) -> tuple[str, ...]:
    """A number in E.164 as it came, and as members of that country write it."""
    brazil = re.fullmatch(r"\+55(\d\d)(\d{8})", number)
    if brazil:
        return number, f"+55{brazil[1]}9{brazil[2]}"
    mexico = re.fullmatch(r"\+521(\d{10})", number)
    return (number, f"+52{mexico[1]}") if mexico else (number,)
