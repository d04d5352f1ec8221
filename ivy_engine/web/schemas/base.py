"""What all bodies and answers share: camelCase names, instants with Z, money as numbers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict
from pydantic.functional_validators import AfterValidator, BeforeValidator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from ivy_engine.domain.errors import Invalid
from ivy_engine.domain.money import Money


class Body(BaseModel):
    """What a client sends. Unknown keys are ignored."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")

    def changes(self) -> dict[str, Any]:
        """Only what the client has named."""
        return self.model_dump(exclude_unset=True)


def shown(*examples: dict[str, Any], **rules: Any) -> ConfigDict:
    """How a body is described beside its fields: whole examples, and rules between fields in JSON Schema's words."""
    return ConfigDict(json_schema_extra={**({"examples": list(examples)} if examples else {}), **rules})


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


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("this must not be empty")
    return text


NOT_BLANK = AfterValidator(_not_blank)
# The same in a schema: dialects differ in what is white
SHOWN_NOT_BLANK: JsonDict = {"pattern": r"[^\s\x1c-\x1f\x85]", "minLength": 1}


MOST = 1_000_000


def _only_numbers(value: Any) -> Any:
    """An amount above zero with at most two decimals: nobody's sum is rounded for them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("write a number")
    written = Decimal(str(value))
    if not 0 < written <= MOST:
        raise ValueError(f"this must be more than 0 and at most {MOST}")
    if written != written.quantize(Decimal("0.01")):
        raise ValueError("write at most two decimals")
    return value


@dataclass(frozen=True)
class WholeNumber:
    """An optional whole number of a body, from `low` to `high`. Forms send it as text, and an empty field is no number; the
    schema leaves that out, because generators of clients make unusable classes of such a choice."""

    low: int
    high: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        number = {"type": "integer", "minimum": self.low, "maximum": self.high, "examples": [min(3, self.high)]}
        return {"anyOf": [number, {"type": "null"}]}

    def _read(self, value: Any) -> int | None:
        if value is None or value == "":
            return None
        if isinstance(value, str) and re.fullmatch("[1-9][0-9]{0,4}", value, re.ASCII):
            value = int(value)
        whole = not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))
        if not whole or not self.low <= value <= self.high:
            raise ValueError(f"write a whole number from {self.low} to {self.high}")
        return int(value)


def _query_integer(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,9}", value, re.ASCII):
        raise ValueError("write a whole number")
    return value


def _written(value: Any) -> Any:
    """A number would be read as seconds since 1970."""
    if not isinstance(value, str) or value.strip().lstrip("+-").replace(".", "", 1).isdecimal():
        raise ValueError("write an ISO date-time with its offset")
    return value


def _written_date(value: Any) -> Any:
    """A form's empty field is no date; midnight in UTC is how we write a date ourselves (R-41)."""
    if value == "":
        return None
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)(T00:00:00(\.0+)?Z)?", value, re.ASCII) if isinstance(value, str) else None
    if found is None:
        raise ValueError("write a date, for example 2026-05-04")
    return found[1]


WrittenDate = Annotated[date, BeforeValidator(_written_date), WithJsonSchema({
    "type": "string", "format": "date", "examples": ["2026-05-18"],
})]  # fmt: skip
WrittenInstant = Annotated[AwareDatetime, BeforeValidator(_written)]
QueryInteger = Annotated[int, BeforeValidator(_query_integer)]
Major = Annotated[  # an amount that a client names
    Decimal,
    BeforeValidator(_only_numbers),
    WithJsonSchema({
        "type": "number", "exclusiveMinimum": 0, "maximum": MOST, "examples": [1.5],
        "description": "Major units of the currency, with at most two decimals.",
    }),
]  # fmt: skip
Instant = Annotated[
    datetime,
    PlainSerializer(_instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-05-04T08:00:00.000Z"]}),
]
Day = Annotated[  # R-41
    date,
    PlainSerializer(_midnight, return_type=str),
    WithJsonSchema({
        "type": "string", "format": "date-time", "examples": ["2026-05-04T00:00:00.000Z"],
        "description": "A calendar date, written as its midnight in UTC: read the date, not the instant.",
    }),
]  # fmt: skip
PlainDay = Annotated[date, WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-05-04"]})]
Amount = Annotated[
    int | float,
    BeforeValidator(_number),
    WithJsonSchema({"type": "number", "minimum": 0, "examples": [1.5], "description": "Major units of the currency."}),
]
