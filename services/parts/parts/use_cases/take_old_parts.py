"""Removed parts (旧件) come back to the store, lie where they belong, and are cleared away in time (R296)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from parts.desk import Desk
from parts.domain.old_parts import Repair, check_exchanged, check_not_lying, check_removed, is_needed
from parts.domain.serials import Away, Serials, check_all_named, check_serials
from parts.policy import require_known
from parts.queries import dossiers, old_parts, stock
from parts.queries import serials as known_serials
from parts.tables import OldPartRow, RequestRow
from parts.use_cases.keep_books import lock_stock
from shared.contracts.facts import WarrantyStatus
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Removed parts of a request, and the version that it has by now."""

    rows: Sequence[OldPartRow]
    version: int


async def take_old_parts(
    work: UnitOfWork,
    *,
    request_id: UUID,
    version: int | None,
    wanted: Mapping[str, int],
    serials: Serials,
    location: str,
    desk: Desk,
) -> Taken:
    """R296: what was taken out for parts of this request, and on which rack or in which box it lies.

    Raises Refusal for a part that was not issued on it, and for a faulty piece without its number where the policy asks
    for it; IllegalTransition for more than were exchanged. It moves no stock: a removed part is none.
    """
    require_known(location, known=desk.policy.issuing.old_part_locations, field="location")
    check_serials(wanted, serials=serials)
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    require_version(dossier.request.version, expected=version)
    before = await old_parts.handed_in(work.session, request_id=request_id)
    repair = Repair.UNDER_WAY if dossier.order.completed_at is None else Repair.COMPLETED
    check_exchanged(dossier.counted, wanted=wanted, handed_in=before, repair=repair)
    await _name(work, request=dossier.request, wanted=wanted, serials=serials, desk=desk)
    rows = [
        OldPartRow(
            id=work.new_id(),
            request_id=request_id,
            part_code=part_code,
            quantity=pieces,
            serials=list(serials.get(part_code, ())),
            location=location,
            received_at=work.now,
            received_by=work.cause.actor.id,
        )
        for part_code, pieces in sorted(wanted.items())
    ]
    work.session.add_all(rows)
    dossier.request.version += 1
    await desk.audit.record(work, action="old_parts_taken", subject=f"parts_request/{request_id}")
    return Taken(rows=rows, version=dossier.request.version)


async def clear_old_parts(
    work: UnitOfWork, *, request_id: UUID, version: int | None, cleared_as: str, desk: Desk
) -> Taken:
    """R296: what came back with this request lies there no more. Raises IllegalTransition where nothing does."""
    require_known(cleared_as, known=desk.policy.issuing.old_part_clearings, field="cleared_as")
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    require_version(dossier.request.version, expected=version)
    rows = await old_parts.lying(work.session, request_id=request_id)
    if not rows:
        raise IllegalTransition(
            "nothing_to_clear",
            detail="no removed part of this request lies in the store",
            expected="a request of GET /v1/old-parts?cleared=false",
        )
    for row in rows:
        row.cleared_at, row.cleared_as, row.cleared_by = work.now, cleared_as, work.cause.actor.id
    dossier.request.version += 1
    await desk.audit.record(
        work,
        action="old_parts_cleared",
        subject=f"parts_request/{request_id}",
        details={"cleared_as": cleared_as},
    )
    return Taken(rows=rows, version=dossier.request.version)


async def _name(
    work: UnitOfWork, *, request: RequestRow, wanted: Mapping[str, int], serials: Serials, desk: Desk
) -> None:
    """The faulty pieces are known like those that replaced them, and are no more with whom they were drawn for."""
    await lock_stock(work, codes=wanted.keys(), desk=desk)
    tracked = await stock.serial_tracked(work.session, codes=wanted.keys())
    if is_needed(desk.policy.issuing.faulty_serials, warranty=WarrantyStatus(request.warranty)):
        for code in tracked:
            check_all_named(serials.get(code, ()), part_code=code, pieces=wanted[code])
    for code, given in serials.items():
        lying = await old_parts.lying_named(work.session, part_code=code, serials=given)
        check_not_lying(given, part_code=code, lying=lying)
        rows = await known_serials.of_part(work.session, part_code=code, serials=given)
        known = {serial: known_serials.piece_of(row) for serial, row in rows.items()}
        check_removed(given, part_code=code, known=known, request_id=request.id)
        for row in rows.values():
            row.away, row.request_id = Away.REMOVED, None
            row.reference, row.moved_at = f"parts_request/{request.id}", work.now
