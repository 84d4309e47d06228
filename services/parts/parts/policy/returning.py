"""What is quoted before it is ordered, and what is given back."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.contracts.facts import WarrantyStatus
from shared.policy import Policy
from shared.policy.labels import Labels
from shared.security.roles import ROLES


class QuotationPolicy(Policy):
    """Quotations (报价单), of accident cars for instance, signed before their parts are ordered (R195 to R197)."""

    asked_for: tuple[WarrantyStatus, ...] = Field(description="warranty statuses; none: nothing is quoted here")
    signed_by: str = Field(description="the role of the responsible person (责任人)")
    addition_reasons: Labels = Field(min_length=1, description="why parts are added during a repair (R197)")
    misorder_charge: Annotated[Decimal, Field(ge=0, le=Decimal(9_999), decimal_places=2)] = Field(
        description="yuan that whoever misquoted or mis-ordered is charged each time (R196)"
    )

    @model_validator(mode="after")
    def _somebody_may(self) -> Self:
        _require_scope(self.signed_by, scope="claims:approve")
        return self


class GoodsReturnPolicy(Policy):
    """Goods that are given back or exchanged (R083, R179)."""

    origins: Labels = Field(min_length=1, description="from whom after-sales accepts them (R083)")
    reasons: Labels = Field(min_length=1)
    unfit: frozenset[str] = Field(description="reasons of `reasons` with which nothing goes on the shelf again (R143)")
    consented_by: str | None = Field(
        default=None,
        description="the role without whose consent the customer bears all cost (R179); none: the company bears it",
    )
    vendor_reasons: Labels = Field(min_length=1, description="why goods go back to their vendor")

    @model_validator(mode="after")
    def _somebody_may(self) -> Self:
        if self.consented_by is not None:
            _require_scope(self.consented_by, scope="approvals:decide")
        return self

    @model_validator(mode="after")
    def _unfit_for_known_reasons(self) -> Self:
        if not self.unfit <= self.reasons.keys():
            raise ValueError(f"unfit of: {', '.join(sorted(self.reasons))}")
        return self


def _require_scope(role: str, *, scope: str) -> None:
    able = sorted(name for name, scopes in ROLES.items() if scope in scopes)
    if role not in able:
        raise ValueError(f"a role that may: {', '.join(able)}")
