"""Setting up from a spreadsheet: rows typed by pydantic, checked before anything is written, all of them or none.

A file is in the charset that its Content-Type names, or else UTF-8, with or without a byte order mark, or GB 18030,
which Chinese spreadsheets write. The first line names the columns, in any order. A dry run says what would be done.
"""

import csv
import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, Field, ValidationError

from shared.http.bodies import Body
from shared.http.invalid_input import field_error
from shared.http.problems import FieldError, InvalidInput, Malformed
from shared.refusals import Refusal

SHOWN_FAILURES = 200


class ImportMode(StrEnum):
    """Whether the rows are written or only checked."""

    DRY_RUN = "dry_run"
    APPLY = "apply"


class RowOutcome(StrEnum):
    """What a good row does."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class RowFailure(BaseModel):
    """A row that cannot be imported."""

    line: int = Field(description="line of the file, the header being 1", ge=1)
    column: str = Field(description="the column, or empty where it is the whole row")
    problem: str = Field(description="what was wrong")
    expected: str = Field(description="what would be right")


class ImportReport(BaseModel):
    """What an import did, or would do. Where a row failed, nothing was written."""

    mode: ImportMode
    applied: bool = Field(description="whether the rows are written now")
    rows: int = Field(description="rows of the file without its header")
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    failures: list[RowFailure] = Field(default=[], description="the first 200 failures")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line[Row: Body]:
    """One typed row and the line of the file where it begins."""

    number: int
    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet[Row: Body]:
    """The rows of a file that could be read, and those that could not."""

    lines: Sequence[Line[Row]]
    failures: Sequence[RowFailure]


def read_sheet[Row: Body](raw: bytes, *, row: type[Row], key: Callable[[Row], str]) -> Sheet[Row]:
    """Read a CSV file into rows of `row`, whose fields are the columns; `key` must not occur twice.

    Empty cells of columns with a default count as absent. Raises Malformed for what is no CSV in a known encoding, and
    InvalidInput for a header with other columns.
    """
    reader = csv.reader(io.StringIO(decoded(raw), newline=""), strict=True)
    lines: list[Line[Row]] = []
    failures: list[RowFailure] = []
    seen: dict[str, int] = {}
    try:
        header = require_columns(next(reader, []), row=row)
        begin = reader.line_num + 1
        for cells in reader:
            number, begin = begin, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            typed = read_row(cells, header=header, row=row, line=number)
            if isinstance(typed, list):
                failures += typed
            elif (first := seen.setdefault(key(typed), number)) != number:
                failures.append(failure(number, problem=f"the same as line {first}", expected="each thing once"))
            else:
                lines.append(Line(number=number, row=typed))
    except csv.Error as error:
        raise Malformed(
            f"line {reader.line_num} is no CSV: {error}", expected="RFC 4180: commas, double quotes"
        ) from None
    return Sheet(lines=lines, failures=failures)


async def import_sheet[Row: Body](
    sheet: Sheet[Row], *, mode: ImportMode, put: Callable[[Row], Awaitable[RowOutcome]]
) -> ImportReport:
    """Give every row to `put`, which writes it in the caller's transaction; a Refusal of a row is its failure.

    `Call.commit_import` commits where the report says `applied`; leaving the block otherwise is what makes it all or
    nothing, and a dry run sees exactly what an import would.
    """
    counts = dict.fromkeys(RowOutcome, 0)
    failures = list(sheet.failures)
    for line in sheet.lines:
        try:
            counts[await put(line.row)] += 1
        except Refusal as refusal:
            failures.append(failure(line.number, problem=refusal.detail, expected=refusal.expected))
    failures.sort(key=lambda one: one.line)
    failed = len({one.line for one in failures})
    return ImportReport(
        mode=mode,
        applied=mode is ImportMode.APPLY and not failures,
        rows=sum(counts.values()) + failed,
        created=counts[RowOutcome.CREATED],
        changed=counts[RowOutcome.CHANGED],
        unchanged=counts[RowOutcome.UNCHANGED],
        failed=failed,
        failures=failures[:SHOWN_FAILURES],
    )


def refused_import(report: ImportReport) -> InvalidInput:
    """The problem of an import whose rows failed: pointers are `/<line>/<column>`."""
    return InvalidInput(
        f"{report.failed} of {report.rows} rows are not acceptable, so none was imported",
        expected="a file in which the rows named in errors are right; mode=dry_run checks it first",
        errors=[
            FieldError(where="body", pointer=f"/{one.line}/{one.column}", given=one.problem, expected=one.expected)
            for one in report.failures
        ],
    )


def decoded(raw: bytes) -> str:
    """The text of a file, by its byte order mark, as UTF-8 or else as GB 18030. Raises Malformed."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Malformed("the file is neither UTF-8 nor GB 18030 text", expected="a CSV file saved as UTF-8")


def require_columns[Row: Body](header: Sequence[str], *, row: type[Row]) -> list[str]:
    """The names of the header, trimmed. Raises InvalidInput where columns are missing, unknown or doubled."""
    names = [name.strip() for name in header]
    required = {name for name, field in row.model_fields.items() if field.is_required()}
    problems = [
        *(f"{name} is missing" for name in sorted(required - set(names))),
        *(f"{name or 'a column without a name'} is unknown" for name in names if name not in row.model_fields),
        *(f"{name} stands twice" for name in sorted({name for name in names if names.count(name) > 1})),
    ]
    if problems:
        raise InvalidInput(
            f"the header line does not fit: {'; '.join(problems)}"[:1000],
            expected=f"the columns {','.join(row.model_fields)}; necessary are {','.join(sorted(required))}",
        )
    return names


def read_row[Row: Body](
    cells: Sequence[str], *, header: Sequence[str], row: type[Row], line: int
) -> Row | list[RowFailure]:
    """One typed row, or what is wrong with it."""
    if len(cells) != len(header):
        wrong = f"{len(cells)} cells"
        return [failure(line, problem=wrong, expected=f"{len(header)} cells, as in the header")]
    try:
        return row.model_validate(_given(dict(zip(header, cells, strict=True)), row=row))
    except ValidationError as error:
        found = [field_error({**one, "loc": ("body", *one["loc"])}, body=row) for one in error.errors()]
        return [
            failure(line, column=one.pointer.strip("/"), problem=f"not acceptable: {one.given}", expected=one.expected)
            for one in found
        ]


def failure(line: int, *, problem: str, expected: str, column: str = "") -> RowFailure:
    """One line of the report."""
    return RowFailure(line=line, column=column, problem=problem, expected=expected)


def _given[Row: Body](cells: Mapping[str, str], *, row: type[Row]) -> dict[str, str]:
    required = {name for name, field in row.model_fields.items() if field.is_required()}
    return {name: cell for name, cell in cells.items() if cell.strip() or name in required}
