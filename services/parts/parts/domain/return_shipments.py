"""A return-to-factory shipment (返厂维修, R040, R311): it is sent, arrives, and comes back."""

from datetime import datetime

from shared.refusals import IllegalTransition, Refusal


def check_expected_dates(arrival: datetime, *, back: datetime, now: datetime) -> None:
    """Raises Refusal unless it is expected at the factory in the future, and back after that."""
    if not now < arrival < back:
        raise Refusal(
            "dates_out_of_order",
            detail=f"expected at the factory at {arrival.isoformat()}, and back at {back.isoformat()}",
            expected=f"an arrival after {now.isoformat()}, and a return after the arrival",
        )


def require_on_its_way(arrived_at: datetime | None) -> None:
    """Raises IllegalTransition for what has arrived at the factory already."""
    if arrived_at is not None:
        raise IllegalTransition(
            "shipment_arrived",
            detail=f"it arrived at {arrived_at.isoformat()}",
            expected="a shipment that is on its way to the factory",
        )


def require_at_factory(arrived_at: datetime | None, *, returned_at: datetime | None) -> None:
    """Raises IllegalTransition for what never arrived at the factory, or is back already."""
    if arrived_at is None or returned_at is not None:
        raise IllegalTransition(
            "shipment_not_at_factory",
            detail="it has not arrived" if returned_at is None else f"it is back since {returned_at.isoformat()}",
            expected="a shipment that has arrived at the factory and is not back",
        )
