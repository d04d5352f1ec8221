"""What every list takes."""

from pydantic import Field

from ivy_engine.web.schemas.base import Body


class Paging(Body):
    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(20, ge=1, le=100)
    cursor: str | None = Field(None, max_length=500)  # with one, `page` is ignored
