"""What every refusal answers with (RULEBOOK 7.1)."""

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from ivy_engine.web.errors import REFUSALS
from ivy_engine.web.schemas.base import Answer
from ivy_engine.web.schemas.vocabulary import Tier

REQUEST_ID = "0199a1b2-00ff-7abc-8def-0123456789ab"


Code = Annotated[str, WithJsonSchema({"type": "string", "enum": list(REFUSALS), "examples": ["UNAUTHORIZED"]})]


class Problem(Answer):
    """One thing wrong with the input."""

    path: str = Field(description="Where: `body.`, `query.`, `params.` or `headers.`, then the name.", examples=["params.id"])
    message: str = Field(examples=["this is not an id"])


class Refused(Answer):
    message: str = Field(description="A sentence fit to show a person.", examples=["Please sign in."])
    code: Code
    request_id: str = Field(description="The answer's `X-Request-Id`; the log knows it.", examples=[REQUEST_ID])
    details: tuple[Problem, ...] = Field(default_factory=tuple, description="With VALIDATION_ERROR: everything that is wrong.")
    required_tier: Tier = Field(default_factory=str, description="With TIER_REQUIRED.")


class Failure(Answer):
    success: Literal[False]
    error: Refused
