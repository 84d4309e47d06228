"""What a caller is told when the answer is no: RFC 9457 problem documents, one tree, one table.

Problem
├── Malformed 400              ├── StaleVersion 412
├── NotAuthenticated 401       ├── TooLarge 413
├── Forbidden 403              ├── WrongMediaType 415
├── NotFound 404               ├── InvalidInput 422
├── WrongMethod 405            │   └── KeyReused 422
├── TooSlow 408                ├── PreconditionMissing 428
├── Conflict 409               ├── HeadTooLarge 431
│   └── StillRunning 409       ├── BrokenInside 500 (a bug of ours)
├── Gone 410                   └── Unavailable 503

`type` is the stable relative reference `/problems/<slug>`; `detail` says what was wrong, `expected` what would be
right.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.refusals import Destroyed, IllegalTransition, NotAllowed, Refusal, Stale, Unknown

PROBLEM_MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One value of the request that was not acceptable."""

    model_config = ConfigDict(frozen=True)

    where: Literal["body", "query", "path", "header", "cookie"] = Field(serialization_alias="in")
    pointer: str = Field(description="JSON pointer into the body, or the name of the parameter")
    given: JsonValue = Field(default=None, description="what was sent, shortened; absent where nothing was")
    expected: str = Field(description="what would be right")


class ProblemDocument(BaseModel):
    """An RFC 9457 problem. Programs look at `type` (or `code`), people read `detail` and `expected`."""

    type: str = Field(description="stable relative reference of the kind of problem", examples=["/problems/not-found"])
    title: str = Field(description="the kind of problem, always the same text for a type")
    status: int = Field(description="the HTTP status", ge=400, le=599)
    detail: str = Field(description="what was wrong with this request")
    expected: str = Field(description="what would be right")
    correlation_id: str | None = Field(default=None, description="names this request in the logs")
    errors: list[FieldError] = Field(default=[], description="the values that were not acceptable")


class Problem(HTTPException):
    """The request is refused and has changed nothing.

    A starlette HTTPException, because FastAPI lets only those pass while it reads a body.
    """

    slug: ClassVar[str] = "problem"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request cannot be served"

    def __init__(
        self,
        detail: str,
        *,
        expected: str,
        code: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(self.status, detail, headers)
        self.expected = expected
        self.code = code or self.slug
        self.errors = tuple(errors)

    def document(self, *, correlation_id: str | None = None) -> ProblemDocument:
        """The body that the caller gets."""
        return ProblemDocument(
            type=f"/problems/{self.code.replace('_', '-')}",
            title=self.title,
            status=self.status_code,
            detail=self.detail,
            expected=self.expected,
            correlation_id=correlation_id,
            errors=list(self.errors),
        )

    def response(self, *, correlation_id: str | None = None) -> Response:
        """The HTTP answer."""
        document = self.document(correlation_id=correlation_id).model_dump(
            mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
        )
        return Response(
            # ASCII escapes carry even a lone surrogate that a caller sent and is told about
            json.dumps(document).encode("ascii"),
            status_code=self.status_code,
            headers=self.headers,
            media_type=PROBLEM_MEDIA_TYPE,
        )


class Malformed(Problem):
    """What arrived cannot be read at all."""

    slug = "malformed"
    status = 400
    title = "The request cannot be read"


class NotAuthenticated(Problem):
    """Nobody, or nobody any more: carries WWW-Authenticate."""

    slug = "not-authenticated"
    status = 401
    title = "Who is calling is not known"


class Forbidden(Problem):
    """Known, and not allowed to."""

    slug = "forbidden"
    status = 403
    title = "The caller may not do this"


class NotFound(Problem):
    """No such route, or nothing with this id."""

    slug = "not-found"
    status = 404
    title = "There is no such thing"


class WrongMethod(Problem):
    """The route exists, with other methods: carries Allow."""

    slug = "wrong-method"
    status = 405
    title = "The route has no such method"


class TooSlow(Problem):
    """The head of a request was begun and never came to its end."""

    slug = "too-slow"
    status = 408
    title = "The request did not arrive in time"


class Conflict(Problem):
    """The state of the thing does not lead there."""

    slug = "conflict"
    status = 409
    title = "The present state does not allow this"


class StillRunning(Conflict):
    """The first request with this Idempotency-Key is not answered yet: carries Retry-After."""

    slug = "still-running"
    title = "The first request with this key is still running"


class Gone(Problem):
    """It was there and is destroyed for good."""

    slug = "gone"
    status = 410
    title = "It exists no longer"


class StaleVersion(Problem):
    """If-Match names a version that is not current."""

    slug = "stale-version"
    status = 412
    title = "It was changed in the meantime"


class TooLarge(Problem):
    """The body is over the limit."""

    slug = "too-large"
    status = 413
    title = "The body is too large"


class WrongMediaType(Problem):
    """The body is of a kind that the route does not read."""

    slug = "wrong-media-type"
    status = 415
    title = "The body is of the wrong kind"


class InvalidInput(Problem):
    """Readable, and not acceptable: `errors` names each value."""

    slug = "invalid-input"
    status = 422
    title = "A value is not acceptable"


class KeyReused(InvalidInput):
    """The Idempotency-Key belongs to another request."""

    slug = "idempotency-key-reused"
    title = "The Idempotency-Key belongs to another request"


class PreconditionMissing(Problem):
    """Idempotency-Key or If-Match has to be there."""

    slug = "precondition-missing"
    status = 428
    title = "A header that makes the request safe is missing"


class HeadTooLarge(Problem):
    """Address and headers are over the limit."""

    slug = "head-too-large"
    status = 431
    title = "The head of the request is too large"


class BrokenInside(Problem):
    """A bug: the log has the story under the correlation id, the caller gets nothing of it."""

    slug = "broken-inside"
    status = 500
    title = "The service made a mistake"


class Unavailable(Problem):
    """Nothing was stored; the same request may succeed in a moment: carries Retry-After."""

    slug = "unavailable"
    status = 503
    title = "The service cannot answer at the moment"


REFUSALS: Mapping[type[Refusal], type[Problem]] = {
    IllegalTransition: Conflict,
    NotAllowed: Forbidden,
    Unknown: NotFound,
    Destroyed: Gone,
    Stale: StaleVersion,
    Refusal: InvalidInput,
}
"""The table from what a domain refuses to what HTTP says; the first class of a refusal's ancestry counts."""


def refused(refusal: Refusal) -> Problem:
    """A domain's refusal as the problem that the table names, under the refusal's own code."""
    kind = next(REFUSALS[ancestor] for ancestor in type(refusal).__mro__ if ancestor in REFUSALS)
    return kind(refusal.detail, expected=refusal.expected, code=refusal.code)


def kinds(root: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """Every kind of problem below `root`, for documentation."""
    for kind in root.__subclasses__():
        yield kind
        yield from kinds(kind)


def problem_responses(*statuses: int) -> dict[int | str, dict[str, object]]:
    """What a route says in its `responses=` beyond what every route may answer (401, 403, 422, 503 …)."""
    titles = {kind.status: kind.title for kind in Problem.__subclasses__()}
    return {status: {"model": ProblemDocument, "description": titles[status]} for status in statuses}
