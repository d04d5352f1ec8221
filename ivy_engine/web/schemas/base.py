"""What all bodies and answers share: camelCase names, instants with Z, money as numbers."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel
from pydantic.functional_validators import AfterValidator, BeforeValidator

from ivy_engine.domain.errors import Invalid
from ivy_engine.domain.money import Money


class Body(BaseModel):
    """What a client sends. Unknown keys are ignored."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")

    def changes(self) -> dict[str, Any]:
        """Only what the client has named."""
        return self.model_dump(exclude_unset=True)


class Answer(BaseModel):
    """What a client gets: nothing leaves that is not declared here."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


def _instant(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _midnight(value: date) -> str:
    return datetime.combine(value, time.min).isoformat(timespec="milliseconds") + "Z"


def _number(value: Any) -> Any:
    return value.major if isinstance(value, Money) else value


def by_rule(rule: Callable[[Any], object]) -> AfterValidator:
    """Holds a field to a rule of the domain, so that one answer names everything that is wrong with a body."""

    def check(value: Any) -> Any:
        try:
            rule(value)
        except Invalid as refusal:
            raise ValueError(refusal.problems[0].message) from None
        return value

    return AfterValidator(check)


def _only_numbers(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("write a number")
    return value


def _whole(value: Any) -> Any:
    """An empty field of a form is no number; JSON's true is none either, though pydantic would read it as 1."""
    if isinstance(value, bool):
        raise ValueError("write a whole number")
    return None if value == "" else value


Whole = Annotated[int | None, BeforeValidator(_whole)]  # an optional whole number of a body
Major = Annotated[Decimal, BeforeValidator(_only_numbers), Field(le=1_000_000)]  # an amount that a client names
Instant = Annotated[datetime, PlainSerializer(_instant, return_type=str)]
Day = Annotated[date, PlainSerializer(_midnight, return_type=str)]  # a calendar date
Amount = Annotated[int | float, BeforeValidator(_number)]  # major units
