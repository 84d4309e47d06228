"""Instants that a caller may name: near enough that anything can be counted from them."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2999, 12, 31, 23, 59, 59, tzinfo=UTC)

type When = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST, description="an instant of the years 1900 to 2999")]
