"""Claim orders (索赔订货): sign them, place them, receive what was ordered."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from parts.domain.supply_words import UNPAID, ClaimState, Weight
from parts.queries import dossiers, lists
from parts.queries.dossiers import Dossier
from parts.queries.lists import ClaimsAsked
from parts.routes.given import DeskGiven
from parts.schemas.claims import Approval, Arrival, ClaimFile, ClaimView, Nothing, Placement
from parts.use_cases.place_claim_order import give_up_claim_order, place_claim_order, receive_claim_order
from parts.use_cases.sign_claim_order import sign_claim_order
from shared.http.calls import Call, changing, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under
from shared.messaging.unit_of_work import UnitOfWork

router = router_under("/v1/claim-orders", tag="claim orders")
STEP = problem_responses(404, 409, 412, 428)

type Reading = Annotated[Call, reading("parts:read")]
type Ordering = Annotated[Call, changing("claims:write")]


@router.get("")
async def get_claim_orders(
    *,
    asked: Asked,
    call: Reading,
    desk: DeskGiven,
    state: Annotated[list[ClaimState] | None, Query(max_length=10)] = None,
    request_id: UUID | None = None,
    to_sign: Annotated[bool, Query(description="only those that wait for the caller's own signature")] = False,
    to_place: Annotated[bool, Query(description="only those that may go to the supplier now")] = False,
    expected_today: Annotated[bool, Query(description="placed, and expected before midnight")] = False,
    overdue: Annotated[bool, Query(description="placed, and expected before now")] = False,
    unused: Annotated[bool | None, Query(description="true: the parts are there, and nobody drew them (R322)")] = None,
) -> Page[ClaimView]:
    """The newest first."""
    async with call.work() as work:
        before = desk.end_of_day(work.now) if expected_today else None
        waits_for_money = to_place and desk.policy.deposits.weight is Weight.BLOCKING
        wanted = ClaimsAsked(
            states=frozenset({ClaimState.APPROVED}) if to_place else frozenset(state or ()),
            request_id=request_id,
            to_sign_as=call.principal.actor.role if to_sign else None,
            held_back_by=UNPAID if waits_for_money else frozenset(),
            expected_before=work.now if overdue else before,
            unused=unused,
        )
        rows = await lists.claims(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=ClaimView.of, place=lambda row: Place(at=row.opened_at, id=row.id))


@router.get("/{claim_order_id}", response_model=ClaimFile, responses=problem_responses(404))
async def get_claim_order(claim_order_id: UUID, call: Reading) -> Response:
    """One claim order with its signatures."""
    async with call.work() as work:
        row = await dossiers.find_claim(work.session, claim_order_id=claim_order_id)
        signatures = await dossiers.signatures_of(work.session, claim_order_id=claim_order_id)
        return shown(ClaimFile.whole(row, signatures=signatures), version=row.version)


@router.post("/{claim_order_id}/approval", response_model=ClaimFile, responses=STEP)
async def post_approval(
    claim_order_id: UUID, body: Approval, call: Annotated[Call, changing("claims:approve")], desk: DeskGiven
) -> Response:
    """The caller's signature (R199); the last one approves the order, one refusal ends it."""
    async with call.work() as work:
        dossier = await sign_claim_order(
            work,
            claim_order_id=claim_order_id,
            version=call.expected_version,
            decision=body.decision,
            desk=desk,
        )
        return await _answer(call, work, dossier=dossier)


@router.post("/{claim_order_id}/placement", response_model=ClaimFile, responses=STEP)
async def post_placement(claim_order_id: UUID, body: Placement, call: Ordering, desk: DeskGiven) -> Response:
    """It goes to the supplier, once it is approved and its deposit paid (R320); again where he puts it off."""
    async with call.work() as work:
        dossier = await place_claim_order(
            work,
            claim_order_id=claim_order_id,
            version=call.expected_version,
            supplier=body.supplier,
            expected_at=body.expected_at,
            desk=desk,
        )
        return await _answer(call, work, dossier=dossier)


@router.post("/{claim_order_id}/arrival", response_model=ClaimFile, responses=STEP)
async def post_arrival(claim_order_id: UUID, body: Arrival, call: Ordering, desk: DeskGiven) -> Response:
    """What was ordered lies in the store, or some of it, kept for whoever waits for it."""
    async with call.work() as work:
        dossier = await receive_claim_order(
            work, claim_order_id=claim_order_id, version=call.expected_version, delivery=body.to_delivery(), desk=desk
        )
        return await _answer(call, work, dossier=dossier)


@router.post("/{claim_order_id}/cancellation", response_model=ClaimFile, responses=STEP)
async def post_cancellation(claim_order_id: UUID, body: Nothing, call: Ordering, desk: DeskGiven) -> Response:
    """Nobody can deliver it: the request ends as unavailable, and the deposit is refunded."""
    del body
    async with call.work() as work:
        dossier = await give_up_claim_order(
            work, claim_order_id=claim_order_id, version=call.expected_version, desk=desk
        )
        return await _answer(call, work, dossier=dossier)


async def _answer(call: Call, work: UnitOfWork, *, dossier: Dossier) -> Response:
    claim = dossier.its_claim
    view = ClaimFile.whole(claim, signatures=dossier.signatures)
    return await call.commit(work, view, version=claim.version)
