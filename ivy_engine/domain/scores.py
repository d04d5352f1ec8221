"""How a member feels and what has changed for them: scores, their trends, life markers (R-70 to R-74)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ivy_engine.domain.errors import Invalid, Problem, TierRequired, invalid

LOWEST, HIGHEST = 1, 10
LONGEST_MARKER = 1000

Direction = Literal["improving", "declining", "stable"]
Category = Literal["physical", "mental", "social", "professional"]
GivenCategory = Literal["physical", "mental", "social", "professional", "energy", "capability", "confidence"]
Significance = Literal["small", "medium", "major"]

# D02's categories are accepted beside ours (R-74)
CATEGORIES: dict[GivenCategory, Category] = {
    "physical": "physical",
    "mental": "mental",
    "social": "social",
    "professional": "professional",
    "energy": "physical",
    "capability": "physical",
    "confidence": "mental",
}
TIER_RANK = {"FREE": 0, "PRO": 1, "ELITE": 2, "B2B": 2, "CONCIERGE": 3}
MARKER_TIER = "ELITE"


@dataclass(frozen=True)
class Reading:
    """How a member feels, each from 1 to 10 or not said (R-70)."""

    energy: int | None = None
    mood: int | None = None
    health_confidence: int | None = None


def noted(text: str | None) -> str | None:
    """A note without the space around it; None when nothing is left."""
    return (text or "").strip() or None


def check_score(reading: Reading, note: str | None) -> None:
    """Refuse values outside 1 to 10, and a score that says nothing, with 422 (R-70)."""
    given = {"energyScore": reading.energy, "moodScore": reading.mood, "healthConfidence": reading.health_confidence}
    wrong = [field for field, value in given.items() if value is not None and not LOWEST <= value <= HIGHEST]
    if wrong:
        raise Invalid(*(Problem(f"body.{field}", f"write a whole number from {LOWEST} to {HIGHEST}") for field in wrong))
    if note is None and all(value is None for value in given.values()):
        raise Invalid(Problem("body", "give at least one score or a note"))


def marker_text(text: str) -> str:
    """A life marker's sentence without the space around it; 422 unless it has 1 to 1000 characters (R-74)."""
    stripped = text.strip()
    if not 1 <= len(stripped) <= LONGEST_MARKER:
        raise invalid("marker", f"write 1 to {LONGEST_MARKER} characters")
    return stripped


def score_tier(reading: Reading) -> str:
    """The least tier whose members may record this, where tiers are enforced (C-2). A note alone is for everybody."""
    if reading.health_confidence is not None:
        return "ELITE"
    return "FREE" if reading == Reading() else "PRO"


def check_tier(tier: str, required: str) -> None:
    """Refuse what a tier does not include with 403; B2B ranks with ELITE (RULEBOOK 2.3)."""
    if TIER_RANK[tier] < TIER_RANK[required]:
        raise TierRequired(f"This comes with the {required} subscription.", required)


@dataclass(frozen=True)
class Trend:
    change: int
    direction: Direction


@dataclass(frozen=True)
class Trends:
    energy: Trend
    mood: Trend
    health_confidence: Trend


def trends(newest_first: Sequence[Reading]) -> Trends:
    """What has changed over a list of readings (R-71)."""
    return Trends(
        energy=_trend([reading.energy for reading in newest_first]),
        mood=_trend([reading.mood for reading in newest_first]),
        health_confidence=_trend([reading.health_confidence for reading in newest_first]),
    )


def _trend(newest_first: Sequence[int | None]) -> Trend:
    """The newest against the oldest value that was given."""
    given = [value for value in newest_first if value is not None]
    rise = given[0] - given[-1] if given else 0
    if rise == 0:
        return Trend(0, "stable")
    return Trend(abs(rise), "improving" if rise > 0 else "declining")


@dataclass(frozen=True)
class Score:
    """One transformation score as the API returns it."""

    id: str
    user_id: str
    energy_score: int | None
    mood_score: int | None
    health_confidence: int | None
    week_number: int
    notes: str | None
    created_at: datetime


@dataclass(frozen=True)
class History:
    """Scores, newest first, and their trends."""

    scores: tuple[Score, ...]
    trends: Trends


@dataclass(frozen=True)
class LifeMarker:
    id: str
    user_id: str
    marker: str
    category: str
    significance: str
    created_at: datetime


@dataclass(frozen=True)
class CategoryCount:
    category: str
    count: int


@dataclass(frozen=True)
class MarkerPage:
    """One page of life markers, and one more if there are more; the counts are of all pages."""

    markers: tuple[LifeMarker, ...]
    by_category: tuple[CategoryCount, ...]

    @property
    def total(self) -> int:
        return sum(counted.count for counted in self.by_category)
