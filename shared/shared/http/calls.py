"""One request as a route sees it: who calls, on which conditions, and its one transaction.

@router.post("/cases", status_code=201, response_model=CaseView, responses=problem_responses(404, 409, 428))
async def post_case(body: NewCase, call: Annotated[Call, creating("cases:write")]) -> Response:
async with call.work() as work:
case = await register_case(work, ...)
return await call.commit(work, CaseView.of(case), status=201, version=case.version)
"""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from shared.csv_import import ImportMode, ImportReport, refused_import
from shared.http.access import with_scope
from shared.http.bodies import raw_body
from shared.http.edge import Edge, edge_of
from shared.http.idempotency import Answer, Claim, StillAnswering
from shared.http.problems import FieldError, InvalidInput, Malformed, PreconditionMissing, StillRunning
from shared.messaging.unit_of_work import Cause, UnitOfWork
from shared.security.roles import Scope
from shared.security.tokens import Principal

VERSION_TAG = re.compile(r'^(?:W/)?"(\d{1,18})"$')
PURPOSE = r"^[a-z][a-z_]{2,39}$"
PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = (0.02, 0.1)

type IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="the same key and body get the same answer for 7 days",
    ),
]
type IfMatch = Annotated[str | None, Header(alias="If-Match", description='the ETag that was read, `"7"`, or `*`')]
type PurposeHeader = Annotated[str | None, Header(alias="X-Purpose", pattern=PURPOSE, description="see `purpose`")]
type PurposeQuery = Annotated[
    str | None, Query(alias="purpose", pattern=PURPOSE, description="what contact data is read for; it is audited")
]
type HeaderOf = Callable[..., Awaitable[str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. Opens at most one unit of work, and answers with what that did."""

    principal: Principal
    correlation_id: UUID
    expected_version: int | None
    stated_purpose: str | None
    claim: Claim | None
    edge: Edge

    @property
    def cause(self) -> Cause:
        """Who acts, under which correlation id."""
        return Cause(actor=self.principal.actor, correlation_id=self.correlation_id)

    @property
    def purpose(self) -> str:
        """What contact data is read for. Raises InvalidInput where the caller does not say."""
        if self.stated_purpose is None:
            expected = "what the data is for, such as visit_preparation or callback"
            raise InvalidInput(
                "contact data is shown for a stated purpose only",
                expected=f"the header X-Purpose or the query parameter purpose: {expected}",
                errors=[FieldError(where="header", pointer="X-Purpose", expected=expected)],
            )
        return self.stated_purpose

    @asynccontextmanager
    async def work(self) -> AsyncIterator[UnitOfWork]:
        """The transaction of this request, rolled back unless `commit` was called in it.

        Claims the Idempotency-Key first. Raises AnsweredBefore (the edge gives the stored answer), KeyReused, and
        StillRunning where the first request with the key takes longer than five seconds.
        """
        if self.claim is None:
            async with self.edge.works.begin(self.cause) as work:
                yield work
            return
        async with self._claimed(self.claim) as work:
            yield work

    async def commit(
        self,
        work: UnitOfWork,
        view: BaseModel | None = None,
        *,
        status: int = 200,
        version: int | None = None,
        location: str | None = None,
    ) -> Response:
        """Store the answer under the key, commit, answer. `version` becomes the ETag; 204 where there is no view."""
        answer = answer_of(view, status=status, version=version, location=location)
        if self.claim is not None:
            self.edge.answers.store(self.claim, answer=answer, work=work)
        await work.commit()
        return response_of(answer)

    async def commit_import(self, work: UnitOfWork, report: ImportReport) -> Response:
        """Commit an import that went through, answer a dry run without. Raises InvalidInput where rows failed."""
        if report.applied:
            return await self.commit(work, report)
        if report.mode is ImportMode.APPLY:
            raise refused_import(report)
        return response_of(answer_of(report, status=200))

    @asynccontextmanager
    async def _claimed(self, claim: Claim) -> AsyncIterator[UnitOfWork]:
        until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            # the connection is given back between attempts: those who wait must not starve the one who works
            async with self.edge.works.begin(self.cause) as work:
                if await self._has_claimed(claim, work=work):
                    yield work
                    return
            if asyncio.get_running_loop().time() > until:
                raise StillRunning(
                    "the first request with this Idempotency-Key is not answered yet",
                    expected="the same request again after the seconds of Retry-After",
                    headers={"Retry-After": "1"},
                )
            await asyncio.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311  # spreads out those who wait

    async def _has_claimed(self, claim: Claim, *, work: UnitOfWork) -> bool:
        try:
            await self.edge.answers.claim(claim, work=work)
        except StillAnswering:
            return False
        return True


def reading(scope: Scope) -> object:
    """`Depends` for a GET: needs `scope`."""

    async def call(
        request: Request,
        caller: Annotated[Principal, Depends(with_scope(scope))],
        purpose: PurposeHeader = None,
        purpose_query: PurposeQuery = None,
    ) -> Call:
        return _call(request, caller, purpose=purpose or purpose_query)

    return Depends(call)


def creating(scope: Scope) -> object:
    """`Depends` for a POST that creates: needs `scope` and an Idempotency-Key (428 without)."""
    return _writing(scope, key=required_key, version=no_version)


def adding(scope: Scope) -> object:
    """`Depends` for a POST that adds to a versioned thing: needs `scope`, an Idempotency-Key and If-Match."""
    return _writing(scope, key=required_key, version=required_version)


def changing(scope: Scope) -> object:
    """`Depends` for a change of a versioned thing: needs `scope` and If-Match (428 without); a key is honoured."""
    return _writing(scope, key=given_key, version=required_version)


def acting(scope: Scope) -> object:
    """`Depends` for a step that guards itself by its state: needs `scope`; If-Match and a key are honoured."""
    return _writing(scope, key=given_key, version=given_version)


async def given_key(key: IdempotencyKey = None) -> str | None:
    """The key, if there is one."""
    return key


async def required_key(key: IdempotencyKey = None) -> str:
    """The key. Raises PreconditionMissing."""
    if key is None:
        raise PreconditionMissing(
            "a request that creates something needs an Idempotency-Key",
            expected="the header Idempotency-Key with 8 to 200 printable characters, new for each new thing",
        )
    return key


async def no_version() -> None:
    """If-Match means nothing here."""


async def given_version(if_match: IfMatch = None) -> str | None:
    """If-Match, if it is there."""
    return if_match


async def required_version(if_match: IfMatch = None) -> str:
    """If-Match. Raises PreconditionMissing."""
    if if_match is None:
        raise PreconditionMissing(
            "a change needs the version that it was decided on",
            expected="the header If-Match with the ETag of the last GET, or * to overwrite whatever is there",
        )
    return if_match


def answer_of(
    view: BaseModel | None, *, status: int, version: int | None = None, location: str | None = None
) -> Answer:
    """The answer that shows `view`."""
    headers = {"Content-Type": "application/json"} if view is not None else {}
    if version is not None:
        headers["ETag"] = f'"{version}"'
    if location is not None:
        headers["Location"] = location
    body = b"" if view is None else view.model_dump_json(by_alias=True).encode()
    return Answer(status=204 if view is None else status, headers=headers, body=body)


def response_of(answer: Answer) -> Response:
    """The answer on its way out, for the first time or again."""
    return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))


def shown(view: BaseModel, *, version: int) -> Response:
    """The answer to a GET of a versioned thing: with its ETag."""
    return response_of(answer_of(view, status=200, version=version))


def version_of(if_match: str | None) -> int | None:
    """The version that If-Match names; None for `*` and where there is none. Raises Malformed."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = VERSION_TAG.match(if_match.strip())
    if found is None:
        raise Malformed(
            "If-Match is not one ETag of this service", expected='one ETag such as "7", as GET gave it, or *'
        )
    return int(found.group(1))


def _writing(scope: Scope, *, key: HeaderOf, version: HeaderOf) -> object:
    """What writes has a scope first: who may not do it does not hear which headers it would need."""

    async def call(
        request: Request,
        caller: Annotated[Principal, Depends(with_scope(scope))],
        key: Annotated[str | None, Depends(key)],
        if_match: Annotated[str | None, Depends(version)],
    ) -> Call:
        return _call(request, caller, key=key, if_match=if_match)

    return Depends(call)


def _call(
    request: Request,
    caller: Principal,
    *,
    key: str | None = None,
    if_match: str | None = None,
    purpose: str | None = None,
) -> Call:
    edge = edge_of(request)
    target = f"{request.url.path}?{request.url.query}"
    claim = None
    if key is not None:
        claim = edge.answers.claim_of(
            key, actor=caller.actor, method=request.method, target=target, body=raw_body(request)
        )
    return Call(
        principal=caller,
        correlation_id=request.state.correlation_id,
        expected_version=version_of(if_match),
        stated_purpose=purpose,
        claim=claim,
        edge=edge,
    )
