"""What is bought, how much of it, and when it is there (采购, R007, R332)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.refusals import IllegalTransition, NotAllowed, Refusal


class OrderState(StrEnum):
    """Where an order stands: `received` once nothing more comes of it, `cancelled` where nothing ever did."""

    PLACED = "placed"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class Arrangement(StrEnum):
    """What became of a request: bought, taken from what there is (调用), or declined."""

    OPEN = "open"
    ORDERED = "ordered"
    ALLOCATED = "allocated"
    DECLINED = "declined"


class Destination(StrEnum):
    """Where goods are sent: what goes to the site (直发现场) never lies in the store."""

    STORE = "store"
    SITE = "site"


class Delivery(StrEnum):
    """Whether more is to come after what came."""

    PARTIAL = "partial"
    FINAL = "final"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """One part of an order, in pieces, at what the supplier takes for one, yuan."""

    part_code: str
    ordered: int
    received: int = 0
    unit_price: Decimal

    @property
    def open(self) -> int:
        """Pieces that have not come."""
        return self.ordered - self.received


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How a part stands, in pieces.

    `available`: free on the shelf; `minimum`: how many should be; `shortfall`: missing to requests that wait;
    `on_order`: ordered and not there yet, in whatever way.
    """

    part_code: str
    available: int
    minimum: int
    shortfall: int
    on_order: int

    @property
    def to_order(self) -> int:
        """R332: what is missing up to the minimum and to those who wait, without what is on its way."""
        return max(max(self.minimum - self.available, 0) + self.shortfall - self.on_order, 0)


def worth(lines: Iterable[Ordered]) -> Decimal:
    """What an order costs, yuan."""
    return sum((line.unit_price * line.ordered for line in lines), Decimal("0.00"))


def receive(lines: Sequence[Ordered], *, came: Mapping[str, int], delivery: Delivery) -> tuple[list[Ordered], bool]:
    """The lines after a delivery, and whether the order is closed by it. Raises Refusal for more than was ordered.

    The final delivery closes it whatever is missing: the rest is not on its way any more.
    """
    open_ = {line.part_code: line.open for line in lines}
    for part_code, pieces in came.items():
        if pieces > open_.get(part_code, 0):
            raise Refusal(
                "more_than_ordered",
                detail=f"{part_code}: {pieces} came, and {open_.get(part_code, 0)} are on order",
                expected="at most what is open on the order; what came besides is a receipt of its own",
            )
    after = [replace(line, received=line.received + came.get(line.part_code, 0)) for line in lines]
    return after, delivery is Delivery.FINAL or not any(line.open for line in after)


def shared_out(came: Mapping[str, int], *, missing: Iterable[Mapping[str, int]]) -> list[dict[str, int]]:
    """What came of an order, by part code, for each request that it was placed for: the first has all that it misses.

    `missing`: what each request misses, by part code. What nobody misses is nobody's, and lies in the store.
    """
    left, shares = dict(came), []
    for wanted in missing:
        share = {code: min(pieces, left.get(code, 0)) for code, pieces in wanted.items()}
        left |= {code: left.get(code, 0) - pieces for code, pieces in share.items()}
        shares.append(share)
    return shares


def to_sites(
    came: Mapping[str, int], *, before: Mapping[str, int], missing: Sequence[Mapping[str, int]]
) -> list[dict[str, int]]:
    """What came now, by part code, for the site of each request; what nobody misses went with the last one's.

    `before`: what had come of the order; `missing`: what each request missed when it was placed.
    """
    after = {code: before.get(code, 0) + came.get(code, 0) for code in before.keys() | came.keys()}
    both = zip(shared_out(before, missing=missing), shared_out(after, missing=missing), strict=True)
    shares = [{code: now[code] - then[code] for code in now} for then, now in both]
    for code, pieces in came.items():
        shares[-1][code] = shares[-1].get(code, 0) + pieces - sum(share.get(code, 0) for share in shares)
    return [{code: pieces for code, pieces in share.items() if pieces} for share in shares]


def check_site_named(destination: Destination, *, request_ids: Collection[UUID]) -> None:
    """Raises Refusal for what goes to a site that nobody names: the request says whose it is (R331)."""
    if destination is Destination.SITE and not request_ids:
        raise Refusal(
            "site_without_request",
            detail="the order goes straight to the site, and no request says to which",
            expected="request_ids: at least one request for delivery to the site, or the destination `store`",
        )


def check_shipped(shipped_at: datetime, *, placed_at: datetime, now: datetime) -> None:
    """Raises Refusal where it cannot have been shipped then: before it was ordered, or at a time that is to come."""
    if not placed_at <= shipped_at <= now:
        raise Refusal(
            "not_shipped_then",
            detail=f"the order cannot have been shipped at {shipped_at.isoformat()}",
            expected=f"an instant from {placed_at.isoformat()}, when it was placed, to {now.isoformat()}, or none",
        )


def require_placed(state: str) -> None:
    """Raises IllegalTransition for an order from which nothing is waited for any more."""
    if state != OrderState.PLACED:
        raise IllegalTransition(
            "order_closed",
            detail=f"the order is {state}: nothing more comes of it",
            expected="an order of GET /v1/purchase-orders?state=placed",
        )


def require_nothing_came(lines: Iterable[Ordered]) -> None:
    """Raises IllegalTransition where part of an order is there: it can be closed, and not called off."""
    if came := [f"{line.received} of {line.part_code}" for line in lines if line.received]:
        raise IllegalTransition(
            "goods_received",
            detail=f"{', '.join(came)} came already",
            expected="a receipt with delivery `final`, which closes the order without the rest",
        )


def require_bought(codes: Iterable[str], *, supplied: Collection[str], number: str) -> None:
    """Raises Refusal for a part that is not bought from this supplier, or is the company's own (自制件)."""
    if foreign := sorted(set(codes) - set(supplied)):
        raise Refusal(
            "not_supplied",
            detail=f"{', '.join(foreign)} is not bought from the supplier {number}",
            expected=f"parts that he supplies, which PUT /v1/suppliers/{number} says",
        )


def require_covers(lines: Iterable[Ordered], *, asked: Mapping[str, int]) -> None:
    """Raises Refusal for an order of less than the requests ask for that it is placed for."""
    ordered = {line.part_code: line.ordered for line in lines}
    if short := [
        f"{pieces} of {code} asked for, {ordered.get(code, 0)} ordered"
        for code, pieces in sorted(asked.items())
        if ordered.get(code, 0) < pieces
    ]:
        raise Refusal(
            "less_than_asked_for",
            detail="; ".join(short),
            expected="at least what the requests ask for, or an order without that request",
        )


def require_open(state: str) -> None:
    """Raises IllegalTransition for a request that somebody has arranged already."""
    if state != Arrangement.OPEN:
        raise IllegalTransition(
            "request_arranged",
            detail=f"the request is {state}",
            expected="a request of GET /v1/purchase-requests?state=open",
        )


def require_no_work_order(work_order_id: UUID | None) -> None:
    """R313: what a work order needs is kept for its own request. Raises IllegalTransition."""
    if work_order_id is not None:
        raise IllegalTransition(
            "asked_for_a_work_order",
            detail=f"the request is for the work order {work_order_id}, which is issued its parts at the counter",
            expected="POST /v1/requests/{id}/reservation, which keeps them for it, or a request without a work order",
        )


def require_on_shelf(asked: Mapping[str, int], *, available: Mapping[str, int]) -> None:
    """R332: raises IllegalTransition where material cannot be taken from what there is (调用)."""
    if short := [
        f"{pieces} of {code} asked for, {available.get(code, 0)} free"
        for code, pieces in sorted(asked.items())
        if available.get(code, 0) < pieces
    ]:
        raise IllegalTransition(
            "not_on_the_shelf", detail="; ".join(short), expected="an order at a supplier for what is missing"
        )


def require_application(requests: Collection[UUID], *, quotes_needed: int) -> None:
    """R201: what nobody applied for is bought after prices were compared, where the policy wants more than one.

    `requests`: the applications that an order is placed for. Raises NotAllowed for none.
    """
    if quotes_needed > 1 and not requests:
        raise NotAllowed(
            "no_application",
            detail="nobody asked for what is ordered, and no prices were compared",
            expected=f"the request_ids of GET /v1/purchase-requests?state=open, the prices of {quotes_needed} suppliers"
            " at POST /v1/self-purchases, or POST /v1/replenishment/orders for what runs low",
        )


def require_quotes(quotes: Mapping[str, Decimal], *, chosen: str, needed: int, reason: str | None) -> None:
    """R201 (三家价格对比): enough suppliers' prices are compared, and a dearer one is taken for a reason.

    `quotes`: supplier to the price of the whole purchase, yuan; `chosen` is one of them. Raises NotAllowed for fewer
    than `needed`, Refusal where it is not one of them, or dearer than another and nobody says why.
    """
    if len({name.casefold() for name in quotes}) < needed:
        raise NotAllowed(
            "quotes_missing",
            detail=f"the prices of {len(quotes)} suppliers were compared: {', '.join(sorted(quotes)) or 'none'}",
            expected=f"the prices of {needed} different suppliers; no application is needed then",
        )
    if chosen not in quotes:
        raise Refusal(
            "not_quoted",
            detail=f"{chosen} gave no price",
            expected=f"one of those who did: {', '.join(sorted(quotes))}",
        )
    cheapest = min(quotes.values())
    if quotes[chosen] > cheapest and reason is None:
        raise Refusal(
            "dearer_without_reason",
            detail=f"{chosen} takes {quotes[chosen]} yuan, and another one {cheapest} yuan",
            expected="the cheapest one, or a reason of the policy why it is not taken",
        )
