"""Work orders, offers and visits over HTTP."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from dispatch.domain.reports import Caution
from dispatch.domain.visits import VisitState, Window
from dispatch.domain.visits import possible_steps as possible_visit_steps
from dispatch.domain.work_orders import WorkOrderState, possible_steps
from dispatch.policy import DispatchPolicy
from dispatch.tables import OfferRow, RotaLogRow, VisitRow, WorkOrderRow
from shared.contracts.facts import Degree, PartNeed, PassedOver, Urgency, WarrantyStatus
from shared.http.bodies import Body
from shared.policy.labels import Label


class AgreedWindow(Body):
    """A visit window that the customer agreed to (R251)."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    agreed_at: AwareDatetime = Field(description="when the customer agreed; not in the future")

    def window(self) -> Window:
        """As the domain takes it."""
        return Window(starts_at=self.starts_at, ends_at=self.ends_at)


class MovedWindow(AgreedWindow):
    """Another window, agreed again."""

    reason: str = Field(min_length=1, max_length=40, description="a reschedule reason of the policy")


class OfferRefusal(Body):
    """Why the technician does not take the order."""

    reason: str = Field(min_length=1, max_length=40, description="a refusal reason of the policy")


class Arrival(Body):
    """When he arrived; now where nothing is said."""

    arrived_at: AwareDatetime | None = None


class WorkOrderView(BaseModel):
    """A work order (维修单). The customer's contact data is read at intake, by those who may, at the moment of use."""

    id: UUID
    number: str
    case_id: UUID
    round: int = Field(description="of the case: 1, and one more for each rework")
    case_number: str
    state: WorkOrderState
    possible_steps: list[str] = []
    department: str
    zone: str
    district: str
    skills: list[str] = Field(description="what it asks of a technician")
    certificates: list[str]
    urgency: Urgency
    warranty: WarrantyStatus
    priority: int = Field(description="among those that wait the greater number first")
    failures: int = Field(description="how often nobody fitted")
    retry_at: AwareDatetime | None
    customer_id: UUID
    customer_label: str = Field(description="masked number; empty once he is erased")
    site_id: UUID
    unit_id: UUID
    product_family: str
    product_model: str
    problem_code: str
    parts: list[PartNeed]
    required_by: AwareDatetime | None = Field(description="the time that the customer named (R188, R217)")
    called_at: AwareDatetime
    opened_at: AwareDatetime
    technician_id: UUID | None
    assigned_at: AwareDatetime | None
    arrived_at: AwareDatetime | None
    started_at: AwareDatetime | None = Field(description="since then parts may be issued for it (R314)")
    completed_at: AwareDatetime | None
    resolution: str | None
    fitted: list[PartNeed] = Field(description="parts that stay in the unit")
    signed_off_at: AwareDatetime | None
    opinion: Degree | None = Field(description="how the customer says it was (R260)")
    promise_id: UUID = Field(description="the subject of its clocks (`GET /v1/clocks?subject_id=`)")
    cancelled_at: AwareDatetime | None
    cancel_reason: str | None
    version: int

    @classmethod
    def of(cls, row: WorkOrderRow) -> Self:
        """As it is stored, with the steps that lead on."""
        steps = possible_steps(WorkOrderState(row.state))
        return cls.model_validate({**row.model_dump(), "possible_steps": [str(step) for step in steps]})


class OfferView(BaseModel):
    """An offer to the technician whose turn it is."""

    id: UUID
    work_order_id: UUID
    technician_id: UUID
    state: str = Field(description="pending, accepted, refused, expired or withdrawn")
    offered_at: AwareDatetime
    expires_at: AwareDatetime
    answered_at: AwareDatetime | None
    answered_by: str | None
    answered_as: str | None = Field(description="the role of whoever answered: a dispatcher may do it for him")
    refusal_reason: str | None

    @classmethod
    def of(cls, row: OfferRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class RotaLogEntry(BaseModel):
    """One look for a technician: who was taken, and why each other one was passed over (被隔过此轮派工, R235)."""

    id: UUID
    decided_at: AwareDatetime
    decided_by: str
    department: str
    technician_id: UUID | None = Field(description="whose turn it was; null where nobody fitted")
    offer_id: UUID | None
    passed_over: list[PassedOver]
    policy_version: str

    @classmethod
    def of(cls, row: RotaLogRow) -> Self:
        """As it is stored."""
        return cls.model_validate(row.model_dump())


class RotaLog(BaseModel):
    """Every look for a technician of one order, the first one first."""

    work_order_id: UUID
    looks: list[RotaLogEntry]


class VisitView(BaseModel):
    """A visit."""

    id: UUID
    work_order_id: UUID
    technician_id: UUID
    state: VisitState
    possible_steps: list[str] = []
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    agreed_at: AwareDatetime
    agreed_by: str
    reschedule_reason: str | None
    prepared_at: AwareDatetime | None
    departed_at: AwareDatetime | None
    arrived_at: AwareDatetime | None
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    outcome: str | None = Field(description="completed, unfinished or taken_in")
    unfinished_reason: str | None = Field(description="R241")
    checks: list[str] = Field(description="what was kept on site (R258)")
    usable_from: AwareDatetime | None = Field(description="not to be used before (R259)")
    warning: Caution | None = Field(description="how the customer was warned of that")
    returned_at: AwareDatetime | None
    released_at: AwareDatetime | None
    release_reason: str | None = Field(description="parts or cancelled")
    version: int

    @classmethod
    def of(cls, row: VisitRow) -> Self:
        """As it is stored, with the steps that lead on."""
        steps = possible_visit_steps(VisitState(row.state))
        return cls.model_validate({**row.model_dump(), "possible_steps": [str(step) for step in steps]})


class VisitOfDay(VisitView):
    """A visit with what the technician needs to know before he leaves."""

    work_order: WorkOrderView
    after_required_by: bool = Field(description="the window ends after the time that the customer named (R217)")


class Day(BaseModel):
    """A technician's day: his visits in order, and what he is asked."""

    day: date
    staff_number: str
    visits: list[VisitOfDay]
    offers: list[OfferView]

    @classmethod
    def of(
        cls,
        visits: Sequence[VisitRow],
        *,
        day: date,
        staff_number: str,
        orders: Mapping[UUID, WorkOrderRow],
        offers: Sequence[OfferRow],
    ) -> Self:
        """The day as it stands now."""
        return cls(
            day=day,
            staff_number=staff_number,
            visits=[_visit_of_day(visit, order=orders[visit.work_order_id]) for visit in visits],
            offers=[OfferView.of(offer) for offer in offers],
        )


class CodesView(BaseModel):
    """What forms may say, with texts in both languages."""

    departments: dict[str, Label]
    zones: dict[str, Label]
    skills: dict[str, Label]
    certificates: dict[str, Label]
    absence_reasons: dict[str, Label]
    refusal_reasons: dict[str, Label]
    reschedule_reasons: dict[str, Label]
    resolutions: dict[str, Label]
    unfinished_reasons: dict[str, Label]
    expense_kinds: dict[str, Label]
    checks: dict[str, Label]
    purposes: dict[str, Label]

    @classmethod
    def of(cls, policy: DispatchPolicy) -> Self:
        """The codes of the policy in force."""
        return cls(
            departments=policy.departments,
            zones={code: zone.name for code, zone in policy.zones.items()},
            skills=policy.skills,
            certificates=policy.certificates,
            absence_reasons=policy.absence_reasons,
            refusal_reasons=policy.refusal_reasons,
            reschedule_reasons=policy.reschedule_reasons,
            resolutions=policy.resolutions,
            unfinished_reasons=policy.unfinished_reasons,
            expense_kinds=policy.expense_kinds,
            checks=policy.checks,
            purposes=policy.purposes,
        )


def _visit_of_day(visit: VisitRow, *, order: WorkOrderRow) -> VisitOfDay:
    late = order.required_by is not None and visit.ends_at > order.required_by
    return VisitOfDay.model_validate(
        {**VisitView.of(visit).model_dump(), "work_order": WorkOrderView.of(order), "after_required_by": late}
    )
