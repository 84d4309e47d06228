"""Special tools (专用工具): lent, returned right after use, made good where they are lost (R317 to R319)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from shared.refusals import IllegalTransition, NotAllowed, Refusal


class LoanState(StrEnum):
    """Where a loan stands: a tool lost in time is `written_off`, one lost late is `lost` until it is made good."""

    LENT = "lent"
    RETURNED = "returned"
    LOST = "lost"
    WRITTEN_OFF = "written_off"
    COMPENSATED = "compensated"


class Way(StrEnum):
    """How a lost tool is made good (R318)."""

    PAYMENT = "payment"  # its original price
    SAME_MODEL = "same_model"  # the same model, bought by the borrower


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolForm:
    """A tool, and what it cost when it was new, yuan."""

    code: str
    name_zh: str
    name_en: str
    model: str
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """R317 (用完即还): how long a tool is used where nobody says, and how soon after its use it has to be back."""

    usual_use: timedelta
    return_within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Compensation:
    """What the borrower gives for a lost tool: so much money, or a tool of that model."""

    way: Way
    amount: Decimal | None
    model: str | None


def due_after(lent_at: datetime, *, used_until: datetime | None, terms: LoanTerms) -> datetime:
    """R317: when a tool has to be back: right after its use. Raises Refusal for a use that is over before it begins."""
    if used_until is not None and used_until <= lent_at:
        raise Refusal(
            "used_in_the_past",
            detail=f"it cannot be used until {used_until.isoformat()}, which is over",
            expected=f"an instant after {lent_at.isoformat()}",
        )
    return (used_until or lent_at + terms.usual_use) + terms.return_within


def require_lent(state: str) -> None:
    """Raises IllegalTransition for a loan that has ended."""
    if state != LoanState.LENT:
        raise IllegalTransition(
            "not_lent", detail=f"the loan is {state}", expected="a loan of GET /v1/tool-loans?state=lent"
        )


def loss(lost_at: datetime, *, due_at: datetime, price: Decimal) -> tuple[LoanState, Decimal | None]:
    """R318: what the borrower owes for a lost tool: its original price, where it was not returned in time."""
    if lost_at <= due_at:
        return LoanState.WRITTEN_OFF, None
    return LoanState.LOST, price


def check_compensation(given: Compensation, *, state: str, owed: Decimal | None, model: str) -> None:
    """R318: either way settles it. Raises IllegalTransition where nothing is owed, else Refusal."""
    if state != LoanState.LOST or owed is None:
        raise IllegalTransition(
            "nothing_owed",
            detail=f"the loan is {state}: nothing has to be made good",
            expected="a loan of GET /v1/tool-loans?state=lost",
        )
    is_settled = given.amount == owed if given.way is Way.PAYMENT else given.model == model
    if not is_settled:
        raise Refusal(
            "not_made_good",
            detail=f"{given.amount} yuan paid" if given.way is Way.PAYMENT else f"the model is {given.model}",
            expected=f"its original price of {owed} yuan, or a tool of the model {model}",
        )


def check_worth_kept(form: ToolForm, *, price: Decimal, model: str, borrower: str | None) -> None:
    """R318: what a lost tool is made good with is what it was worth when it was lent.

    `borrower`: who has it, or lost it and has not made it good. Raises IllegalTransition.
    """
    if borrower is not None and (form.price, form.model) != (price, model):
        raise IllegalTransition(
            "tool_at_stake",
            detail=f"{borrower} has the tool {form.code} or owes it: {price} yuan, or the model {model}",
            expected="the same price and model until the tool is back or made good",
        )


def check_payer(payer: str, *, bought_by: str, recorded_by: str) -> None:
    """Four eyes: nobody reimburses what he bought himself, or entered. Raises NotAllowed."""
    if payer in {bought_by, recorded_by}:
        raise NotAllowed(
            "own_expense",
            detail=f"{payer} bought the tool or entered its purchase",
            expected=f"somebody else, neither {bought_by} nor {recorded_by}",
        )


def require_reimbursable(booked_in_at: datetime | None, *, reimbursed_at: datetime | None) -> None:
    """R319 (不予报销): raises IllegalTransition before the tool lies in the warehouse, and once it is paid."""
    if booked_in_at is None:
        raise IllegalTransition(
            "not_booked_in",
            detail="the tool is not in the warehouse, and what is not handed in is not reimbursed",
            expected="the tool, booked into the warehouse",
        )
    if reimbursed_at is not None:
        raise IllegalTransition(
            "reimbursed_already",
            detail=f"it was reimbursed at {reimbursed_at.isoformat()}",
            expected="a purchase that was not reimbursed yet",
        )
