"""Returns and exchanges of goods (退换货) that after-sales accepts, and who bears their cost (R083, R179)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from parts.domain.ledger import Kind
from parts.domain.lines import Line
from parts.domain.valuation import Layer, part_of
from shared.refusals import IllegalTransition, NotAllowed, Refusal

type Decision = Literal["approve", "reject"]


class ReturnKind(StrEnum):
    """退货 or 换货."""

    RETURN = "return"
    EXCHANGE = "exchange"


class ReturnState(StrEnum):
    """Where goods stand that somebody wants to give back."""

    ASKED = "asked"
    CONSENTED = "consented"
    REFUSED = "refused"
    RECEIVED = "received"


class Bearer(StrEnum):
    """Who bears the cost."""

    COMPANY = "company"
    CUSTOMER = "customer"


class Destination(StrEnum):
    """Where goods are that came back. Only what goes on the shelf is stock again; the others are not the store's."""

    STOCK = "stock"
    SCRAP = "scrap"
    VENDOR = "vendor"


NAMED_AS: Mapping[Destination, Kind] = MappingProxyType(
    {Destination.SCRAP: Kind.ADJUSTMENT, Destination.VENDOR: Kind.VENDOR_RETURN}
)
"""As what the numbers of pieces end that came back and are not put on the shelf."""
RETURN_PAPER = "goods_return/"
"""What the reference of a receipt begins with whose goods were given back: they were not used up after all (R325)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenOut:
    """Pieces of a part that left the store with one paper, what they cost, yuan, and how many of them are back.

    `request_id`: the request that they were drawn for, whose lines say what of them was fitted.
    """

    pieces: int
    cost: Decimal
    back: int
    request_id: UUID | None

    def worth_of(self, pieces: int) -> Decimal:
        """What so many more cost when they left, yuan: all that come back together cost what they did then (R010)."""
        left = Layer(pieces=self.pieces, value=self.cost)
        return part_of(left, pieces=self.back + pieces) - part_of(left, pieces=self.back)


def check_given_out(out: GivenOut, *, part_code: str, left_with: str) -> None:
    """Raises Refusal where nothing of the part left with that paper."""
    if not out.pieces:
        raise Refusal(
            "not_given_out",
            detail=f"no {part_code} left the store with {left_with}",
            expected="the reference of a line of GET /v1/stock/movements with the kind issue or internal",
        )


def check_not_more(quantity: int, *, out: GivenOut, part_code: str, left_with: str) -> None:
    """Raises IllegalTransition for more than left with that paper and is not back."""
    if quantity > out.pieces - out.back:
        raise IllegalTransition(
            "more_than_left",
            detail=f"{part_code}: {quantity} to come back; {out.pieces} left with {left_with}, {out.back} are back",
            expected=f"at most {out.pieces - out.back}",
        )


def check_were_fitted(line: Line, *, pieces: int, before: int) -> None:
    """R143: what a customer gives back of a work order and nobody fits again was fitted before, and came back once.

    `before`: pieces that came back so already. Raises IllegalTransition for more, as what was never fitted is unused.
    """
    most = max(line.fitted - before, 0)
    if pieces > most:
        raise IllegalTransition(
            "more_than_fitted",
            detail=f"{line.part_code}: {pieces} to come back; {line.fitted} were fitted, {before} of them are back",
            expected=f"at most {most}; what was drawn and not fitted comes back with POST /v1/requests/{{request_id}}/"
            "returns, or is written off with POST /v1/requests/{request_id}/losses",
        )


def require_paper(left_with: str | None) -> str:
    """R315: only what left the store, and is unused, lies there again. Raises IllegalTransition without its paper."""
    if left_with is None:
        raise IllegalTransition(
            "paper_not_named",
            detail="nobody said with which paper these goods left the store, so that they were never stock",
            expected="the destination scrap or vendor, or a return that names left_with",
        )
    return left_with


def check_no_numbers(serials: Collection[str], *, part_code: str) -> None:
    """Raises Refusal for serial numbers that nothing would be done with."""
    if serials:
        raise Refusal(
            "serials_unused",
            detail=f"{part_code}: no piece is known by number that left with a paper of this return",
            expected="serials only of a serial-tracked part, of a return that names left_with",
        )


def decide(state: ReturnState, *, role: str, consents: str | None, approved: Decision) -> ReturnState:
    """R179: the general manager consents (总经理同意), or does not. Raises NotAllowed, IllegalTransition."""
    if consents is None:
        raise IllegalTransition(
            "no_consent_needed",
            detail="the company bears the cost of what comes back, and nobody has to consent",
            expected="the receipt of the goods; goods_returns.consented_by of the policy names who has to consent",
        )
    if role != consents:
        raise NotAllowed(
            "not_to_consent",
            detail=f"the role {role} does not consent to returns",
            expected=f"the consent of: {consents}",
        )
    if state is not ReturnState.ASKED:
        raise IllegalTransition(
            "decided_already", detail=f"the return is {state}", expected="a return that nobody has decided on"
        )
    return ReturnState.CONSENTED if approved == "approve" else ReturnState.REFUSED


def bearer_of(kind: ReturnKind, *, state: ReturnState, consents: str | None) -> Bearer:
    """R179: without the consent all cost of a return is the customer's; an exchange needs none.

    `consents`: whose consent it is; None where the regulation asks for none and accepts what comes back (R083).
    """
    if consents is None or kind is ReturnKind.EXCHANGE or state is ReturnState.CONSENTED:
        return Bearer.COMPANY
    return Bearer.CUSTOMER


def check_receivable(state: ReturnState) -> None:
    """Goods come back once. Raises IllegalTransition."""
    if state is ReturnState.RECEIVED:
        raise IllegalTransition(
            "received_already", detail="these goods are back already", expected="a return of its own for other goods"
        )


def check_shelf(reason: str, *, unfit: Collection[str]) -> None:
    """R143: what is fitted is of assured quality. Raises IllegalTransition for what came back for a defect."""
    if reason in unfit:
        raise IllegalTransition(
            "unfit_for_stock",
            detail=f"the goods came back for {reason}, and whoever draws them would fit them",
            expected="the destination scrap; what is repaired and proved is a receipt of its own",
        )
