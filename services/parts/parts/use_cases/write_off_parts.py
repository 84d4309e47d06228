"""Drawn pieces that were neither fitted nor come back are written off (核销), by the name of who drew them (R295)."""

from collections.abc import Mapping
from uuid import UUID

from parts.desk import Desk
from parts.domain.issuing import check_drew
from parts.domain.ledger import Kind
from parts.domain.lines import write_off
from parts.domain.old_parts import check_not_exchanged
from parts.domain.serials import Serials, check_serials
from parts.policy import require_known
from parts.queries import dossiers, old_parts, stock
from parts.queries.dossiers import Dossier
from parts.tables import NoteRow
from parts.use_cases.carry_out import balance
from parts.use_cases.move_serials import Named, move_serials
from parts.use_cases.move_stock import Move, move_stock
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def write_off_parts(
    work: UnitOfWork,
    *,
    request_id: UUID,
    version: int | None,
    wanted: Mapping[str, int],
    serials: Serials,
    reason: str,
    issued_to: str,
    desk: Desk,
) -> Dossier:
    """R295: nobody owes them any more, and their cost stays with the work order; nothing comes to lie in the store.

    `issued_to`: who drew them; `serials`: by part code, all of those that are known piece by piece. Raises
    IllegalTransition for pieces that are fitted or back, Refusal for somebody who drew nothing.
    """
    require_known(reason, known=desk.policy.issuing.loss_reasons, field="reason")
    check_serials(wanted, serials=serials)
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    require_version(dossier.request.version, expected=version)
    notes = await dossiers.notes_of(work.session, request_id=request_id)
    check_drew(issued_to, drawn_by={note.issued_to for note in notes if note.issued_to is not None})
    lines = write_off(dossier.counted, wanted=wanted)
    handed_in = await old_parts.handed_in(work.session, request_id=request_id)
    check_not_exchanged(dossier.counted, wanted=wanted, handed_in=handed_in)
    dossier.write_lines(lines)
    dossier.request.version += 1
    note = NoteRow(
        id=work.new_id(),
        request_id=request_id,
        kind=Kind.LOSS,
        lines=[
            {"part_code": code, "quantity": pieces, "serials": list(serials.get(code, ()))}
            for code, pieces in wanted.items()
        ],
        reason=reason,
        issued_to=issued_to,
        posted_at=work.now,
        posted_by=work.cause.actor.id,
    )
    await _post(work, note=note, wanted=wanted, serials=serials, desk=desk)
    await balance(work, dossier=dossier, desk=desk)
    await desk.audit.record(
        work,
        action="parts_written_off",
        subject=f"parts_request/{request_id}",
        details={"reason": reason, "issued_to": issued_to},
    )
    return dossier


async def _post(work: UnitOfWork, *, note: NoteRow, wanted: Mapping[str, int], serials: Serials, desk: Desk) -> None:
    work.session.add(note)
    reference = f"store_note/{note.id}"
    moves = [
        Move(part_code=code, kind=Kind.LOSS, pieces=pieces, reference=reference, request_id=note.request_id)
        for code, pieces in wanted.items()
    ]
    await move_stock(work, moves=moves, desk=desk)
    for code in await stock.serial_tracked(work.session, codes=wanted.keys()):
        named = Named(
            part_code=code,
            kind=Kind.LOSS,
            pieces=wanted[code],
            serials=tuple(serials.get(code, ())),
            source=None,
            goal=None,
            request_id=note.request_id,
            left_with=None,
            reference=reference,
        )
        await move_serials(work, named=named)
