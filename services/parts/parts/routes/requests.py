"""Requests for parts (领料申请): who waits, what may be drawn, what is owed."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.desk import Desk
from parts.domain.guidance import next_places
from parts.domain.supply_words import RequestState
from parts.policy.guidance import told_at
from parts.queries import discrepancies, dossiers, lists
from parts.queries.dossiers import Dossier
from parts.queries.lists import RequestsAsked
from parts.routes.given import DeskGiven
from parts.schemas.claims import Nothing
from parts.schemas.requests import Issue, Loss, RequestFile, RequestView, Return
from parts.use_cases.draw_parts import bring_back_parts, draw_parts
from parts.use_cases.find_parts import find_parts
from parts.use_cases.keep_parts import renew_reservation
from parts.use_cases.prepare_kit import confirm_addition, prepare_kit
from parts.use_cases.write_off_parts import write_off_parts
from shared.http.calls import Call, adding, changing, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.messaging.unit_of_work import UnitOfWork

router = router_under("/v1/requests", tag="requests")
POST = problem_responses(404, 409, 412, 428)

type Reading = Annotated[Call, reading("parts:read")]
type Issuing = Annotated[Call, adding("parts:issue")]


@router.get("")
async def get_requests(
    *,
    asked: Asked,
    call: Reading,
    state: Annotated[list[RequestState] | None, Query(max_length=10)] = None,
    work_order_id: UUID | None = None,
    case_id: UUID | None = None,
    part_code: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    started: Annotated[bool | None, Query(description="whether the work order is started, so that R314 is met")] = None,
    discrepancy: Annotated[
        bool | None,
        Query(
            description="whether more was fitted on the work order than was ever issued, and nobody has cleared that up"
        ),
    ] = None,
    faulty_unknown: Annotated[
        bool | None,
        Query(description="fitted under warranty, and the faulty pieces were not handed in by their numbers"),
    ] = None,
) -> Page[RequestView]:
    """The newest first: who waits for parts, what may be drawn now, what has to be brought back."""
    async with call.work() as work:
        wanted = RequestsAsked(
            states=frozenset(state or ()),
            work_order_id=work_order_id,
            case_id=case_id,
            part_code=part_code,
            started=started,
            discrepancy=discrepancy,
            faulty_unknown=faulty_unknown,
        )
        rows = await lists.requests(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=RequestView.of, place=lambda row: Place(at=row.requested_at, id=row.id))


@router.get("/{request_id}", response_model=RequestFile, responses=problem_responses(404))
async def get_request(request_id: UUID, call: Reading, desk: DeskGiven) -> Response:
    """One request with its lines and papers."""
    async with call.work() as work:
        dossier = await dossiers.look(work.session, request_id=request_id)
        return shown(await _file(work, dossier=dossier, desk=desk), version=dossier.request.version)


@router.post("/{request_id}/reservation", response_model=RequestFile, responses=POST)
async def post_reservation(
    request_id: UUID, body: Nothing, call: Annotated[Call, changing("claims:write")], desk: DeskGiven
) -> Response:
    """What was missing lies on the shelf after all: kept, and its claim order called off unless it is placed."""
    del body
    async with call.work() as work:
        dossier = await find_parts(work, request_id=request_id, version=call.expected_version, desk=desk)
        return await call.commit(work, await _file(work, dossier=dossier, desk=desk), version=dossier.request.version)


@router.post("/{request_id}/renewal", response_model=RequestFile, responses=POST)
async def post_renewal(
    request_id: UUID, body: Nothing, call: Annotated[Call, changing("claims:write")], desk: DeskGiven
) -> Response:
    """The pieces are kept for as long again, as often as the policy allows."""
    del body
    async with call.work() as work:
        dossier = await renew_reservation(work, request_id=request_id, version=call.expected_version, desk=desk)
        return await call.commit(work, await _file(work, dossier=dossier, desk=desk), version=dossier.request.version)


@router.post("/{request_id}/preparation", response_model=RequestFile, responses=POST)
async def post_preparation(
    request_id: UUID, body: Nothing, call: Annotated[Call, changing("parts:issue")], desk: DeskGiven
) -> Response:
    """The whole kit is packed for the trip, before the technician departs (R257)."""
    del body
    async with call.work() as work:
        dossier = await prepare_kit(work, request_id=request_id, version=call.expected_version, desk=desk)
        return await call.commit(work, await _file(work, dossier=dossier, desk=desk), version=dossier.request.version)


@router.post("/{request_id}/confirmation", response_model=RequestFile, responses=POST)
async def post_confirmation(
    request_id: UUID, body: Nothing, call: Annotated[Call, changing("quotes:write")], desk: DeskGiven
) -> Response:
    """The front desk confirms what is asked for in addition (二次增项, R198)."""
    del body
    async with call.work() as work:
        dossier = await confirm_addition(work, request_id=request_id, version=call.expected_version, desk=desk)
        return await call.commit(work, await _file(work, dossier=dossier, desk=desk), version=dossier.request.version)


@router.post("/{request_id}/issues", status_code=201, response_model=RequestFile, responses=POST)
async def post_issue(request_id: UUID, body: Issue, call: Issuing, desk: DeskGiven) -> Response:
    """Pieces leave the store (出库), once the work order is started (R314), and no more than are reserved."""
    async with call.work() as work:
        dossier = await draw_parts(
            work,
            request_id=request_id,
            version=call.expected_version,
            wanted=body.wanted(),
            serials=body.serials(),
            issued_to=body.issued_to,
            presented=body.presented,
            location=body.location,
            desk=desk,
        )
        return await call.commit(
            work, await _file(work, dossier=dossier, desk=desk), status=201, version=dossier.request.version
        )


@router.post("/{request_id}/returns", status_code=201, response_model=RequestFile, responses=POST)
async def post_return(request_id: UUID, body: Return, call: Issuing, desk: DeskGiven) -> Response:
    """Unused pieces lie in the store again (退库, R316); used ones are refused (R315)."""
    async with call.work() as work:
        dossier = await bring_back_parts(
            work,
            request_id=request_id,
            version=call.expected_version,
            wanted=body.wanted(),
            serials=body.serials(),
            used=body.used(),
            reason=body.reason,
            received_at=body.received_at,
            location=body.location,
            desk=desk,
        )
        return await call.commit(
            work, await _file(work, dossier=dossier, desk=desk), status=201, version=dossier.request.version
        )


@router.post("/{request_id}/losses", status_code=201, response_model=RequestFile, responses=POST)
async def post_loss(request_id: UUID, body: Loss, call: Issuing, desk: DeskGiven) -> Response:
    """Drawn pieces are neither fitted nor come back: they are written off (核销, R295), and cost the order."""
    async with call.work() as work:
        dossier = await write_off_parts(
            work,
            request_id=request_id,
            version=call.expected_version,
            wanted=body.wanted(),
            serials=body.serials(),
            reason=body.reason,
            issued_to=body.issued_to,
            desk=desk,
        )
        return await call.commit(
            work, await _file(work, dossier=dossier, desk=desk), status=201, version=dossier.request.version
        )


async def _file(work: UnitOfWork, *, dossier: Dossier, desk: Desk) -> RequestFile:
    notes = await dossiers.notes_of(work.session, request_id=dossier.request.id)
    discrepancy = await discrepancies.of_order(work.session, order_id=dossier.order.work_order_id)
    guidance = told_at(desk.policy.guidance, places=next_places(dossier.supply.request))
    return RequestFile.whole(dossier, notes=notes, discrepancy=discrepancy, guidance=guidance)
