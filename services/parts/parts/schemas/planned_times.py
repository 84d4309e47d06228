"""Instants that people name over HTTP: within the years that calendars and databases of a company reach."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

EARLIEST, LATEST = datetime(1950, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

type PlannedTime = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]
"""From 1950 to 2200, in any time zone: whoever names another one is told the nearest that is allowed."""
