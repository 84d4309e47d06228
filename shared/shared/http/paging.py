"""Long lists in pages: newest first, continued by a cursor that names the last row instead of counting rows.

rows = (await work.session.scalars(newest_first(statement, asked=asked, at=Row.created_at, id_=Row.id))).all()
return page_of(rows, asked=asked, view=CaseView.of, place=lambda row: Place(at=row.created_at, id=row.id))
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Select, SQLColumnExpression, tuple_

from shared.http.problems import Malformed

LONGEST = 200
USUAL = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a row stands in the list."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAsked:
    """What the caller wants: at most `limit` rows after `after`, from the beginning where that is None."""

    limit: int
    after: Place | None


class Page[View: BaseModel](BaseModel):
    """Some rows of a list and where it goes on."""

    items: list[View]
    next: str | None = Field(default=None, description="`cursor` of the next page; absent on the last one")


async def page_asked(
    limit: Annotated[int, Query(ge=1, le=LONGEST, description="rows at most")] = USUAL,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
) -> PageAsked:
    """The query parameters `limit` and `cursor`. Raises Malformed for a cursor that no page gave."""
    return PageAsked(limit=limit, after=None if cursor is None else read_cursor(cursor))


type Asked = Annotated[PageAsked, Depends(page_asked)]


def after(
    place: Place | None, *, at: SQLColumnExpression[datetime], id_: SQLColumnExpression[UUID]
) -> list[ColumnElement[bool]]:
    """Conditions for `where(*…)` with `order_by(at.desc(), id_.desc())`: an index on (at, id) answers it."""
    return [] if place is None else [tuple_(at, id_) < (place.at, place.id)]


def newest_first[*Ts](
    statement: Select[*Ts], *, asked: PageAsked, at: SQLColumnExpression[datetime], id_: SQLColumnExpression[UUID]
) -> Select[*Ts]:
    """The rows of a page, the greatest `at` first, and one more where there is another page."""
    placed = statement.where(*after(asked.after, at=at, id_=id_))
    return placed.order_by(at.desc(), id_.desc()).limit(asked.limit + 1)


def page_of[Row, View: BaseModel](
    rows: Sequence[Row], *, asked: PageAsked, view: Callable[[Row], View], place: Callable[[Row], Place]
) -> Page[View]:
    """A page of the first `asked.limit` rows; one row more tells that there is another page."""
    kept = rows[: asked.limit]
    more = len(rows) > asked.limit
    return Page(items=[view(row) for row in kept], next=write_cursor(place(kept[-1])) if more else None)


def write_cursor(place: Place) -> str:
    """A place as text that means nothing to the caller."""
    microseconds = (place.at - EPOCH) // timedelta(microseconds=1)
    raw = microseconds.to_bytes(8, signed=True) + place.id.bytes
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_cursor(cursor: str) -> Place:
    """What `write_cursor` wrote. Raises Malformed."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        at = EPOCH + timedelta(microseconds=int.from_bytes(raw[:8], signed=True))
        return Place(at=at, id=UUID(bytes=raw[8:]))
    except (binascii.Error, ValueError, OverflowError):
        raise Malformed(
            "the cursor is not one that a page gave", expected="`next` of the page before, or no cursor"
        ) from None
