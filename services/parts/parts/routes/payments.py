"""What payment providers call, signed and without a bearer token; what they reported; the ledger of deposits."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from parts.domain.deposit_ledger import EntryKind
from parts.domain.payments import PaymentState
from parts.queries import money
from parts.queries.money import EntriesAsked, PaymentsAsked
from parts.routes.given import DeskGiven
from parts.routes.proof import require_proof
from parts.schemas.instants import When
from parts.schemas.money import (
    EntryView,
    Heard,
    MoneyView,
    PaymentClearing,
    PaymentReport,
    PaymentSettlement,
    PaymentSums,
    PaymentView,
    RawReport,
)
from parts.use_cases.hear_payment import Report, Told, hear_payment
from parts.use_cases.judge_payment import judge_payment
from parts.use_cases.settle_payment import clear_payment, settle_payment, show_report
from shared.actor import Actor
from shared.http.bodies import raw_body
from shared.http.calls import Call, answer_of, changing, reading, response_of, shown
from shared.http.edge import edge_of
from shared.http.paging import Asked, Page, Place, page_of
from shared.http.problems import InvalidInput, NotAuthenticated, problem_responses
from shared.http.routing import router_under
from shared.messaging.unit_of_work import Cause

router = router_under("/v1", tag="payments")

type Reading = Annotated[Call, reading("parts:read")]
SIGNED = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": PaymentReport.model_json_schema()}}}
}


@router.post(
    "/push/payments/{provider}",
    response_model=Heard,
    responses=problem_responses(401, 404, 409),
    openapi_extra=SIGNED,
)
async def post_payment_report(*, provider: str, request: Request, desk: DeskGiven) -> Response:
    """A provider of the policy reports a payment, signed. The same report again gets the same answer."""
    cause = Cause(actor=Actor(kind="source", id=provider, role="payment_provider"))
    works, body = edge_of(request).works, raw_body(request)
    try:
        require_proof(desk, provider=provider, headers=request.headers, body=body)
    except NotAuthenticated:
        await desk.audit.record_alone(
            works, cause=cause, action="payment_forged", subject=f"payment_provider/{provider}"
        )
        raise
    told = _read(body)
    report = Report(provider=provider, body=body, told=told if isinstance(told, Told) else None)
    async with works.begin(cause) as work:
        payment_id = await hear_payment(work, report=report, desk=desk)
        await work.commit()
    if not isinstance(told, Told):
        raise told
    if payment_id is not None:
        async with works.begin(cause) as work:
            refusal = await judge_payment(work, payment_id=payment_id, desk=desk)
            await work.commit()
        if refusal is not None:
            raise refusal
    return response_of(answer_of(Heard(payment_id=told.payment_id), status=200))


@router.get("/payments")
async def get_payments(
    *,
    asked: Asked,
    call: Reading,
    state: Annotated[
        list[PaymentState] | None, Query(max_length=5, description="`refused`, `heard`: not taken, to be given back")
    ] = None,
    deposit_id: UUID | None = None,
    received_before: When | None = None,
    withdrawn: Annotated[
        bool | None, Query(description="true: taken, given back by the provider himself, and nobody has looked into it")
    ] = None,
) -> Page[PaymentView]:
    """What providers reported, the newest first."""
    async with call.work() as work:
        wanted = PaymentsAsked(
            states=frozenset(state or ()), deposit_id=deposit_id, received_before=received_before, withdrawn=withdrawn
        )
        rows = await money.payments(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=PaymentView.of, place=lambda row: Place(at=row.received_at, id=row.id))


@router.get("/payments/{payment_id}", response_model=PaymentView, responses=problem_responses(404))
async def get_payment(payment_id: UUID, call: Reading) -> Response:
    """One payment that was reported."""
    async with call.work() as work:
        row = await money.find_payment(work.session, payment_id=payment_id)
        return shown(PaymentView.of(row), version=row.version)


@router.get("/payments/{payment_id}/report", responses=problem_responses(404, 410))
async def get_payment_report(
    payment_id: UUID, call: Annotated[Call, reading("deposits:write")], desk: DeskGiven
) -> RawReport:
    """What the provider said, for whoever has to find out whose money it is; who reads it is audited."""
    async with call.work() as work:
        report = await show_report(work, payment_id=payment_id, desk=desk)
        await work.commit()
        return RawReport(report=report)


@router.post(
    "/payments/{payment_id}/settlement", response_model=PaymentView, responses=problem_responses(404, 409, 412, 428)
)
async def post_settlement(
    payment_id: UUID, body: PaymentSettlement, call: Annotated[Call, changing("deposits:write")], desk: DeskGiven
) -> Response:
    """Money that was not taken was given back, or there is nothing to give back: that is its end."""
    async with call.work() as work:
        row = await settle_payment(
            work,
            payment_id=payment_id,
            version=call.expected_version,
            ending=body.ending,
            stated=body.stated(),
            reference=body.reference,
            desk=desk,
        )
        return await call.commit(work, PaymentView.of(row), version=row.version)


@router.post(
    "/payments/{payment_id}/clearing", response_model=PaymentView, responses=problem_responses(404, 409, 412, 428)
)
async def post_clearing(
    payment_id: UUID, body: PaymentClearing, call: Annotated[Call, changing("deposits:write")], desk: DeskGiven
) -> Response:
    """Somebody has looked into what was taken and the provider gave back himself; its deposit goes its way again."""
    async with call.work() as work:
        row = await clear_payment(
            work, payment_id=payment_id, version=call.expected_version, reference=body.reference, desk=desk
        )
        return await call.commit(work, PaymentView.of(row), version=row.version)


@router.get("/payment-sums")
async def get_payment_sums(call: Reading) -> PaymentSums:
    """Money that providers reported: what is not in the ledger of deposits is accounted for beside it."""
    async with call.work() as work:
        found = await money.payment_sums(work.session)
        return PaymentSums.of(found, unread=await money.count_unread(work.session))


@router.get("/deposit-entries")
async def get_entries(
    *,
    asked: Asked,
    call: Reading,
    kind: Annotated[list[EntryKind] | None, Query(max_length=3)] = None,
    deposit_id: UUID | None = None,
    since: When | None = None,
    until: When | None = None,
) -> Page[EntryView]:
    """The ledger of deposits, the newest first."""
    async with call.work() as work:
        wanted = EntriesAsked(kinds=frozenset(kind or ()), deposit_id=deposit_id, since=since, until=until)
        rows = await money.entries(work.session, asked=wanted, page=asked)
        return page_of(rows, asked=asked, view=EntryView.of, place=lambda row: Place(at=row.at, id=row.id))


@router.get("/deposit-sums")
async def get_sums(call: Reading, until: Annotated[When | None, Query(description="before then")] = None) -> MoneyView:
    """What the ledger adds up to from its beginning: paid = held + refunded + forfeited."""
    async with call.work() as work:
        return MoneyView.of(await money.sums(work.session, asked=EntriesAsked(until=until)))


def _read(body: bytes) -> Told | InvalidInput:
    try:
        return Told(**PaymentReport.model_validate_json(body).model_dump())
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(str(part) for part in one["loc"]) or "body" for one in error.errors()}))
        return InvalidInput(
            f"the report cannot be read: {fields}",
            expected="a JSON object with payment_id, deposit_id, amount (two decimals), currency and status",
        )
