"""What the pieces of an account (独立核算, R324) are worth: moving average (移动加权平均) or FIFO (先进先出).

An account of a part is layers of pieces that came in at one price. Under the moving average everything lies in one
layer. Values are yuan with two decimals; what a division leaves over stays with the pieces that stay, so that no cent
is lost: what came in is always what went out and what is still there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from parts.domain.deposits import CENTS
from shared.refusals import IllegalTransition

NOTHING = Decimal("0.00")


class Method(StrEnum):
    """Which pieces are said to leave first."""

    MOVING_AVERAGE = "moving_average"
    FIFO = "fifo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Pieces and what all of them together are worth, yuan."""

    pieces: int
    value: Decimal


type Layers = tuple[Layer, ...]


def together(layers: Sequence[Layer]) -> Layer:
    """All of an account in one layer."""
    return Layer(
        pieces=sum(layer.pieces for layer in layers), value=sum((layer.value for layer in layers), start=NOTHING)
    )


def take_in(layers: Layers, *, entering: Layer, method: Method) -> Layers:
    """The account after pieces came in."""
    after = (*layers, entering)
    return after if method is Method.FIFO else (together(after),)


def take_out(layers: Layers, *, pieces: int) -> tuple[Layers, Decimal]:
    """The account after so many pieces left it, the oldest first, and what they cost.

    Raises IllegalTransition where the account has not as many.
    """
    there = together(layers).pieces
    if pieces > there:
        raise IllegalTransition(
            "account_too_small",
            detail=f"{pieces} pieces to leave an account that has {there}",
            expected=f"at most {there} pieces; what another department keeps is transferred first",
        )
    left, cost, kept = pieces, NOTHING, []
    for layer in layers:
        leaving = min(left, layer.pieces)
        share = part_of(layer, pieces=leaving)
        left, cost = left - leaving, cost + share
        if leaving < layer.pieces:
            kept.append(Layer(pieces=layer.pieces - leaving, value=layer.value - share))
    return tuple(kept), cost


def worth_of(pieces: int, *, unit_cost: Decimal) -> Decimal:
    """What pieces are worth that come in at one price, to the cent."""
    return (unit_cost * pieces).quantize(CENTS)


def part_of(layer: Layer, *, pieces: int) -> Decimal:
    """What so many pieces of a layer are worth, to the cent; all of them are worth all of it."""
    if pieces == layer.pieces:
        return layer.value
    return (layer.value * pieces / layer.pieces).quantize(CENTS, rounding=ROUND_HALF_UP)
