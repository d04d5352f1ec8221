"""Chance that is the same for the same seed: a number from a hash of what it decides."""

import hashlib


def draw(seed: int, *what: object) -> float:
    """A number from 0 up to 1."""
    text = ":".join(str(part) for part in (seed, *what))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) / 2**48


def token(seed: int, *what: object) -> str:
    """32 hex characters, an id as providers make them."""
    text = ":".join(str(part) for part in (seed, *what))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
