"""The price list (价格表, R037, R333) and which parts replace which."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from shared.refusals import Refusal


class PriceKind(StrEnum):
    """What the price is for."""

    SALE = "sale"  # 销售价: what a customer pays, and what quotations and deposits are reckoned from
    PURCHASE = "purchase"  # 采购价: what the company pays


def check_since(since: datetime, *, now: datetime) -> None:
    """Raises Refusal for a price that does not hold yet."""
    if since > now:
        raise Refusal(
            "price_in_the_future",
            detail=f"the price is to hold from {since.isoformat()} on, which is to come",
            expected="a price that holds already; another one is entered on its day",
        )


def check_follows(since: datetime, *, in_force_since: datetime) -> None:
    """R333: what was reckoned with a price stays. Raises Refusal for a price from before the one that is in force."""
    if since < in_force_since:
        raise Refusal(
            "price_before_the_last",
            detail=f"the price is to hold from {since.isoformat()} on, and another one does so since"
            f" {in_force_since.isoformat()}",
            expected=f"a priced_at from {in_force_since.isoformat()} on, or none for a price that holds from now on",
        )


def check_alternatives(part_code: str, *, alternatives: Sequence[str], known: Collection[str]) -> None:
    """Raises Refusal for a part that would replace itself, or that the catalogue does not know."""
    if part_code in alternatives:
        raise Refusal("own_alternative", detail=f"{part_code} cannot replace itself", expected="codes of other parts")
    if unknown := [code for code in alternatives if code not in known]:
        raise Refusal(
            "unknown_alternative",
            detail=f"the catalogue does not have {', '.join(unknown)}",
            expected="alternatives that the catalogue has; enter those first",
        )
