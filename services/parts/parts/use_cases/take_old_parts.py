"""Removed parts (旧件) come back to the store, lie where they belong, and are cleared away in time (R296)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from parts.desk import Desk
from parts.domain.serials import Serials, check_serials
from parts.policy import require_known
from parts.queries import dossiers, old_parts
from parts.tables import OldPartRow
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, Refusal, require_version


async def take_old_parts(
    work: UnitOfWork,
    *,
    request_id: UUID,
    wanted: Mapping[str, int],
    serials: Serials,
    location: str,
    desk: Desk,
) -> list[OldPartRow]:
    """R296: what was taken out for parts of this request, and on which rack or in which box it lies.

    Raises Refusal for a part that was not issued on it. It moves no stock: a removed part is none.
    """
    require_known(location, known=desk.policy.issuing.old_part_locations, field="location")
    check_serials(wanted, serials=serials)
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    issued = {line.part_code for line in dossier.counted if line.issued}
    if unknown := sorted(wanted.keys() - issued):
        raise Refusal(
            "not_issued",
            detail=f"{', '.join(unknown)} was not issued on this request",
            expected=f"what was taken out for: {', '.join(sorted(issued)) or 'nothing yet'}",
        )
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
    await desk.audit.record(work, action="old_parts_taken", subject=f"parts_request/{request_id}")
    return rows


async def clear_old_parts(
    work: UnitOfWork, *, request_id: UUID, version: int | None, cleared_as: str, desk: Desk
) -> Sequence[OldPartRow]:
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
    return rows
