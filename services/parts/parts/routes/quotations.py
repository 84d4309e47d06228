"""Quotations of claim orders (报价单, R195, R197), mis-orders (R196), and whose parts lie idle (R322)."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.queries import idle, returns
from parts.queries.dossiers import Dossier
from parts.routes.given import DeskGiven
from parts.schemas.claims import Nothing
from parts.schemas.returns import IdleReport, Misorder, MisorderView, Quotation, QuotationView
from parts.tables import QuotationRow
from parts.use_cases.quote_claim_order import charge_misorder, sign_quotation, write_quotation
from shared.http.calls import Call, answer_of, changing, creating, reading, response_of
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import NotFound, problem_responses
from shared.http.routing import router_under
from shared.messaging.unit_of_work import UnitOfWork

router = router_under("/v1", tag="quotations")
STEP = problem_responses(404, 409, 412, 428)

type Reading = Annotated[Call, reading("parts:read")]


@router.get("/claim-orders/{claim_order_id}/quotation", response_model=QuotationView, responses=problem_responses(404))
async def get_quotation(claim_order_id: UUID, call: Reading) -> Response:
    """The quotation of a claim order."""
    async with call.work() as work:
        row = await returns.quotation_of(work.session, claim_order_id=claim_order_id)
        if row is None:
            raise NotFound("this claim order needs no quotation", expected="one of a warranty status that is quoted")
        return response_of(answer_of(QuotationView.of(row), status=200))


@router.post("/claim-orders/{claim_order_id}/quotation", response_model=QuotationView, responses=STEP)
async def post_quotation(
    claim_order_id: UUID, body: Quotation, call: Annotated[Call, changing("quotes:write")], desk: DeskGiven
) -> Response:
    """The service advisor writes down what is to be ordered, or writes it anew until it is signed (R195 to R197)."""
    async with call.work() as work:
        dossier, row = await write_quotation(
            work,
            claim_order_id=claim_order_id,
            version=call.expected_version,
            lines=body.quoted(),
            reason=body.reason,
            desk=desk,
        )
        return await _answer(call, work, dossier=dossier, row=row)


@router.post("/claim-orders/{claim_order_id}/quotation/signature", response_model=QuotationView, responses=STEP)
async def post_signature(
    claim_order_id: UUID, body: Nothing, call: Annotated[Call, changing("claims:approve")], desk: DeskGiven
) -> Response:
    """The responsible person signs: now its parts may be ordered (R195, R197)."""
    del body
    async with call.work() as work:
        dossier, row = await sign_quotation(
            work, claim_order_id=claim_order_id, version=call.expected_version, desk=desk
        )
        return await _answer(call, work, dossier=dossier, row=row)


@router.post(
    "/claim-orders/{claim_order_id}/misorders",
    status_code=201,
    response_model=MisorderView,
    responses=problem_responses(404, 409, 428),
)
async def post_misorder(
    claim_order_id: UUID, body: Misorder, call: Annotated[Call, creating("claims:write")], desk: DeskGiven
) -> Response:
    """A part was misquoted or mis-ordered, and whose fault it was is charged as the policy says (R196)."""
    async with call.work() as work:
        row = await charge_misorder(
            work, claim_order_id=claim_order_id, part_code=body.part_code, person=body.person, desk=desk
        )
        return await call.commit(work, MisorderView.of(row), status=201)


@router.get("/misorders")
async def get_misorders(
    *, asked: Asked, call: Reading, person: Annotated[str | None, Query(min_length=1, max_length=40)] = None
) -> Page[MisorderView]:
    """The newest first, by staff number."""
    async with call.work() as work:
        rows = await returns.misorders(work.session, person=person, page=asked)
        return page_of(rows, asked=asked, view=MisorderView.of, place=lambda row: Place(at=row.at, id=row.id))


@router.get("/reports/idle-claim-orders")
async def get_idle_claim_orders(
    call: Reading, days: Annotated[int, Query(ge=0, le=3650, description="for so many days at least")] = 0
) -> IdleReport:
    """What was ordered for customers who never came, and what it is worth (积压件, R322)."""
    async with call.work() as work:
        found = await idle.never_came(work.session, before=work.now - timedelta(days=days))
        return IdleReport.of(found, at=work.now)


async def _answer(call: Call, work: UnitOfWork, *, dossier: Dossier, row: QuotationRow) -> Response:
    return await call.commit(work, QuotationView.of(row), version=dossier.its_claim.version)
