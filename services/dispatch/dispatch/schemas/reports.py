"""What technicians report and customers sign, over HTTP."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from dispatch.domain.reports import (
    Caution,
    Completion,
    Expense,
    Signed,
    SignOff,
    TakeIn,
    Taken,
    TestRun,
    Unfinished,
)
from shared.contracts.facts import Amount, Degree, PartNeed
from shared.http.bodies import Body

LONGEST_MINUTES = 10_080
LONGEST_SIGNATURE = 100_000

type Code = Annotated[str, Field(min_length=1, max_length=40)]
type Minutes = Annotated[int, Field(ge=0, le=LONGEST_MINUTES, description="minutes")]
type Words = Annotated[str, Field(min_length=1, max_length=4000, description="kept sealed")]


class PartLine(Body):
    """Pieces of one part."""

    part_code: str = Field(min_length=1, max_length=64, description="code of the parts catalogue")
    quantity: int = Field(ge=1, le=10_000, description="pieces")

    def need(self) -> PartNeed:
        """As everybody else writes it."""
        return PartNeed(part_code=self.part_code, quantity=self.quantity)


type PartLines = Annotated[list[PartLine], Field(max_length=100)]


class ExpenseLine(Body):
    """Money that a visit cost."""

    kind: Code = Field(description="an expense kind of the policy")
    amount: Amount
    voucher: str | None = Field(default=None, min_length=1, max_length=60, description="number of its slip (R262)")


class TakenReport(Body):
    """What a visit took (R263)."""

    work_minutes: Minutes = 0
    travel_minutes: Minutes = 0
    expenses: list[ExpenseLine] = Field(default=[], max_length=50)

    def taken(self) -> Taken:
        """As the domain takes it."""
        expenses = (Expense(kind=one.kind, amount=one.amount, voucher=one.voucher) for one in self.expenses)
        return Taken(work_minutes=self.work_minutes, travel_minutes=self.travel_minutes, expenses=tuple(expenses))


class CompletionReport(TakenReport):
    """The repair is done and tried (试机验证, R280)."""

    findings: Words
    resolution: Code = Field(description="a resolution of the policy")
    fitted: PartLines = Field(default=[], description="parts that stay in the unit")
    work_minutes: Minutes
    test_run: TestRun = Field(description="`failed` is refused: the repair is not done")
    checks: list[Code] = Field(default=[], max_length=50, description="what was kept of the policy's list (R258)")
    usable_from: AwareDatetime | None = Field(default=None, description="where it cannot be used at once (R259)")
    warning: Caution | None = Field(default=None, description="how the customer was warned of that")

    def report(self) -> Completion:
        """As the domain takes it."""
        return Completion(
            findings=self.findings,
            resolution=self.resolution,
            fitted=tuple(line.need() for line in self.fitted),
            taken=self.taken(),
            test_run=self.test_run,
            checks=tuple(dict.fromkeys(self.checks)),
            usable_from=self.usable_from,
            warning=self.warning,
        )


class UnfinishedReport(TakenReport):
    """Not done today (R241): explained to the customer (R261), with the parts that it needs."""

    reason: Code = Field(description="an unfinished reason of the policy")
    explanation: Words = Field(description="what the customer was told")
    work_minutes: Minutes
    parts: PartLines = Field(default=[], description="what is missing")

    def report(self) -> Unfinished:
        """As the domain takes it."""
        return Unfinished(
            reason=self.reason,
            explanation=self.explanation,
            taken=self.taken(),
            parts=tuple(line.need() for line in self.parts),
        )


class SignedForm(Body):
    """Who signed, and what."""

    signer: str = Field(min_length=1, max_length=200, description="his name, kept sealed")
    signature: str = Field(
        min_length=1, max_length=LONGEST_SIGNATURE, description="typed, or a PNG or SVG in base64; kept sealed"
    )

    def signed(self) -> Signed:
        """As the domain takes it."""
        return Signed(signer=self.signer, signature=self.signature)


class TakeInForm(TakenReport, SignedForm):
    """What is taken to the workshop against a receipt (R303); the customer signs the hand-over (R309)."""

    description: Words
    units: int = Field(default=1, ge=1, le=10_000, description="how many things it is (R225)")
    promised_at: AwareDatetime | None = Field(
        default=None, description="when he was told to have it again; as the policy allows where nothing is said"
    )

    def form(self) -> TakeIn:
        """As the domain takes it."""
        return TakeIn(
            description=self.description,
            units=self.units,
            promised_at=self.promised_at,
            signed=self.signed(),
            taken=self.taken(),
        )


class SignOffForm(SignedForm):
    """The customer's opinion, signed (R260)."""

    opinion: Degree
    comment: str | None = Field(default=None, max_length=4000, description="kept sealed")

    def form(self) -> SignOff:
        """As the domain takes it."""
        return SignOff(signed=self.signed(), opinion=self.opinion, comment=self.comment)


class ItemReturn(SignOffForm):
    """He has it again, and gives the receipt back (R307)."""

    receipt_number: str = Field(min_length=1, max_length=40)


class ItemRepair(Body):
    """The repair card after the repair (R305, R337)."""

    work_minutes: Minutes
    fitted: PartLines = Field(default=[], description="replaced parts")
    findings: Words


class ItemInspection(Body):
    """What the inspector found (验讫, R306)."""

    result: Literal["passed", "failed"]


class PartsNeeded(Body):
    """Parts that an order needs: one request for all lines."""

    lines: PartLines = Field(min_length=1)
