"""Deposits (订金): what is due, paid and declined (R320)."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import HTMLResponse, Response

from parts.domain.supply_words import DepositState
from parts.page.receipt import HEADERS, Language, receipt_page
from parts.queries import lists
from parts.queries.lists import DepositsAsked
from parts.routes.given import DeskGiven
from parts.schemas.claims import DepositView, HandedBack, Nothing, Payment
from parts.schemas.instants import When
from parts.use_cases.hand_back_deposit import hand_back_deposit
from parts.use_cases.take_payment import agree_to_deposit, decline_deposit, take_payment
from shared.http.calls import Call, changing, reading, shown
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import problem_responses
from shared.http.routing import router_under

router = router_under("/v1/deposits", tag="deposits")
STEP = problem_responses(404, 409, 412, 428)

type Reading = Annotated[Call, reading("parts:read")]
type Taking = Annotated[Call, changing("deposits:write")]


@router.get("")
async def get_deposits(
    *,
    asked: Asked,
    call: Reading,
    state: Annotated[list[DepositState] | None, Query(max_length=10)] = None,
    case_id: UUID | None = None,
    customer_id: UUID | None = None,
    due_before: Annotated[When | None, Query(description="not paid, and due before then")] = None,
    held_before: Annotated[When | None, Query(description="paid before then, and held since")] = None,
    refund_due: Annotated[
        bool | None, Query(description="true: refunded, and not with the customer yet; false: he has it")
    ] = None,
) -> Page[DepositView]:
    """The newest first."""
    async with call.work() as work:
        wanted = DepositsAsked(
            states=frozenset(state or ()),
            case_id=case_id,
            customer_id=customer_id,
            due_before=due_before,
            held_before=held_before,
            refund_due=refund_due,
        )
        rows = await lists.deposits(work.session, asked=wanted, page=asked)
        return page_of(
            rows,
            asked=asked,
            view=lambda row: DepositView.of(*row),
            place=lambda row: Place(at=row[0].required_at, id=row[0].id),
        )


@router.get("/{deposit_id}", response_model=DepositView, responses=problem_responses(404))
async def get_deposit(deposit_id: UUID, call: Reading) -> Response:
    """One deposit."""
    async with call.work() as work:
        deposit, request = await lists.find_deposit(work.session, deposit_id=deposit_id)
        return shown(DepositView.of(deposit, request), version=deposit.version)


@router.get(
    "/{deposit_id}/receipt",
    response_class=HTMLResponse,
    responses=problem_responses(404, 409),
)
async def get_receipt(deposit_id: UUID, call: Reading, desk: DeskGiven, lang: Language = "zh-CN") -> Response:
    """A receipt to be printed, once the deposit was paid; it names no customer."""
    async with call.work() as work:
        deposit, request = await lists.find_deposit(work.session, deposit_id=deposit_id)
        page = receipt_page(deposit, request, language=lang, policy=desk.policy)
        return HTMLResponse(page, headers={**HEADERS, "Content-Language": lang})


@router.post("/{deposit_id}/payment", response_model=DepositView, responses=STEP)
async def post_payment(deposit_id: UUID, body: Payment, call: Taking, desk: DeskGiven) -> Response:
    """The customer pays exactly what was asked for, in time, once."""
    async with call.work() as work:
        dossier = await take_payment(
            work,
            deposit_id=deposit_id,
            version=call.expected_version,
            amount=body.amount,
            method=body.method,
            desk=desk,
        )
        deposit = dossier.its_deposit
        return await call.commit(work, DepositView.of(deposit, dossier.request), version=deposit.version)


@router.post("/{deposit_id}/handback", response_model=DepositView, responses=STEP)
async def post_handback(deposit_id: UUID, body: HandedBack, call: Taking, desk: DeskGiven) -> Response:
    """The customer has his refund: it is due no more (R321)."""
    async with call.work() as work:
        dossier = await hand_back_deposit(
            work, deposit_id=deposit_id, version=call.expected_version, reference=body.reference, desk=desk
        )
        deposit = dossier.its_deposit
        return await call.commit(work, DepositView.of(deposit, dossier.request), version=deposit.version)


@router.post("/{deposit_id}/agreement", response_model=DepositView, responses=STEP)
async def post_agreement(deposit_id: UUID, body: Nothing, call: Taking, desk: DeskGiven) -> Response:
    """The customer agrees to pay (R320); the money is still to come."""
    del body
    async with call.work() as work:
        dossier = await agree_to_deposit(work, deposit_id=deposit_id, version=call.expected_version, desk=desk)
        deposit = dossier.its_deposit
        return await call.commit(work, DepositView.of(deposit, dossier.request), version=deposit.version)


@router.post("/{deposit_id}/decline", response_model=DepositView, responses=STEP)
async def post_decline(deposit_id: UUID, body: Nothing, call: Taking, desk: DeskGiven) -> Response:
    """The customer does not want to pay: where the policy insists on it, nothing is ordered for him."""
    del body
    async with call.work() as work:
        dossier = await decline_deposit(work, deposit_id=deposit_id, version=call.expected_version, desk=desk)
        deposit = dossier.its_deposit
        return await call.commit(work, DepositView.of(deposit, dossier.request), version=deposit.version)
