"""What the saga decides is done here, in one place: pieces move, money is settled, deadlines run, others hear it."""

from collections.abc import Mapping
from types import MappingProxyType

from parts.desk import Desk
from parts.domain.claims import Delivery
from parts.domain.ledger import Kind
from parts.domain.lines import reserve
from parts.domain.supply import step
from parts.domain.supply_words import OPEN, Command, Happening, RequestState
from parts.queries.dossiers import Dossier
from parts.use_cases.keep_parts import EXPIRY_DEADLINE, keep_for_a_while, keep_parts, keep_until_expected
from parts.use_cases.move_stock import Move, move_stock
from parts.use_cases.promise_day import look_again
from parts.use_cases.settle_deposit import settle_deposit
from parts.use_cases.tell_customer import CHASE_DEADLINE, tell_customer
from parts.use_cases.time_request import time_request
from shared.contracts.parts import PartsReleased, PartsUnavailable, ReservationExpired
from shared.messaging.unit_of_work import UnitOfWork

NOTHING_CAME = Delivery()
_WHY: Mapping[Happening, str] = MappingProxyType(
    {
        Happening.DECLINED: "deposit_declined",
        Happening.UNPAID: "deposit_unpaid",
        Happening.REJECTED: "claim_rejected",
        Happening.FITTED: "completed",
        Happening.NOT_FITTED: "completed",
    }
)
"""Why a request ends, where that is not the name of what happened."""


async def carry_out(
    work: UnitOfWork, *, dossier: Dossier, happening: Happening, desk: Desk, delivery: Delivery = NOTHING_CAME
) -> None:
    """Something happened to a request that the caller has locked. Raises IllegalTransition where it cannot happen.

    `delivery`: what came with it.
    """
    before = dossier.supply
    outcome = step(before, happening=happening, terms=desk.policy.deposits.terms)
    dossier.write_supply(outcome.after)
    if happening is Happening.DRAWN:
        dossier.request.issued_at = dossier.request.issued_at or work.now
    for command in outcome.commands:
        match command:
            case Command.RECEIVE:
                await _receive(work, dossier=dossier, delivery=delivery, desk=desk)
            case Command.KEEP:
                await _reserve_what_arrived(work, dossier=dossier, delivery=delivery, desk=desk)
                keep_parts(work, dossier=dossier, desk=desk)
            case _:
                await _obey(work, command=command, dossier=dossier, happening=happening, desk=desk)
    if outcome.after != before:
        look_again(work, codes=dossier.ordered)
    if before.request in OPEN and outcome.after.request not in OPEN:
        _end(work, dossier=dossier, reason=_WHY.get(happening, str(happening)))
    await time_request(work, dossier=dossier, before=before, desk=desk)


async def balance(work: UnitOfWork, *, dossier: Dossier, desk: Desk) -> None:
    """A request whose work order is over is settled once no piece is owed."""
    if dossier.supply.request is RequestState.OWED and not any(line.owed for line in dossier.counted):
        await carry_out(work, dossier=dossier, happening=Happening.BALANCED, desk=desk)


async def _obey(work: UnitOfWork, *, command: Command, dossier: Dossier, happening: Happening, desk: Desk) -> None:
    match command:
        case Command.TELL:
            tell_customer(work, dossier=dossier, desk=desk)
        case Command.STOP:
            _stop_waiting(work, dossier=dossier)
        case Command.RELEASE:
            await _release(work, dossier=dossier, desk=desk)
        case Command.TAKE | Command.WAIVE | Command.REFUND | Command.FORFEIT:
            settle_deposit(work, command=command, dossier=dossier, happening=happening)


async def receive_in_part(work: UnitOfWork, *, dossier: Dossier, delivery: Delivery, desk: Desk) -> None:
    """Some of a claim order came: kept for the request that waits for it, whose customer hears once all is there.

    Raises IllegalTransition where it cannot arrive.
    """
    step(dossier.supply, happening=Happening.ARRIVED, terms=desk.policy.deposits.terms)
    await _receive(work, dossier=dossier, delivery=delivery, desk=desk)
    if dossier.supply.request is RequestState.SHORT:
        await _reserve_what_arrived(work, dossier=dossier, delivery=delivery, desk=desk)
        keep_for_a_while(work, dossier=dossier, desk=desk)
        expected_at = dossier.its_claim.expected_at or work.now
        keep_until_expected(work, dossier=dossier, expected_at=expected_at, desk=desk)
    dossier.its_claim.version += 1
    dossier.request.version += 1
    look_again(work, codes=delivery.pieces)


async def _receive(work: UnitOfWork, *, dossier: Dossier, delivery: Delivery, desk: Desk) -> None:
    dossier.write_arrived(delivery.pieces)
    claim = dossier.its_claim
    moves = [
        Move(
            part_code=part_code,
            kind=Kind.RECEIPT,
            pieces=pieces,
            reference=f"claim_order/{claim.id}/{claim.receipts}",
            unit_cost=delivery.unit_costs.get(part_code),
            serials=tuple(delivery.serials.get(part_code, ())),
        )
        for part_code, pieces in delivery.pieces.items()
    ]
    await move_stock(work, moves=moves, desk=desk)


async def _reserve_what_arrived(work: UnitOfWork, *, dossier: Dossier, delivery: Delivery, desk: Desk) -> None:
    arrived, request_id = delivery.pieces, dossier.request.id
    reference = f"claim_order/{dossier.its_claim.id}"
    moves = [
        Move(part_code=code, kind=Kind.RESERVE, pieces=pieces, reference=reference, request_id=request_id)
        for code, pieces in arrived.items()
    ]
    await move_stock(work, moves=moves, desk=desk)
    dossier.write_lines([reserve(line, available=arrived.get(line.part_code, 0)) for line in dossier.counted])


def _stop_waiting(work: UnitOfWork, *, dossier: Dossier) -> None:
    dossier.request.expires_at = None
    work.cancel_deadline(f"{EXPIRY_DEADLINE}/{dossier.request.id}")
    if dossier.claim is not None:
        work.cancel_deadline(f"{CHASE_DEADLINE}/{dossier.claim.id}")


async def _release(work: UnitOfWork, *, dossier: Dossier, desk: Desk) -> None:
    request_id = dossier.request.id
    kept = [line for line in dossier.lines if line.reserved]
    moves = [
        Move(
            part_code=line.part_code,
            kind=Kind.RELEASE,
            pieces=line.reserved,
            reference=f"parts_request/{request_id}",
            request_id=request_id,
        )
        for line in kept
    ]
    await move_stock(work, moves=moves, desk=desk)
    for line in kept:
        line.reserved = 0


def _end(work: UnitOfWork, *, dossier: Dossier, reason: str) -> None:
    request = dossier.request
    request.ended_at, request.reason = work.now, reason
    ids = {"request_id": request.id, "work_order_id": request.work_order_id, "case_id": request.case_id}
    match RequestState(request.state):
        case RequestState.RELEASED:
            work.publish(PartsReleased(**ids, released_at=work.now))
        case RequestState.UNAVAILABLE:
            work.publish(PartsUnavailable(**ids, reason=reason, unavailable_at=work.now))
        case RequestState.EXPIRED:
            work.publish(ReservationExpired(**ids, expired_at=work.now))
        case _:
            pass  # owed until it is balanced: parts_returned and the deposit tell the rest
