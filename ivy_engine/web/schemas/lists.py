"""What every list takes, and what stands beside its rows."""

from pydantic import Field

from ivy_engine.web.schemas.base import Answer, Body, QueryInteger

CURSOR = "WyIyMDI2LTA1LTA0VDA4OjAwOjAwKzAwOjAwIiwiMDE5OWExYjItMDAwNC03YWJjLThkZWYtMDEyMzQ1Njc4OWFiIl0"
DAY_CURSOR = "WyIyMDI2LTA1LTA0IiwiMDE5OWExYjItMDAwMy03YWJjLThkZWYtMDEyMzQ1Njc4OWFiIl0"
_LEADS_ON = "`meta.nextCursor` of the page before; unlike a page's number it leads on without gaps while rows are added."


class Paging(Body):
    page: QueryInteger = Field(1, ge=1, le=1_000_000, description="Ignored when there is a cursor.", examples=[1])
    limit: QueryInteger = Field(20, ge=1, le=100, description="Rows on a page.", examples=[20])
    cursor: str | None = Field(None, max_length=500, description=_LEADS_ON, examples=[CURSOR])


class PagingByDay(Paging):
    """Of a list that is ordered by a calendar date."""

    cursor: str | None = Field(None, max_length=500, description=_LEADS_ON, examples=[DAY_CURSOR])


class PageMeta(Answer):
    """Where this page stands in its list."""

    page: int = Field(ge=1, examples=[1])
    limit: int = Field(ge=1, examples=[20])
    total: int = Field(ge=0, examples=[1])
    total_pages: int = Field(ge=0, examples=[1])
    next_cursor: str | None = Field(description="Where the next page begins; null on the last one.", examples=[CURSOR])
