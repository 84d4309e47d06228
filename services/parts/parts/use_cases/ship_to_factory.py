"""What was taken in goes to the factory and comes back; the warehouse has the transport (R040, R311)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from parts.desk import Desk
from parts.domain.return_shipments import check_expected_dates, require_at_factory, require_on_its_way
from parts.queries import return_shipments
from parts.tables import ReturnShipmentRow
from shared.messaging.unit_of_work import UnitOfWork
from shared.refusals import IllegalTransition, require_version


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentForm:
    """What goes to which factory, with whom, and when it is expected there and back.

    R040: the project manager of marketing assists; R311: somebody of marketing has the commercial side.
    """

    item_id: UUID
    work_order_id: UUID
    case_id: UUID
    factory: str
    carrier: str
    tracking_number: str | None
    project_manager: str
    commercial_by: str
    arrival_expected_at: datetime
    return_expected_at: datetime


async def ship_to_factory(work: UnitOfWork, *, form: ShipmentForm, desk: Desk) -> ReturnShipmentRow:
    """It leaves. Raises IllegalTransition for an item that is out already, Refusal for dates out of order."""
    check_expected_dates(form.arrival_expected_at, back=form.return_expected_at, now=work.now)
    if await return_shipments.out(work.session, item_id=form.item_id) is not None:
        raise IllegalTransition(
            "item_out", detail=f"the item {form.item_id} is out already", expected="an item that is back, or another"
        )
    shipment = ReturnShipmentRow(
        id=work.new_id(),
        item_id=form.item_id,
        work_order_id=form.work_order_id,
        case_id=form.case_id,
        factory=form.factory,
        carrier=form.carrier,
        tracking_number=form.tracking_number,
        project_manager=form.project_manager,
        commercial_by=form.commercial_by,
        sent_at=work.now,
        sent_by=work.cause.actor.id,
        arrival_expected_at=form.arrival_expected_at,
        return_expected_at=form.return_expected_at,
    )
    work.session.add(shipment)
    await work.session.flush()
    await desk.audit.record(work, action="item_shipped", subject=f"return_shipment/{shipment.id}")
    return shipment


async def note_factory_arrival(
    work: UnitOfWork, *, shipment_id: UUID, version: int | None, desk: Desk
) -> ReturnShipmentRow:
    """The factory has it."""
    shipment = await _locked(work, shipment_id=shipment_id, version=version)
    require_on_its_way(shipment.arrived_at)
    shipment.arrived_at = work.now
    await _write(work, shipment=shipment, action="item_at_factory", desk=desk)
    return shipment


async def note_factory_return(
    work: UnitOfWork, *, shipment_id: UUID, version: int | None, desk: Desk
) -> ReturnShipmentRow:
    """It is back in the warehouse; dispatch returns it to the customer."""
    shipment = await _locked(work, shipment_id=shipment_id, version=version)
    require_at_factory(shipment.arrived_at, returned_at=shipment.returned_at)
    shipment.returned_at = work.now
    await _write(work, shipment=shipment, action="item_back", desk=desk)
    return shipment


async def _locked(work: UnitOfWork, *, shipment_id: UUID, version: int | None) -> ReturnShipmentRow:
    shipment = await return_shipments.lock(work.session, shipment_id=shipment_id)
    require_version(shipment.version, expected=version)
    return shipment


async def _write(work: UnitOfWork, *, shipment: ReturnShipmentRow, action: str, desk: Desk) -> None:
    shipment.version += 1
    await desk.audit.record(work, action=action, subject=f"return_shipment/{shipment.id}")
