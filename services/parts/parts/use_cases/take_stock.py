"""A place is counted (盘点): opened, counted part by part, and its differences posted, or all of it dropped."""

from collections.abc import Mapping
from uuid import UUID

from parts.desk import Desk
from parts.domain.ledger import Kind
from parts.domain.serials import Serials, check_all_named, check_serials
from parts.domain.takes import TakeState, check_open, differences
from parts.policy import require_known
from parts.queries import places, stock, takes
from parts.queries import serials as known_serials
from parts.tables import CountRow, TakeRow
from parts.use_cases.move_stock import Move, move_stock
from parts.use_cases.set_up_location import usual_place
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


async def open_take(work: UnitOfWork, *, location: str, desk: Desk) -> TakeRow:
    """One at a time in a place. Raises IllegalTransition, Unknown."""
    await usual_place(work, desk=desk)
    place = await places.lock(work.session, code=location)
    known = await takes.open_at(work.session, location=place.code)
    if known is not None:
        raise IllegalTransition(
            "stock_take_open",
            detail=f"{location} is being counted since {known.opened_at.isoformat()}",
            expected=f"the stock take {known.id} posted or abandoned first",
        )
    take = TakeRow(
        id=work.new_id(),
        location=place.code,
        state=TakeState.OPEN,
        opened_at=work.now,
        opened_by=work.cause.actor.id,
    )
    work.session.add(take)
    await work.session.flush()
    await desk.audit.record(work, action="stock_take_opened", subject=f"stock_take/{take.id}")
    return take


async def count_parts(
    work: UnitOfWork, *, take_id: UUID, version: int | None, counted: Mapping[str, int], serials: Serials
) -> TakeRow:
    """Part code to pieces that lie there, each compared with the books as they are now; a part may be counted again.

    `serials`: the numbers of all pieces of serial-tracked parts. Raises Unknown for parts that the catalogue has not,
    IllegalTransition for a stock take that is over, Refusal for pieces without their number.
    """
    check_serials(counted, serials=serials)
    take = await _lock(work, take_id=take_id, version=version)
    held = await stock.lock(work.session, codes=counted.keys())
    for code in counted.keys() - held.keys():
        await stock.find_part(work.session, part_code=code)
    shelves = await places.shelves(work.session, codes=counted.keys())
    for code in await stock.serial_tracked(work.session, codes=counted.keys()):
        check_all_named(serials.get(code, ()), part_code=code, pieces=counted[code])
    for code, pieces in sorted(counted.items()):
        shelf = shelves.get((code, take.location))
        booked, movements = (shelf.on_hand, shelf.movements) if shelf else (0, 0)
        count = CountRow(
            take_id=take_id,
            part_code=code,
            counted=pieces,
            booked=booked,
            movements=movements,
            serials=list(serials.get(code, ())),
            counted_at=work.now,
            counted_by=work.cause.actor.id,
        )
        await work.session.merge(count)
    take.version += 1
    return take


async def withdraw_count(work: UnitOfWork, *, take_id: UUID, version: int | None, part_code: str) -> TakeRow:
    """As if the part had not been counted, so that the others can be posted; it may be counted again.

    Raises Unknown for a part that was not counted, IllegalTransition for a stock take that is over.
    """
    take = await _lock(work, take_id=take_id, version=version)
    await work.session.delete(await takes.find_count(work.session, take_id=take_id, part_code=part_code))
    take.version += 1
    return take


async def post_take(work: UnitOfWork, *, take_id: UUID, version: int | None, reason: str, desk: Desk) -> TakeRow:
    """The differences become adjustments, all of them or none. Raises IllegalTransition where goods moved meanwhile."""
    require_known(reason, known=desk.policy.adjustment_reasons, field="reason")
    take = await _lock(work, take_id=take_id, version=version)
    counts = [takes.count_of(row) for row in await takes.counts_of(work.session, take_id=take_id)]
    codes = {count.part_code for count in counts}
    await stock.lock(work.session, codes=codes)
    shelves = await places.shelves(work.session, codes=codes)
    movements = {code: row.movements for (code, place), row in shelves.items() if place == take.location}
    lying = {
        code: await known_serials.lying_at(work.session, part_code=code, location=take.location)
        for code in await stock.serial_tracked(work.session, codes=codes)
    }
    found = differences(counts, movements=movements, lying=lying, location=take.location)
    moves = [
        Move(
            part_code=one.part_code,
            kind=Kind.ADJUSTMENT,
            pieces=one.pieces,
            reference=f"stock_take/{take_id}",
            location=take.location,
            serials=one.serials,
        )
        for one in found
    ]
    await move_stock(work, moves=moves, desk=desk)
    take.reason = reason
    _close(work, take=take, state=TakeState.POSTED)
    await desk.audit.record(
        work,
        action="stock_take_posted",
        subject=f"stock_take/{take_id}",
        details={"reason": reason, "parts": len({one.part_code for one in found})},
    )
    return take


async def abandon_take(work: UnitOfWork, *, take_id: UUID, version: int | None, desk: Desk) -> TakeRow:
    """Nothing of it is posted. Raises IllegalTransition for one that is over."""
    take = await _lock(work, take_id=take_id, version=version)
    _close(work, take=take, state=TakeState.ABANDONED)
    await desk.audit.record(work, action="stock_take_abandoned", subject=f"stock_take/{take_id}")
    return take


async def _lock(work: UnitOfWork, *, take_id: UUID, version: int | None) -> TakeRow:
    take = await takes.lock(work.session, take_id=take_id)
    require_version(take.version, expected=version)
    check_open(TakeState(take.state))
    return take


def _close(work: UnitOfWork, *, take: TakeRow, state: TakeState) -> None:
    take.state, take.closed_at, take.closed_by = state, work.now, work.cause.actor.id
    take.version += 1
