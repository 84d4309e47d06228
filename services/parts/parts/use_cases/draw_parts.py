"""Parts leave the store (出库) against a started work order, and come back (退库) where they were not used."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from parts.desk import Desk
from parts.domain.drawing import check_received, check_started, check_unused
from parts.domain.issuing import Kit, check_counter, check_whole, is_addition
from parts.domain.ledger import Kind
from parts.domain.lines import bring_back, draw
from parts.domain.old_parts import check_not_exchanged
from parts.domain.serials import Serials, check_serials
from parts.domain.supply_words import Happening
from parts.policy import require_known
from parts.queries import dossiers, old_parts
from parts.queries.dossiers import Dossier
from parts.tables import NoteRow
from parts.use_cases.carry_out import balance, carry_out
from parts.use_cases.move_stock import Move, move_stock
from shared.contracts.facts import PartNeed, Urgency
from shared.contracts.parts import PartsIssued, PartsReturned
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import require_version


async def draw_parts(
    work: UnitOfWork,
    *,
    request_id: UUID,
    version: int | None,
    wanted: Mapping[str, int],
    serials: Serials,
    issued_to: str,
    presented: str | None,
    location: str | None,
    desk: Desk,
) -> Dossier:
    """R313, R314: pieces that are reserved, for a work order that is started and presented. Raises IllegalTransition.

    R240: for an emergency an order need not be started where the policy says so.
    The movement is posted here, before anybody hands anything out. `serials`: by part code, all of those that are known
    piece by piece; `location`: which they leave, the first storeroom where nobody says.
    """
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    require_version(dossier.request.version, expected=version)
    check_started(
        dossier.order.started_at,
        ended_at=dossier.order.completed_at or dossier.order.cancelled_at,
        urgency=Urgency(dossier.request.urgency),
        before_start=desk.policy.issuing.before_start,
    )
    check_counter(await _kit(work, dossier=dossier), presented=presented, terms=desk.policy.issuing.terms)
    check_serials(wanted, serials=serials)
    lines = draw(dossier.counted, wanted=wanted)
    check_whole(dossier.counted, wanted=wanted, terms=desk.policy.issuing.terms)
    await carry_out(work, dossier=dossier, happening=Happening.DRAWN, desk=desk)
    dossier.write_lines(lines)
    note = NoteRow(
        id=work.new_id(),
        request_id=request_id,
        kind=Kind.ISSUE,
        lines=_written(wanted, serials=serials),
        issued_to=issued_to,
        presented=presented,
        posted_at=work.now,
        posted_by=work.cause.actor.id,
    )
    await _post(work, note=note, wanted=wanted, serials=serials, location=location, desk=desk)
    work.publish(
        PartsIssued(
            request_id=request_id,
            work_order_id=dossier.request.work_order_id,
            case_id=dossier.request.case_id,
            issue_id=note.id,
            lines=_needs(wanted),
            issued_to=issued_to,
            issued_at=work.now,
        )
    )
    await desk.audit.record(
        work, action="parts_issued", subject=f"parts_request/{request_id}", details={"issued_to": issued_to}
    )
    return dossier


async def bring_back_parts(
    work: UnitOfWork,
    *,
    request_id: UUID,
    version: int | None,
    wanted: Mapping[str, int],
    serials: Serials,
    used: Sequence[str],
    reason: str,
    received_at: datetime,
    location: str | None,
    desk: Desk,
) -> Dossier:
    """R315, R316: unused pieces that lie in the store again. `used`: codes of those that were used after all.

    `location`: where they lie now, the first storeroom where nobody says.
    Nobody has to approve it (R200), but it has a reason of the policy.
    """
    require_known(reason, known=desk.policy.issuing.return_reasons, field="reason")
    check_serials(wanted, serials=serials)
    dossier = await dossiers.lock_request(work.session, request_id=request_id)
    require_version(dossier.request.version, expected=version)
    check_received(received_at, issued_at=dossier.request.issued_at, now=work.now)
    check_unused(used)
    await take_back(
        work,
        dossier=dossier,
        wanted=wanted,
        serials=serials,
        reason=reason,
        received_at=received_at,
        location=location,
        desk=desk,
    )
    return dossier


async def take_back(
    work: UnitOfWork,
    *,
    dossier: Dossier,
    wanted: Mapping[str, int],
    serials: Serials,
    reason: str,
    received_at: datetime,
    location: str | None,
    desk: Desk,
) -> None:
    """R315: unused pieces of a request that the caller has locked come back. Raises IllegalTransition for used ones.

    Used are those that were fitted, and those whose removed ones were handed in (R296).
    """
    request, lines = dossier.request, bring_back(dossier.counted, wanted=wanted)
    handed_in = await old_parts.handed_in(work.session, request_id=request.id)
    check_not_exchanged(dossier.counted, wanted=wanted, handed_in=handed_in)
    dossier.write_lines(lines)
    request.version += 1
    note = NoteRow(
        id=work.new_id(),
        request_id=request.id,
        kind=Kind.RETURN,
        lines=_written(wanted, serials=serials),
        reason=reason,
        received_at=received_at,
        posted_at=work.now,
        posted_by=work.cause.actor.id,
    )
    await _post(work, note=note, wanted=wanted, serials=serials, location=location, desk=desk)
    work.publish(
        PartsReturned(
            request_id=request.id,
            work_order_id=request.work_order_id,
            case_id=request.case_id,
            return_id=note.id,
            lines=_needs(wanted),
            returned_at=received_at,
        )
    )
    await balance(work, dossier=dossier, desk=desk)
    await desk.audit.record(
        work, action="parts_returned", subject=f"parts_request/{request.id}", details={"reason": reason}
    )


async def _post(
    work: UnitOfWork,
    *,
    note: NoteRow,
    wanted: Mapping[str, int],
    serials: Serials,
    location: str | None,
    desk: Desk,
) -> None:
    work.session.add(note)
    moves = [
        Move(
            part_code=part_code,
            kind=Kind(note.kind),
            pieces=pieces,
            reference=f"store_note/{note.id}",
            request_id=note.request_id,
            location=location,
            serials=tuple(serials.get(part_code, ())),
        )
        for part_code, pieces in wanted.items()
    ]
    await move_stock(work, moves=moves, desk=desk)


async def _kit(work: UnitOfWork, *, dossier: Dossier) -> Kit:
    earlier = await dossiers.asked_before(work.session, request=dossier.request)
    return Kit(
        work_order_number=dossier.request.work_order_number,
        prepared_at=dossier.request.prepared_at,
        is_addition=is_addition(earlier),
        confirmed_at=dossier.request.confirmed_at,
    )


def _written(wanted: Mapping[str, int], *, serials: Serials) -> list[dict[str, str | int | list[str]]]:
    return [
        {"part_code": part_code, "quantity": pieces, "serials": list(serials.get(part_code, ()))}
        for part_code, pieces in wanted.items()
    ]


def _needs(wanted: Mapping[str, int]) -> tuple[PartNeed, ...]:
    return tuple(PartNeed(part_code=part_code, quantity=pieces) for part_code, pieces in wanted.items())
