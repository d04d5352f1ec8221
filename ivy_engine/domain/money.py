"""Sums: integer minor units with one currency inside, numbers with at most two decimals on the wire (R-50)."""

from dataclasses import dataclass
from decimal import Decimal

from ivy_engine.domain.errors import invalid

_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
WITHOUT_MINOR_UNIT = frozenset(_WHOLE.split(" "))


def minor_units(major: Decimal, currency: str) -> int:
    """Minor units of an amount in major units, rounded down."""
    return int(major * _scale(currency))


def whole_minor_units(major: Decimal, currency: str, field: str) -> int:
    """Minor units of an amount that a request names in `field`: 422 unless it is above 0 and needs no rounding (R-50)."""
    minor = major * _scale(currency)
    if not major.is_finite() or major <= 0 or minor != int(minor):
        places = "whole units" if _scale(currency) == 1 else "at most two decimals"
        raise invalid(field, f"write an amount above 0 with {places}")
    return int(minor)


def _scale(currency: str) -> int:
    return 1 if currency in WITHOUT_MINOR_UNIT else 100


@dataclass(frozen=True)
class Money:
    minor: int
    currency: str

    @classmethod
    def of(cls, major: int, currency: str) -> "Money":
        """So many whole major units."""
        return cls(major * _scale(currency), currency)

    @property
    def major(self) -> int | float:
        """What JSON carries: 3, 1.5, 0.05."""
        scale = _scale(self.currency)
        return self.minor // scale if self.minor % scale == 0 else self.minor / scale

    @property
    def text(self) -> str:
        """What a person reads: £3, £1.50, 300 JPY."""
        whole, rest = divmod(self.minor, _scale(self.currency))
        return self._named(f"{whole}.{rest:02d}" if rest else f"{whole}")

    @property
    def exact(self) -> str:
        """What stands in an account: £3.00, £1.50, 300 JPY."""
        whole, rest = divmod(self.minor, _scale(self.currency))
        return self._named(f"{whole}.{rest:02d}" if _scale(self.currency) > 1 else f"{whole}")

    def _named(self, number: str) -> str:
        symbol = {"GBP": "£", "EUR": "€", "USD": "$"}.get(self.currency)
        return symbol + number if symbol else f"{number} {self.currency}"

    @property
    def spoken(self) -> str:
        """What a voice agent is given: always two places (R-105)."""
        return f"{Decimal(self.minor) / _scale(self.currency):.2f}"
