"""Purchase requests (R331): what somebody asks purchasing for, and what becomes of it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.desk import Desk
from parts.domain.guidance import GuidancePlace
from parts.domain.purchasing import Arrangement
from parts.policy.guidance import told_at
from parts.queries import purchasing
from parts.queries.purchasing import PurchaseRequestsAsked
from parts.routes.given import DeskGiven
from parts.routes.site_contacts import SiteContactsGiven
from parts.schemas.instants import When
from parts.schemas.purchasing import (
    Allocation,
    Decline,
    DeliveryView,
    NewPurchaseRequest,
    PurchaseRequestFile,
    PurchaseRequestView,
)
from parts.tables import PurchaseRequestRow
from parts.use_cases.ask_purchase import allocate_material, ask_purchase, decline_purchase, show_delivery, site_case_of
from shared.http.calls import Call, changing, creating, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1/purchase-requests", tag="purchasing")
STEP = problem_responses(404, 409, 412, 428)

type Reading = Annotated[Call, reading("parts:read")]
type Buying = Annotated[Call, changing("purchasing:write")]


@router.post("", status_code=201, response_model=PurchaseRequestFile, responses=problem_responses(404, 428))
async def post_purchase_request(
    body: NewPurchaseRequest, call: Annotated[Call, creating("purchasing:request")], desk: DeskGiven
) -> Response:
    """Parts are asked for, with model, quantity, when they are wanted and where they go."""
    async with call.work() as work:
        view = _file(await ask_purchase(work, form=body.to_form(), desk=desk), desk=desk)
        location = f"/v1/purchase-requests/{view.id}"
        return await call.commit(work, view, status=201, version=view.version, location=location)


@router.get("")
async def get_purchase_requests(
    *,
    asked: Asked,
    call: Reading,
    state: Annotated[list[Arrangement] | None, Query(max_length=10)] = None,
    case_id: UUID | None = None,
    wanted_before: Annotated[When | None, Query(description="open, and wanted before then")] = None,
) -> Page[PurchaseRequestView]:
    """The newest first."""
    async with call.work() as work:
        wanted = PurchaseRequestsAsked(states=frozenset(state or ()), case_id=case_id, wanted_before=wanted_before)
        rows = await purchasing.requests(work.session, asked=wanted, page=asked)
        return page_of(
            rows, asked=asked, view=PurchaseRequestView.of, place=lambda row: Place(at=row.asked_at, id=row.id)
        )


@router.get("/{purchase_request_id}", response_model=PurchaseRequestFile, responses=problem_responses(404))
async def get_purchase_request(purchase_request_id: UUID, call: Reading, desk: DeskGiven) -> Response:
    """One purchase request."""
    async with call.work() as work:
        row = await purchasing.find_request(work.session, request_id=purchase_request_id)
        return shown(_file(row, desk=desk), version=row.version)


@router.get("/{purchase_request_id}/delivery", response_model=DeliveryView, responses=problem_responses(404, 409, 410))
async def get_delivery(
    purchase_request_id: UUID,
    call: Annotated[Call, reading("contacts:read")],
    contacts: SiteContactsGiven,
    desk: DeskGiven,
) -> Response:
    """What goes to the site, with contact and phone there (R331), for a stated purpose; it is audited."""
    async with call.work() as work:
        case_id = site_case_of(await purchasing.find_request(work.session, request_id=purchase_request_id))
    site = await contacts.of(case_id, purpose=call.purpose)
    async with call.work() as work:
        row = await show_delivery(work, request_id=purchase_request_id, purpose=call.purpose, desk=desk)
        answer = await call.commit(work, DeliveryView.whole(row, site=site), version=row.version)
        answer.headers["Cache-Control"] = "no-store"
        return answer


@router.post("/{purchase_request_id}/allocation", response_model=PurchaseRequestFile, responses=STEP)
async def post_allocation(purchase_request_id: UUID, body: Allocation, call: Buying, desk: DeskGiven) -> Response:
    """It leaves the shelf for whoever asked (调用, R332)."""
    async with call.work() as work:
        row = await allocate_material(
            work, request_id=purchase_request_id, version=call.expected_version, **body.model_dump(), desk=desk
        )
        return await call.commit(work, _file(row, desk=desk), version=row.version)


@router.post("/{purchase_request_id}/refusal", response_model=PurchaseRequestFile, responses=STEP)
async def post_refusal(purchase_request_id: UUID, body: Decline, call: Buying, desk: DeskGiven) -> Response:
    """Nothing is bought, for a reason of the policy."""
    async with call.work() as work:
        row = await decline_purchase(
            work, request_id=purchase_request_id, version=call.expected_version, reason=body.reason, desk=desk
        )
        return await call.commit(work, _file(row, desk=desk), version=row.version)


def _file(row: PurchaseRequestRow, *, desk: Desk) -> PurchaseRequestFile:
    return PurchaseRequestFile.whole(row, guidance=told_at(desk.policy.guidance, places={GuidancePlace.PURCHASING}))
