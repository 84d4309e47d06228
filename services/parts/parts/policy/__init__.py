"""What differs between companies and parts obeys: the typed form of `deploy/policies/<profile>/parts.toml`."""

from collections.abc import Collection
from typing import Self

from pydantic import Field, model_validator

from parts.policy.guidance import GuidancePolicy
from parts.policy.issuing import IssuingPolicy
from parts.policy.payments import ProviderPolicy, ReceiptPolicy
from parts.policy.purchasing import PurchasingPolicy
from parts.policy.returning import GoodsReturnPolicy, QuotationPolicy
from parts.policy.stores import (
    ChargePolicy,
    InternalPolicy,
    PricePolicy,
    ReportPolicy,
    StoreroomPolicy,
    ValuationPolicy,
)
from parts.policy.suppliers import CONTACT_CLOCK, SupplierPolicy
from parts.policy.supplying import ClaimPolicy, DepositPolicy, ReservationPolicy
from parts.policy.tools import ToolPolicy
from shared.clocks.terms import TimedPolicy
from shared.policy import Policy
from shared.policy.labels import Code, Labels
from shared.refusals import Refusal
from shared.working_time.calendar import Zone as TimeZone


class CompanyPolicy(Policy):
    """Where the company is at home."""

    time_zone: TimeZone = Field(description="IANA name; decides what is expected today")


class PartsPolicy(TimedPolicy):
    """The whole file.

    Of clocks it has `supplier_contact` (R328), and may have `parts_wait` (R468), `shipment` and
    `site_shipment` (R232), and `deposit`.
    """

    company: CompanyPolicy
    reservations: ReservationPolicy
    deposits: DepositPolicy
    claims: ClaimPolicy
    quotations: QuotationPolicy
    issuing: IssuingPolicy
    goods_returns: GoodsReturnPolicy
    purchasing: PurchasingPolicy
    suppliers: SupplierPolicy
    tools: ToolPolicy
    payment_methods: Labels = Field(min_length=1)
    payment_providers: dict[Code, ProviderPolicy] = Field(
        default_factory=dict, description="a section [payment_providers.<name>] for each that reports payments"
    )
    receipt: ReceiptPolicy
    adjustment_reasons: Labels = Field(min_length=1)
    discrepancy_reasons: Labels = Field(min_length=1, description="why more was fitted than was issued")
    guidance: tuple[GuidancePolicy, ...] = Field(default=(), description="what people are told where they meet it")

    departments: Labels = Field(min_length=1, description="service departments with an account of their own (R324)")
    units: Labels = Field(min_length=1, description="units of quantity; all are counted in whole ones")
    first_storeroom: StoreroomPolicy
    valuation: ValuationPolicy
    prices: PricePolicy
    internal_requisitions: InternalPolicy
    charges: ChargePolicy
    reports: ReportPolicy
    store_work: Labels = Field(min_length=1, description="work in the store: general administration time (R335)")

    @model_validator(mode="after")
    def _providers_book_known_methods(self) -> Self:
        for name, provider in self.payment_providers.items():
            if provider.method not in self.payment_methods:
                raise ValueError(f"payment_providers.{name}.method of: {', '.join(sorted(self.payment_methods))}")
        return self

    @model_validator(mode="after")
    def _of_known_departments(self) -> Self:
        if not {self.internal_requisitions.charged_to, self.first_storeroom.department} <= self.departments.keys():
            raise ValueError(
                "internal_requisitions.charged_to and first_storeroom.department of departments:"
                f" {', '.join(self.departments)}"
            )
        return self

    @model_validator(mode="after")
    def _has_the_contact_clock(self) -> Self:
        if CONTACT_CLOCK not in self.clocks:
            raise ValueError(f"a section [clocks.{CONTACT_CLOCK}]: a supplier is contacted in time (R328)")
        return self


def require_known(given: str, *, known: Collection[str], field: str) -> None:
    """Raises Refusal, which names the codes that the policy knows, when `given` is another one."""
    if given not in known:
        raise Refusal(
            "unknown_code",
            detail=f"{field}: {given} is not in the policy",
            expected=f"{field} of: {', '.join(sorted(known))}",
        )
