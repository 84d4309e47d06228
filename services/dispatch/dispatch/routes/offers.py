"""Offers: whose turn it is says yes or no; a dispatcher may answer for him."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from dispatch.domain.offers import OfferState
from dispatch.queries import work_orders
from dispatch.routes.given import DeskGiven
from dispatch.schemas.work_orders import OfferRefusal, OfferView
from dispatch.use_cases.answer_offer import accept_offer, refuse_offer
from shared.http.calls import Call, acting, reading
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1/offers", tag="offers")
ANSWER = problem_responses(404, 409)

type Reading = Annotated[Call, reading("work_orders:read")]
type Answering = Annotated[Call, acting("offers:answer")]


@router.get("")
async def get_offers(
    *,
    asked: Asked,
    call: Reading,
    state: OfferState | None = None,
    technician: Annotated[str | None, Query(max_length=40, description="staff number, or `me`")] = None,
    work_order_id: UUID | None = None,
) -> Page[OfferView]:
    """The newest first."""
    async with call.work() as work:
        rows = await work_orders.offers(
            work.session,
            state=state,
            staff_number=call.principal.actor.id if technician == "me" else technician,
            order_id=work_order_id,
            page=asked,
        )
        return page_of(rows, asked=asked, view=OfferView.of, place=lambda row: Place(at=row.offered_at, id=row.id))


@router.get("/{offer_id}", responses=problem_responses(404))
async def get_offer(offer_id: UUID, call: Reading) -> OfferView:
    """One offer."""
    async with call.work() as work:
        return OfferView.of(await work_orders.find_offer(work.session, offer_id=offer_id))


@router.post("/{offer_id}/acceptance", response_model=OfferView, responses=ANSWER)
async def post_acceptance(offer_id: UUID, call: Answering, desk: DeskGiven) -> Response:
    """The technician takes the order."""
    async with call.work() as work:
        return await call.commit(work, OfferView.of(await accept_offer(work, offer_id=offer_id, desk=desk)))


@router.post("/{offer_id}/refusal", response_model=OfferView, responses=ANSWER)
async def post_refusal(offer_id: UUID, body: OfferRefusal, call: Answering, desk: DeskGiven) -> Response:
    """The technician does not take it; the next one is asked."""
    async with call.work() as work:
        row = await refuse_offer(work, offer_id=offer_id, reason=body.reason, desk=desk)
        return await call.commit(work, OfferView.of(row))
