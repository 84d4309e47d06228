"""What routes that take a spreadsheet have in common."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from shared.csv_import import ImportMode, ImportReport
from shared.http.calls import Call, answer_of, response_of
from shared.messaging.unit_of_work import UnitOfWork

SHEET = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "description": "the first line names the columns"}}},
    }
}

type Mode = Annotated[ImportMode, Query(description="`dry_run` only says what `apply` would do")]


async def told(call: Call, work: UnitOfWork, *, report: ImportReport) -> Response:
    """Commit what was applied; a dry run and a file with failures leave nothing behind."""
    if report.applied:
        return await call.commit(work, report)
    return response_of(answer_of(report, status=200, version=None, location=None))
