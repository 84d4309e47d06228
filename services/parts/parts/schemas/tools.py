"""Tools, their loans and purchases in the field over HTTP."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from parts.domain.deposits import CENTS
from parts.domain.tools import Compensation, LoanState, ToolForm, Way
from parts.policy.guidance import GuidancePolicy
from parts.schemas.guidance import GuidanceView
from parts.schemas.instants import When
from parts.schemas.return_shipments import StaffNumber
from parts.schemas.stock import Yuan
from parts.tables import ToolLoanRow, ToolPurchaseRow, ToolRow
from parts.use_cases.buy_tool import ToolPurchaseForm
from shared.http.bodies import Body

type ToolCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples=["T-OSC-2"])]
type Name = Annotated[str, Field(min_length=1, max_length=200)]
type Model = Annotated[str, Field(min_length=1, max_length=100)]


class ToolRecord(Body):
    """A special tool (专用工具) and what it cost when it was new."""

    code: ToolCode
    name_zh: Name
    name_en: Name
    model: Model
    price: Yuan

    def to_form(self) -> ToolForm:
        """As the use case takes it."""
        return ToolForm(**{**self.model_dump(), "price": self.price.quantize(CENTS)})


class NewLoan(Body):
    """Somebody takes a tool (借出登记, R317); it has to be back right after its use."""

    tool_code: ToolCode
    borrower: StaffNumber
    work_order_id: UUID | None = Field(default=None, description="once it is over, the use is over")
    used_until: When | None = Field(default=None, description="the policy's usual time where nobody says")


class Amends(Body):
    """A lost tool is made good (R318): its original price, or a tool of the same model."""

    way: Way
    amount: Yuan | None = Field(default=None, description="with `payment`")
    model: Model | None = Field(default=None, description="with `same_model`")

    @model_validator(mode="after")
    def _fits_the_way(self) -> Self:
        wanted = (self.way is Way.PAYMENT, self.way is Way.SAME_MODEL)
        if (self.amount is not None, self.model is not None) != wanted:
            raise ValueError("an amount with `payment`, a model with `same_model`, and never both")
        return self

    def to_compensation(self) -> Compensation:
        """As the use case takes it."""
        return Compensation(way=self.way, amount=self.amount, model=self.model)


class NewToolPurchase(Body):
    """A tool that somebody bought in the field (R319)."""

    bought_by: StaffNumber
    bought_at: When = Field(description="not in the future")
    name_zh: Name
    name_en: Name
    model: Model
    price: Yuan
    work_order_id: UUID | None = None

    def to_form(self) -> ToolPurchaseForm:
        """As the use case takes it."""
        return ToolPurchaseForm(**self.model_dump())


class BookingIn(Body):
    """The tool is handed in at the warehouse."""

    tool_code: ToolCode = Field(description="a new one")


class ToolView(BaseModel):
    """A special tool."""

    id: UUID
    code: str
    name_zh: str
    name_en: str
    model: str
    price: Decimal = Field(description="yuan, when it was new")
    created_at: AwareDatetime
    retired_at: AwareDatetime | None = Field(description="since when it is gone")
    version: int

    @classmethod
    def of(cls, row: ToolRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class LoanView(BaseModel):
    """A loan of a tool."""

    id: UUID
    tool_id: UUID
    tool_code: str
    borrower: str
    work_order_id: UUID | None
    state: LoanState
    lent_at: AwareDatetime
    lent_by: str
    due_at: AwareDatetime = Field(description="right after its use")
    reminders: int = Field(description="how often it was said that it is overdue")
    returned_at: AwareDatetime | None
    lost_at: AwareDatetime | None
    owed: Decimal | None = Field(description="yuan: its original price, where it was lost and overdue (R318)")
    settled_by: Way | None
    compensated_at: AwareDatetime | None
    version: int

    @classmethod
    def of(cls, row: ToolLoanRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class LoanFile(LoanView):
    """A loan with what its borrower keeps in mind (R334)."""

    guidance: list[GuidanceView] = Field(description="what to keep in mind where tools are used")

    @classmethod
    def whole(cls, row: ToolLoanRow, *, guidance: Iterable[GuidancePolicy]) -> Self:
        """As it is stored, and as the policy has it."""
        return cls(**LoanView.of(row).model_dump(), guidance=[GuidanceView.of(one) for one in guidance])


class ToolPurchaseView(BaseModel):
    """A tool that was bought in the field."""

    id: UUID
    bought_by: str
    bought_at: AwareDatetime
    name_zh: str
    name_en: str
    model: str
    price: Decimal = Field(description="yuan")
    work_order_id: UUID | None
    recorded_at: AwareDatetime
    recorded_by: str
    tool_id: UUID | None
    booked_in_at: AwareDatetime | None
    booked_in_by: str | None
    reimbursable: bool = Field(description="booked into the warehouse, and not paid yet (R319)")
    reimbursed_at: AwareDatetime | None
    reimbursed_by: str | None
    version: int

    @classmethod
    def of(cls, row: ToolPurchaseRow) -> Self:
        """As it is stored, with whether it may be paid."""
        is_due = row.booked_in_at is not None and row.reimbursed_at is None
        return cls.model_validate({**row.model_dump(), "reimbursable": is_due})
