"""When a kit that is short can be complete (R327): told to dispatch, and told again whenever that day moves."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from parts.desk import Desk
from parts.domain.promising import days_in_turn
from parts.domain.serving import in_turn, lies_free
from parts.domain.supply_words import RequestState
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
    """What is ordered comes sooner, later or not at all, or somebody else's turn is before: the first who is affected.

    One request in each transaction, since a work order is locked and never after another one. Once all of them are
    told, the next day that passes is waited for: what has not come by then promises nothing any more. While somebody's
    kit lies there nobody is told anything: he is served right away, which moves stock and has all days reckoned anew.
    """
    promised = await waiting.promised(work.session, part_code=part_code)
    if not promised:
        return
    who = await waiting.who_waits(work.session, codes=[part_code])
    wanted = {code for one in who for code in one.missing}
    incoming = await waiting.incoming(work.session, codes=wanted)  # before the shelf, so that what comes is not missed
    free = await waiting.free_pieces(work.session, codes=wanted)
    if any(lies_free(one.missing, available=free) for one in who):
        return
    everyone = await waiting.who_waits(work.session, codes=wanted)
    turns = in_turn(everyone, priorities=desk.policy.reservations.priorities)
    days = days_in_turn(turns, incoming=incoming, free=free, now=work.now)
    moved = next((request_id for request_id, day in promised.items() if days.get(request_id, day) != day), None)
    expected = [one.expected_at for one in incoming] + [one.own_at for one in everyone if one.own_at is not None]
    to_come = [day for day in expected if day > work.now]
    if moved is not None:
        look_again(work, codes=[part_code])
        await _promise(work, request_id=moved, known=promised[moved], day=days[moved])
    elif to_come:
        look_again(work, codes=[part_code], at=min(to_come))


async def _promise(work: UnitOfWork, *, request_id: UUID, known: datetime | None, day: datetime | None) -> None:
    """Nothing where it waits no more, or was told another day than the `known` one meanwhile."""
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    if dossier.supply.request is RequestState.SHORT and dossier.request.ready_at == known:
        dossier.request.ready_at = day
        dossier.request.version += 1
        say_short(work, dossier=dossier)
