"""Somebody asks purchasing for parts (R331), and is told what becomes of it (R332)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from parts.desk import Desk
from parts.domain.ledger import Kind
from parts.domain.lines import together
from parts.domain.purchasing import (
    Arrangement,
    Destination,
    require_no_work_order,
    require_on_shelf,
    require_open,
)
from parts.domain.serials import Serials, check_serials
from parts.policy import require_known
from parts.queries import purchasing, stock
from parts.tables import PurchaseRequestRow
from parts.use_cases.keep_books import lock_stock
from parts.use_cases.move_stock import Move, move_stock
from parts.use_cases.time_site_shipment import start_site_shipment, stop_site_shipments
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, Refusal, Unknown, require_version


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPart:
    """So many pieces of a part, for this model of the equipment."""

    part_code: str
    quantity: int
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseForm:
    """R331: quantity and model of each part, when it is wanted, and whether it goes to the site.

    Contact and phone on site are those of the case, which intake shows to whoever may see them.
    """

    lines: Sequence[WantedPart]
    wanted_at: datetime
    destination: Destination
    case_id: UUID | None
    work_order_id: UUID | None


async def ask_purchase(work: UnitOfWork, *, form: PurchaseForm, desk: Desk) -> PurchaseRequestRow:
    """Raises Refusal for a time that is over or a site without its case, Unknown for a part that is not known."""
    _check(form, now=work.now)
    await require_catalogued(work, codes={line.part_code for line in form.lines})
    request = PurchaseRequestRow(
        id=work.new_id(),
        state=Arrangement.OPEN,
        lines=[
            {"part_code": one.part_code, "quantity": one.quantity, "model": one.model, "came": 0} for one in form.lines
        ],
        wanted_at=form.wanted_at,
        destination=form.destination,
        case_id=form.case_id,
        work_order_id=form.work_order_id,
        asked_at=work.now,
        asked_by=work.cause.actor.id,
    )
    work.session.add(request)
    await work.session.flush()
    await start_site_shipment(work, request=request, desk=desk)
    await desk.audit.record(work, action="purchase_requested", subject=f"purchase_request/{request.id}")
    return request


async def allocate_material(
    work: UnitOfWork,
    *,
    request_id: UUID,
    version: int | None,
    location: str | None,
    serials: Serials,
    desk: Desk,
) -> PurchaseRequestRow:
    """R332 (调用): it leaves the shelf for whoever asked, at the cost of the account that it stood in.

    `location`: where it lies, the first storeroom where nobody says; `serials`: all of those of serial-tracked parts.
    Raises IllegalTransition where too little lies free, and for a work order, which draws its parts itself (R313).
    """
    request = await _open_request(work, request_id=request_id, version=version)
    require_no_work_order(request.work_order_id)
    wanted = wanted_by([request])
    check_serials(wanted, serials=serials)
    held = await lock_stock(work, codes=wanted, desk=desk)
    require_on_shelf(wanted, available={code: stock.stock_of(row).available for code, row in held.items()})
    moves = [
        Move(
            part_code=code,
            kind=Kind.INTERNAL,
            pieces=pieces,
            reference=f"purchase_request/{request.id}",
            location=location,
            serials=tuple(serials.get(code, ())),
        )
        for code, pieces in sorted(wanted.items())
    ]
    await move_stock(work, moves=moves, desk=desk)
    await _arrange(work, request=request, state=Arrangement.ALLOCATED, desk=desk)
    return request


async def decline_purchase(
    work: UnitOfWork, *, request_id: UUID, version: int | None, reason: str, desk: Desk
) -> PurchaseRequestRow:
    """Nothing is bought, for a reason of the policy."""
    require_known(reason, known=desk.policy.purchasing.decline_reasons, field="reason")
    request = await _open_request(work, request_id=request_id, version=version)
    request.reason = reason
    await _arrange(work, request=request, state=Arrangement.DECLINED, desk=desk)
    return request


async def show_delivery(work: UnitOfWork, *, request_id: UUID, purpose: str, desk: Desk) -> PurchaseRequestRow:
    """R331: contact and phone on site are shown beside it; who saw them and what for stands in the audit log."""
    request = await purchasing.find_request(work.session, request_id=request_id)
    await desk.audit.record(
        work, action="site_contact_shown", subject=f"purchase_request/{request_id}", purpose=purpose
    )
    return request


def wanted_by(requests: Iterable[PurchaseRequestRow]) -> Mapping[str, int]:
    """What requests ask for together and has not come: part code to pieces."""
    missing = [
        (str(line["part_code"]), int(line["quantity"]) - int(line["came"])) for one in requests for line in one.lines
    ]
    return together([(part_code, pieces) for part_code, pieces in missing if pieces])


def site_case_of(request: PurchaseRequestRow) -> UUID:
    """The case to whose site it goes. Raises IllegalTransition for what goes to the store."""
    if request.destination != Destination.SITE or request.case_id is None:
        raise IllegalTransition(
            "goes_to_the_store",
            detail="the parts go to the store, where nobody of the customer is to be called",
            expected="a request with the destination site",
        )
    return request.case_id


async def require_catalogued(work: UnitOfWork, *, codes: set[str]) -> None:
    """Raises Unknown for a part that the catalogue has not."""
    known = await stock.parts_by_code(work.session, codes=codes)
    if unknown := sorted(codes - known.keys()):
        raise Unknown(
            "unknown_part",
            detail=f"the catalogue has no part {', '.join(unknown)}",
            expected="part codes of GET /v1/parts",
        )


def _check(form: PurchaseForm, *, now: datetime) -> None:
    if form.wanted_at <= now:
        raise Refusal(
            "wanted_in_the_past",
            detail=f"the parts cannot be wanted at {form.wanted_at.isoformat()}, which is over",
            expected=f"an instant after {now.isoformat()}",
        )
    if form.destination is Destination.SITE and form.case_id is None:
        raise Refusal(
            "site_without_case",
            detail="the parts go to the site, and nobody says to which",
            expected="the case_id: contact and phone on site are fetched from it",
        )


async def _open_request(work: UnitOfWork, *, request_id: UUID, version: int | None) -> PurchaseRequestRow:
    [request] = await purchasing.lock_requests(work.session, ids=[request_id])
    require_version(request.version, expected=version)
    require_open(request.state)
    return request


async def _arrange(work: UnitOfWork, *, request: PurchaseRequestRow, state: Arrangement, desk: Desk) -> None:
    request.state, request.arranged_at, request.arranged_by = state, work.now, work.cause.actor.id
    request.version += 1
    await stop_site_shipments(work, requests=[request], at=work.now, reason=str(state), desk=desk)
    await desk.audit.record(work, action=f"purchase_{state}", subject=f"purchase_request/{request.id}")
