"""What routes that take a spreadsheet have in common."""

from typing import Annotated

from fastapi import Query

from shared.csv_import import ImportMode
from shared.http.bodies import SHEET_TYPE

SHEET = {
    "requestBody": {
        "required": True,
        "content": {SHEET_TYPE: {"schema": {"type": "string", "description": "the first line names the columns"}}},
    }
}
"""`openapi_extra` of a route that reads the raw body as a spreadsheet."""

type Mode = Annotated[ImportMode, Query(description="`dry_run` only says what `apply` would do")]
