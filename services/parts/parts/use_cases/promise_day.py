"""When a kit that is short can be complete (R327): told to dispatch, and told again whenever that day moves."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from parts.desk import Desk
from parts.domain.promising import ready_at
from parts.domain.serving import in_turn
from parts.domain.supply_words import ClaimState, RequestState
from parts.queries import dossiers, waiting
from parts.queries.dossiers import Dossier
from shared.contracts.facts import PartNeed
from shared.contracts.parts import PartsShort
from shared.messaging.unit_of_work import UnitOfWork

PROMISE_DEADLINE = "promise"


def look_again(work: UnitOfWork, *, codes: Collection[str], at: datetime | None = None) -> None:
    """Have the days reckoned anew of those who wait for these parts: right after this transaction, or at `at`."""
    for part_code in codes:
        work.set_deadline(
            f"{PROMISE_DEADLINE}/{part_code}",
            kind=PROMISE_DEADLINE,
            due=at or work.now,
            data={"part_code": part_code},
        )


def say_short(work: UnitOfWork, *, dossier: Dossier) -> None:
    """R327: what is missing, and when it can be there as far as is known now."""
    request = dossier.request
    missing = sorted(dossier.missing.items())
    work.publish(
        PartsShort(
            request_id=request.id,
            work_order_id=request.work_order_id,
            case_id=request.case_id,
            missing=tuple(PartNeed(part_code=part_code, quantity=pieces) for part_code, pieces in missing),
            short_at=dossier.its_claim.opened_at,
            promised_at=work.now,
            ready_at=request.ready_at,
        )
    )


async def correct_promise(work: UnitOfWork, *, part_code: str, desk: Desk) -> None:
    """What is on order comes sooner, later or not at all, or somebody else's turn is before: the first who is affected.

    One request in each transaction, since a work order is locked and never after another one. Once all of them are
    told, the next day that passes is waited for: what has not come by then promises nothing any more.
    """
    promised = await waiting.promised(work.session, part_code=part_code)
    if not promised:
        return
    days, following = await _reckon(work, part_code=part_code, desk=desk)
    moved = next((request_id for request_id, day in promised.items() if days.get(request_id, day) != day), None)
    if moved is not None:
        look_again(work, codes=[part_code])
        await _promise(work, request_id=moved, day=days[moved])
    elif following is not None:
        look_again(work, codes=[part_code], at=following)


async def _reckon(
    work: UnitOfWork, *, part_code: str, desk: Desk
) -> tuple[dict[UUID, datetime | None], datetime | None]:
    """The day of everybody who waits for the part, and the next one on which some of it is expected.

    Whose kit lies there is left out: he is served right away.
    """
    who = await waiting.who_waits(work.session, codes=[part_code])
    wanted = {code for one in who for code in one.missing}
    everyone = await waiting.who_waits(work.session, codes=wanted)
    incoming = await waiting.incoming(work.session, codes=wanted)
    free = await waiting.free_pieces(work.session, codes=wanted)
    days = {
        one.request_id: ready_at(one.missing, incoming=incoming, ahead=ahead, free=free, now=work.now)
        for one, ahead in in_turn(everyone, priorities=desk.policy.reservations.priorities)
        if part_code in one.missing
    }
    to_come = [one.expected_at for one in incoming if one.expected_at > work.now]
    return {request_id: day for request_id, day in days.items() if day != work.now}, min(to_come, default=None)


async def _promise(work: UnitOfWork, *, request_id: UUID, day: datetime | None) -> None:
    """Nothing where it waits no more, or for an order of its own, whose day counts instead."""
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    if dossier.supply.request is RequestState.SHORT and dossier.supply.claim is not ClaimState.PLACED:
        dossier.request.ready_at = day
        dossier.request.version += 1
        say_short(work, dossier=dossier)
