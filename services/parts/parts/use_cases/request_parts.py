"""A work order asks for parts: they are kept, or what is missing is ordered (R257, R327)."""

from decimal import Decimal

from parts.desk import Desk
from parts.domain.claims import claim_lines, roles_needed, value_of
from parts.domain.deposits import deposit_for
from parts.domain.lines import together
from parts.domain.supply_words import BEGINNING, ClaimState, DepositState, Happening, RequestState
from parts.queries import dossiers, stock
from parts.queries.dossiers import Dossier
from parts.tables import ClaimRow, DepositRow, LineRow, RequestRow, WorkOrderRow
from parts.use_cases.approve_claim_order import approve_claim_order
from parts.use_cases.carry_out import carry_out
from parts.use_cases.keep_parts import keep_for_a_while, keep_in_part, keep_parts
from parts.use_cases.promise_day import look_again, say_short
from parts.use_cases.quote_claim_order import ask_for_quotation
from parts.use_cases.settle_deposit import DUE_DEADLINE
from parts.use_cases.time_request import time_request
from shared.contracts.dispatch import PartsRequested
from shared.contracts.facts import WarrantyStatus
from shared.contracts.parts import DepositRequired
from shared.messaging.unit_of_work import UnitOfWork


async def request_parts(work: UnitOfWork, *, asked: PartsRequested, desk: Desk) -> None:
    """Once, whatever was heard of the work order before: one that is over gets nothing any more."""
    order = await dossiers.lock_order(work.session, order_id=asked.work_order_id)
    if await dossiers.is_known(work.session, request_id=asked.request_id):
        return
    dossier = await _take_down(work, order=order, asked=asked, desk=desk)
    if order.cancelled_at is not None:
        await carry_out(work, dossier=dossier, happening=Happening.CANCELLED, desk=desk)
    elif order.completed_at is not None:
        await carry_out(work, dossier=dossier, happening=Happening.NOT_FITTED, desk=desk)
    else:
        await _supply(work, dossier=dossier, desk=desk)


async def _supply(work: UnitOfWork, *, dossier: Dossier, desk: Desk) -> None:
    codes = {line.part_code for line in dossier.lines}
    catalogue = await stock.parts_by_code(work.session, codes=codes)
    if codes - catalogue.keys():
        await carry_out(work, dossier=dossier, happening=Happening.NOT_OBTAINABLE, desk=desk)
        return
    await keep_in_part(work, dossier=dossier, desk=desk)
    if missing := dossier.missing:
        prices = {code: part.unit_price for code, part in catalogue.items()}
        await _order(work, dossier=dossier, missing=missing, prices=prices, desk=desk)
        keep_for_a_while(work, dossier=dossier, desk=desk)
    else:
        dossier.request.state = RequestState.RESERVED
        keep_parts(work, dossier=dossier, desk=desk)
    await time_request(work, dossier=dossier, before=None, desk=desk)


async def _take_down(work: UnitOfWork, *, order: WorkOrderRow, asked: PartsRequested, desk: Desk) -> Dossier:
    request = RequestRow(
        id=asked.request_id,
        work_order_id=order.work_order_id,
        work_order_number=asked.work_order_number,
        case_id=asked.case_id,
        customer_id=asked.customer_id,
        urgency=asked.urgency,
        warranty=asked.warranty,
        state=BEGINNING.request,
        requested_at=asked.requested_at,
        policy_version=desk.policy_version,
    )
    work.session.add(request)
    await work.session.flush()
    wanted = together([(line.part_code, line.quantity) for line in asked.lines])
    lines = [LineRow(request_id=request.id, part_code=code, asked=pieces) for code, pieces in sorted(wanted.items())]
    work.session.add_all(lines)
    return Dossier(order=order, request=request, lines=lines)


async def _order(
    work: UnitOfWork, *, dossier: Dossier, missing: dict[str, int], prices: dict[str, Decimal], desk: Desk
) -> None:
    """One claim order for all that is missing, with a deposit where the policy asks for one (R320).

    It waits for its signatures (R199), and is approved at once where the policy asks for none.
    Dispatch hears that something is missing: the clock of its repair (R214) stands until the kit is complete. When that
    can be is reckoned right after this transaction, together with the days of all who wait for the same parts.
    """
    request, lines = dossier.request, claim_lines(missing, prices=prices)
    value = value_of(lines)
    dossier.claim = ClaimRow(
        id=work.new_id(),
        request_id=request.id,
        state=ClaimState.AWAITING_APPROVAL,
        amount=value,
        lines=[
            {
                "part_code": line.part_code,
                "quantity": line.quantity,
                "unit_price": str(line.unit_price),
                "arrived": 0,
            }
            for line in lines
        ],
        signatures_needed=list(roles_needed(value, signers=desk.policy.claims.signers)),
        opened_at=work.now,
    )
    work.session.add(dossier.claim)
    await work.session.flush()
    ask_for_quotation(work, dossier=dossier, desk=desk)
    say_short(work, dossier=dossier)
    look_again(work, codes=missing)
    if WarrantyStatus(request.warranty) in desk.policy.deposits.asked_for:
        _ask_for_deposit(work, dossier=dossier, value=value, desk=desk)
    if not dossier.its_claim.signatures_needed:
        await approve_claim_order(work, dossier=dossier, desk=desk)


def _ask_for_deposit(work: UnitOfWork, *, dossier: Dossier, value: Decimal, desk: Desk) -> None:
    request, claim, terms = dossier.request, dossier.its_claim, desk.policy.deposits
    deposit = DepositRow(
        id=work.new_id(),
        claim_order_id=claim.id,
        case_id=request.case_id,
        customer_id=request.customer_id,
        state=DepositState.REQUIRED,
        amount=deposit_for(value, share=terms.share),
        required_at=work.now,
        due_at=work.now + terms.due_within,
    )
    dossier.deposit = deposit
    work.session.add(deposit)
    work.set_deadline(
        f"{DUE_DEADLINE}/{deposit.id}", kind=DUE_DEADLINE, due=deposit.due_at, data={"deposit_id": str(deposit.id)}
    )
    work.publish(
        DepositRequired(
            request_id=request.id,
            work_order_id=request.work_order_id,
            case_id=request.case_id,
            deposit_id=deposit.id,
            claim_order_id=claim.id,
            amount=deposit.amount,
            customer_id=request.customer_id,
            required_at=deposit.required_at,
            due_at=deposit.due_at,
        )
    )
