"""What has to be quoted and signed before it is ordered (报价单, R195 to R197), and who pays for a mis-order (R196)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.refusals import IllegalTransition, NotAllowed, Refusal


class QuotationState(StrEnum):
    """Where a quotation stands: asked for, written, signed."""

    NEEDED = "needed"
    WRITTEN = "written"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedLine:
    """One line of a quotation: `name` is what stands in its part-name column."""

    part_code: str
    name: str
    quantity: int


def check_quotation(
    lines: Sequence[QuotedLine], *, ordered: Mapping[str, int], names: Mapping[str, Sequence[str]]
) -> None:
    """R195, R196: every part is in the catalogue, named as there, and all that is to be ordered is quoted.

    `names`: part code to the names of the catalogue. Raises Refusal.
    """
    if unknown := sorted({line.part_code for line in lines} - names.keys()):
        raise Refusal(
            "part_not_in_catalogue",
            detail=f"the catalogue has no {', '.join(unknown)}",
            expected="part codes of GET /v1/parts, so that nothing is misquoted or mis-ordered (误报误订)",
        )
    for line in lines:
        if line.name not in names[line.part_code]:
            raise Refusal(
                "part_name_unclear",
                detail=f"{line.part_code} is called {line.name} in the part-name column",
                expected=f"its name in the catalogue: {' or '.join(names[line.part_code])}",
            )
    quoted: dict[str, int] = {}
    for line in lines:
        quoted[line.part_code] = quoted.get(line.part_code, 0) + line.quantity
    if quoted != ordered:
        raise Refusal(
            "quotation_differs",
            detail="the quotation is not for what is to be ordered",
            expected=f"exactly {', '.join(f'{pieces} of {code}' for code, pieces in sorted(ordered.items()))}",
        )


def check_reason(reason: str | None, *, is_addition: bool, reasons: Sequence[str]) -> None:
    """R197: parts that are added during the repair say why (漏报/维修过程中损坏). Raises Refusal."""
    if is_addition and reason is None:
        raise Refusal(
            "addition_without_reason",
            detail="these parts are added to what the order asked for before",
            expected=f"reason of: {', '.join(reasons)}",
        )


def sign(state: QuotationState | None, *, role: str, signer: str) -> QuotationState:
    """R195, R197: the responsible person (责任人) signs what is written. Raises NotAllowed, IllegalTransition."""
    if role != signer:
        raise NotAllowed(
            "not_to_sign",
            detail=f"the signature of the role {role} is not asked for on this quotation",
            expected=f"the signature of: {signer}",
        )
    if state is not QuotationState.WRITTEN:
        raise IllegalTransition(
            "nothing_to_sign",
            detail=f"the quotation is {state}" if state else "no quotation is asked for",
            expected="a quotation that is written and not signed yet",
        )
    return QuotationState.SIGNED


def check_signed(state: QuotationState | None) -> None:
    """R195, R197: raises IllegalTransition where parts would be ordered before their quotation is signed."""
    if state in {QuotationState.NEEDED, QuotationState.WRITTEN}:
        raise IllegalTransition(
            "quotation_not_signed",
            detail=f"the quotation is {state}",
            expected="POST /v1/claim-orders/{claim_order_id}/quotation, and the signature of the responsible person",
        )
