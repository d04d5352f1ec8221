"""What all bodies and answers share: camelCase names, instants with Z, money as numbers."""

from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel
from pydantic.functional_validators import BeforeValidator

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


Instant = Annotated[datetime, PlainSerializer(_instant, return_type=str)]
Day = Annotated[date, PlainSerializer(_midnight, return_type=str)]  # a calendar date
Amount = Annotated[int | float, BeforeValidator(_number)]  # major units
