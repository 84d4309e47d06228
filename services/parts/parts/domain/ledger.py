"""The ledger of one part (售后台帐, R324): movements that are only ever added, and the stock that they add up to.

Pieces lie on the shelf (`on_hand`, of which some are `reserved` for a request) or are out with whoever drew them
(`issued`). No movement may make any of the three negative, or reserve what does not lie there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from shared.refusals import IllegalTransition


class Kind(StrEnum):
    """What a movement is about."""

    RECEIPT = "receipt"  # 入库: pieces come from outside
    RESERVE = "reserve"  # kept for a request
    RELEASE = "release"  # free again
    ISSUE = "issue"  # 出库: drawn against a started work order
    RETURN = "return"  # 退库: drawn, not used, on the shelf again
    CONSUME = "consume"  # fitted: it stays in the customer's unit
    LOSS = "loss"  # 核销: drawn, and neither fitted nor brought back; it lies nowhere any more
    VENDOR_RETURN = "vendor_return"  # 退供应商: it goes back to where it came from
    ADJUSTMENT = "adjustment"  # 盘点: what was counted differs from what was booked
    TRANSFER = "transfer"  # 调拨: it lies in another place now; one line for each of the two
    SITE = "site"  # 直发现场: it comes and is gone at once; one line for each
    INTERNAL = "internal"  # 内部领用: drawn for the house itself, not for a customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one movement does to the stock of its part, in pieces."""

    kind: Kind
    on_hand: int = 0
    reserved: int = 0
    issued: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Where the pieces of one part are."""

    on_hand: int = 0
    reserved: int = 0
    issued: int = 0

    @property
    def available(self) -> int:
        """Pieces on the shelf that nobody asked for."""
        return self.on_hand - self.reserved


_OF_ONE_PIECE = MappingProxyType(
    {
        Kind.RECEIPT: Change(kind=Kind.RECEIPT, on_hand=1),
        Kind.RESERVE: Change(kind=Kind.RESERVE, reserved=1),
        Kind.RELEASE: Change(kind=Kind.RELEASE, reserved=-1),
        Kind.ISSUE: Change(kind=Kind.ISSUE, on_hand=-1, reserved=-1, issued=1),
        Kind.RETURN: Change(kind=Kind.RETURN, on_hand=1, issued=-1),
        Kind.CONSUME: Change(kind=Kind.CONSUME, issued=-1),
        Kind.LOSS: Change(kind=Kind.LOSS, issued=-1),
        Kind.VENDOR_RETURN: Change(kind=Kind.VENDOR_RETURN, on_hand=-1),
        Kind.ADJUSTMENT: Change(kind=Kind.ADJUSTMENT, on_hand=1),
        Kind.TRANSFER: Change(kind=Kind.TRANSFER, on_hand=1),
        Kind.SITE: Change(kind=Kind.SITE, on_hand=1),
        Kind.INTERNAL: Change(kind=Kind.INTERNAL, on_hand=-1),
    }
)


def change(kind: Kind, *, pieces: int) -> Change:
    """The movement of so many pieces, of less than none where it is one that takes away what it brings elsewhere."""
    one = _OF_ONE_PIECE[kind]
    return Change(kind=kind, on_hand=one.on_hand * pieces, reserved=one.reserved * pieces, issued=one.issued * pieces)


def post(stock: Stock, *, part_code: str, movement: Change) -> Stock:
    """The stock after the movement. Raises IllegalTransition where there are not as many pieces as it moves."""
    after = Stock(
        on_hand=stock.on_hand + movement.on_hand,
        reserved=stock.reserved + movement.reserved,
        issued=stock.issued + movement.issued,
    )
    if min(after.on_hand, after.reserved, after.issued, after.available) < 0:
        raise IllegalTransition(
            "stock_too_small",
            detail=f"{part_code}: {movement.kind} of {_pieces(movement)}, with {stock.on_hand} on the shelf, of which"
            f" {stock.reserved} are reserved, and {stock.issued} issued",
            expected=f"at most {stock.available} free pieces, and no more than was reserved or issued",
        )
    return after


def total(movements: Iterable[Change]) -> Stock:
    """The stock that movements add up to."""
    on_hand, reserved, issued = 0, 0, 0
    for movement in movements:
        on_hand += movement.on_hand
        reserved += movement.reserved
        issued += movement.issued
    return Stock(on_hand=on_hand, reserved=reserved, issued=issued)


def _pieces(movement: Change) -> int:
    return movement.on_hand or movement.reserved or movement.issued
