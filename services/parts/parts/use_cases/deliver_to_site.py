"""Pieces go from the supplier straight to a site (直发现场): no store ever has them, and they cost all the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from parts.desk import Desk
from parts.domain.ledger import Kind, change
from parts.domain.serials import Serials
from parts.domain.valuation import worth_of
from parts.queries import stock
from parts.tables import MovementRow
from parts.use_cases.move_serials import Named, move_serials
from parts.use_cases.publish_report import schedule_cost_table
from parts.use_cases.set_up_location import usual_place
from shared.messaging.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AtSite:
    """So many pieces of one part that came to the site of a purchase request, with their numbers if it has any."""

    purchase_request_id: UUID
    part_code: str
    pieces: int
    unit_price: Decimal
    serials: tuple[str, ...]

    @property
    def reference(self) -> str:
        """The paper with which they are there."""
        return f"purchase_request/{self.purchase_request_id}"


def named_shares(
    shares: Mapping[UUID, Mapping[str, int]], *, prices: Mapping[str, Decimal], serials: Serials
) -> list[AtSite]:
    """Each request's share by part code, at what the supplier takes; its serial numbers are dealt out in turn."""
    left = {part_code: list(given) for part_code, given in serials.items()}
    delivered = []
    for request_id, share in shares.items():
        for part_code, pieces in sorted(share.items()):
            given = left.get(part_code, [])
            left[part_code] = given[pieces:]
            delivered.append(
                AtSite(
                    purchase_request_id=request_id,
                    part_code=part_code,
                    pieces=pieces,
                    unit_price=prices[part_code],
                    serials=tuple(given[:pieces]),
                )
            )
    return delivered


async def deliver_to_site(work: UnitOfWork, *, delivered: Sequence[AtSite], desk: Desk) -> None:
    """R010, R325: they are bought and used up at what the supplier takes, on the account of the first storeroom.

    Two lines of the ledger (R324) that leave stock, value and average of the store as they are, so nothing is locked
    but serial numbers. Raises Refusal where a serial-tracked part comes without its numbers.
    """
    place = await usual_place(work, desk=desk)
    tracked = await stock.serial_tracked(work.session, codes={one.part_code for one in delivered})
    for one in delivered:
        if one.part_code in tracked:
            await move_serials(work, named=_named(one))
        work.session.add_all(_lines(work, one=one, department=place.department))
    schedule_cost_table(work, moment=work.now, desk=desk)


def _named(one: AtSite) -> Named:
    return Named(
        part_code=one.part_code,
        kind=Kind.SITE,
        pieces=one.pieces,
        serials=one.serials,
        source=None,
        goal=None,
        request_id=None,
        left_with=None,
        reference=one.reference,
    )


def _lines(work: UnitOfWork, *, one: AtSite, department: str) -> Iterable[MovementRow]:
    worth = worth_of(one.pieces, unit_cost=one.unit_price)
    for pieces, value in ((one.pieces, worth), (-one.pieces, -worth)):
        moved = change(Kind.SITE, pieces=pieces)
        yield MovementRow(
            id=work.new_id(),
            part_code=one.part_code,
            kind=moved.kind,
            on_hand=moved.on_hand,
            reserved=moved.reserved,
            issued=moved.issued,
            department=department,
            value=value,
            purchase_request_id=one.purchase_request_id,
            reference=one.reference,
            at=work.now,
            by=work.cause.actor.id,
        )
