"""Requests for parts over HTTP: what was asked for, drawn, brought back."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from parts.domain.lines import together
from parts.domain.supply_words import RequestState
from parts.policy.guidance import GuidancePolicy
from parts.queries.dossiers import Dossier
from parts.schemas.guidance import GuidanceView
from parts.schemas.instants import When
from parts.schemas.stock import SerialNumber
from parts.tables import DiscrepancyRow, LineRow, NoteRow, RequestRow
from shared.contracts.facts import PartNeed, Urgency, WarrantyStatus
from shared.http.bodies import Body

type Code = Annotated[str, Field(min_length=1, max_length=64)]
type StaffNumber = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]


class WantedLine(Body):
    """So many pieces of one part of the request."""

    part_code: Code
    quantity: int = Field(ge=1, le=10_000, description="pieces")
    serials: list[SerialNumber] = Field(
        default_factory=list,
        max_length=1000,
        description="serial numbers; of a serial-tracked part, one for each piece",
    )


class Issue(Body):
    """Pieces that leave the store (出库) against the started work order (R314)."""

    lines: list[WantedLine] = Field(min_length=1, max_length=100)
    issued_to: StaffNumber = Field(description="staff number of who takes them")
    presented: str | None = Field(
        default=None, min_length=1, max_length=40, description="the number on the work order that is presented (R313)"
    )
    location: Code | None = Field(default=None, description="where they lie; the first storeroom by itself")

    def wanted(self) -> dict[str, int]:
        """Part code to pieces."""
        return wanted_of(self.lines)

    def serials(self) -> dict[str, list[str]]:
        """Part code to the serial numbers of its pieces, where any are known."""
        return serials_of(self.lines)


class ReturnedLine(WantedLine):
    """Pieces that came back."""

    used: bool = Field(default=False, description="used parts are refused (拒绝退库, R315)")


class Return(Body):
    """Unused pieces that lie in the store again (退库, R316)."""

    lines: list[ReturnedLine] = Field(min_length=1, max_length=100)
    reason: str = Field(
        min_length=1, max_length=40, description="why they were not used: a return reason of the policy"
    )
    received_at: When = Field(description="when they lay in the store again (R316); never in the future")
    location: Code | None = Field(default=None, description="where they lie again; the first storeroom by itself")

    def wanted(self) -> dict[str, int]:
        """Part code to pieces."""
        return wanted_of(self.lines)

    def serials(self) -> dict[str, list[str]]:
        """Part code to the serial numbers of its pieces, where any are known."""
        return serials_of(self.lines)

    def used(self) -> list[str]:
        """Codes of what was used."""
        return [line.part_code for line in self.lines if line.used]


class Loss(Body):
    """Drawn pieces that were neither fitted nor come back (R295): they are written off (核销)."""

    lines: list[WantedLine] = Field(min_length=1, max_length=100)
    reason: str = Field(min_length=1, max_length=40, description="what became of them: a loss reason of the policy")
    issued_to: StaffNumber = Field(description="staff number of who drew them for this request, and answers for them")

    def wanted(self) -> dict[str, int]:
        """Part code to pieces."""
        return wanted_of(self.lines)

    def serials(self) -> dict[str, list[str]]:
        """Part code to the serial numbers of its pieces, where any are known."""
        return serials_of(self.lines)


class LineView(BaseModel):
    """One part of a request, in pieces."""

    part_code: str
    asked: int
    reserved: int = Field(description="kept in the store now")
    issued: int
    returned: int
    fitted: int
    lost: int = Field(description="drawn, and written off (R295)")

    @classmethod
    def of(cls, row: LineRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class NoteLine(BaseModel):
    """Pieces of one part on a note."""

    part_code: str
    quantity: int
    serials: list[str] = Field(default_factory=list, description="as far as they are known")


class NoteView(BaseModel):
    """An issue note (出库单), a return note (退料单) or a write-off (核销)."""

    id: UUID
    kind: str = Field(description="issue, return or loss")
    lines: list[NoteLine]
    reason: str | None = Field(description="why pieces came back, or did not")
    issued_to: str | None
    presented: str | None = Field(description="the number on the work order that was presented (R298, R313)")
    received_at: AwareDatetime | None
    posted_at: AwareDatetime
    posted_by: str

    @classmethod
    def of(cls, row: NoteRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class RequestView(BaseModel):
    """A request for parts (领料申请) of one work order."""

    id: UUID
    work_order_id: UUID
    work_order_number: str
    case_id: UUID
    customer_id: UUID
    urgency: Urgency
    warranty: WarrantyStatus
    state: RequestState
    reason: str | None = Field(description="why it ended")
    requested_at: AwareDatetime
    ready_at: AwareDatetime | None = Field(description="when the kit can be complete, as far as is known (R327)")
    reserved_at: AwareDatetime | None
    renewals: int = Field(description="how often the reservation was renewed")
    prepared_at: AwareDatetime | None = Field(description="packed for the trip (R257)")
    confirmed_at: AwareDatetime | None = Field(description="an addition that the front desk confirmed (R198)")
    expires_at: AwareDatetime | None = Field(description="when the pieces go back to the shelf unless they are drawn")
    ended_at: AwareDatetime | None
    version: int

    @classmethod
    def of(cls, row: RequestRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class RequestFile(RequestView):
    """A request with its lines, its papers and what hangs on it."""

    lines: list[LineView]
    notes: list[NoteView]
    started_at: AwareDatetime | None = Field(description="when the work order was started: parts may be drawn (R314)")
    not_issued: list[PartNeed] = Field(
        description="said to be fitted on the work order, and never issued: a discrepancy, to be cleared up"
    )
    discrepancy_id: UUID | None
    claim_order_id: UUID | None
    deposit_id: UUID | None
    guidance: list[GuidanceView] = Field(description="what to keep in mind for what is done next with it")

    @classmethod
    def whole(
        cls,
        dossier: Dossier,
        *,
        notes: Sequence[NoteRow],
        discrepancy: DiscrepancyRow | None,
        guidance: Iterable[GuidancePolicy],
    ) -> Self:
        """With everything that is known of it."""
        return cls.model_validate(
            {
                **RequestView.of(dossier.request).model_dump(),
                "lines": [LineView.of(line) for line in dossier.lines],
                "notes": [NoteView.of(note) for note in notes],
                "started_at": dossier.order.started_at,
                "not_issued": discrepancy.lines if discrepancy else [],
                "discrepancy_id": discrepancy.id if discrepancy else None,
                "claim_order_id": dossier.claim.id if dossier.claim else None,
                "deposit_id": dossier.deposit.id if dossier.deposit else None,
                "guidance": [GuidanceView.of(one) for one in guidance],
            }
        )


def wanted_of(lines: Sequence[WantedLine]) -> dict[str, int]:
    """Part code to pieces."""
    return together([(line.part_code, line.quantity) for line in lines])


def serials_of(lines: Sequence[WantedLine]) -> dict[str, list[str]]:
    """Part code to the serial numbers of its pieces, where any are known."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.serials:
            found.setdefault(line.part_code, []).extend(line.serials)
    return found
