"""Technicians, certificates and absences over HTTP and in spreadsheets."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field

from dispatch.domain.forms import AbsenceForm, CertificateForm, TechnicianForm
from dispatch.tables import AbsenceRow, CertificateRow, RotaRow, TechnicianRow, VisitRow
from shared.http.bodies import Body


def _split(cell: object) -> object:
    return [code.strip() for code in cell.split(";") if code.strip()] if isinstance(cell, str) else cell


type Code = Annotated[str, Field(min_length=1, max_length=40)]
type Codes = Annotated[list[Code], Field(max_length=50)]
type Cell = Annotated[list[Code], BeforeValidator(_split), Field(max_length=50, description="codes, `;` between them")]
type StaffNumber = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]


class TechnicianRecord(Body):
    """A technician. Department, zones and skills are codes of the policy (`GET /v1/codes`)."""

    staff_number: StaffNumber = Field(description="the subject of his token", examples=["T07"])
    name: str = Field(min_length=1, max_length=100)
    department: Code
    rota_position: int = Field(
        default=0, ge=0, le=1_000_000, description="place in the rota; among equals the order of entry counts (R234)"
    )
    zones: Codes
    skills: Codes
    active: bool = True

    def to_form(self) -> TechnicianForm:
        """As the use case takes it."""
        return TechnicianForm(
            staff_number=self.staff_number,
            name=self.name,
            department=self.department,
            rota_position=self.rota_position,
            zones=tuple(dict.fromkeys(self.zones)),
            skills=tuple(dict.fromkeys(self.skills)),
            active=self.active,
        )


class TechnicianLine(TechnicianRecord):
    """A technician in a spreadsheet."""

    zones: Cell
    skills: Cell


class CertificateRecord(Body):
    """A certificate, valid from the first to the last day, both included."""

    code: Code
    valid_from: date
    valid_until: date

    def to_form(self) -> CertificateForm:
        """As the use case takes it."""
        return CertificateForm(code=self.code, valid_from=self.valid_from, valid_until=self.valid_until)


class CertificateLine(CertificateRecord):
    """A certificate in a spreadsheet."""

    staff_number: StaffNumber


class AbsenceRecord(Body):
    """Away from an instant until before another one."""

    away_from: AwareDatetime
    until: AwareDatetime
    reason: Code

    def to_form(self) -> AbsenceForm:
        """As the use case takes it."""
        return AbsenceForm(away_from=self.away_from, until=self.until, reason=self.reason)


class CertificateView(BaseModel):
    """A certificate (维修人员证书, R246)."""

    id: UUID
    technician_id: UUID
    code: str
    valid_from: date
    valid_until: date

    @classmethod
    def of(cls, row: CertificateRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class AbsenceView(BaseModel):
    """When a technician is away, and why."""

    id: UUID
    technician_id: UUID
    away_from: AwareDatetime
    until: AwareDatetime
    reason: str

    @classmethod
    def of(cls, row: AbsenceRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class ClashingVisit(BaseModel):
    """A visit that was agreed for the time of an absence."""

    id: UUID
    work_order_id: UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class AbsenceTaken(AbsenceView):
    """An absence that was just taken down."""

    clashing_visits: list[ClashingVisit] = Field(
        default=[], description="his open visits in that time, in order; each stays agreed until somebody moves it"
    )

    @classmethod
    def whole(cls, row: AbsenceRow, *, clashes: Sequence[VisitRow]) -> Self:
        """With what has to be moved."""
        visits = [ClashingVisit.model_validate(visit.model_dump()) for visit in clashes]
        return cls.of(row).model_copy(update={"clashing_visits": visits})


class TechnicianView(BaseModel):
    """A technician."""

    id: UUID
    staff_number: str
    name: str
    department: str
    rota_position: int
    zones: list[str]
    skills: list[str]
    active: bool
    created_at: AwareDatetime
    version: int

    @classmethod
    def of(cls, row: TechnicianRow) -> Self:
        """As he is stored."""
        return cls.model_validate(row.model_dump())


class TechnicianFile(TechnicianView):
    """A technician with his certificates."""

    certificates: list[CertificateView] = []

    @classmethod
    def whole(cls, row: TechnicianRow, *, certificates: Sequence[CertificateRow]) -> Self:
        """With everything that is known of him."""
        return cls.of(row).model_copy(update={"certificates": [CertificateView.of(one) for one in certificates]})


class RotaView(BaseModel):
    """The rota of a department (R234): who had the last turn, and everybody in order."""

    department: str
    last_turn: UUID | None = Field(description="the technician who had it")
    last_turn_at: AwareDatetime | None
    technicians: list[TechnicianView]

    @classmethod
    def of(cls, rota: RotaRow | None, *, department: str, technicians: Sequence[TechnicianRow]) -> Self:
        """As it stands now."""
        return cls(
            department=department,
            last_turn=rota.technician_id if rota else None,
            last_turn_at=rota.moved_at if rota else None,
            technicians=[TechnicianView.of(row) for row in technicians],
        )
