"""Items in the workshop, parts requests, hours and words, as they are shown."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from dispatch.domain.items import ItemState, possible_steps
from dispatch.domain.parts_requests import PartsState
from dispatch.schemas.work_orders import VisitView, WorkOrderView
from dispatch.tables import HoursRow, ItemRow, PartsRequestRow, VisitRow, WorkOrderRow
from dispatch.use_cases.show_words import Words
from shared.contracts.facts import PartNeed


class PartsRequestView(BaseModel):
    """A request for parts (领料申请) and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    work_order_id: UUID
    state: PartsState
    lines: list[PartNeed]
    requested_at: AwareDatetime
    requested_by: str
    short_at: AwareDatetime | None
    missing: list[PartNeed] = Field(description="what was short, the last time that was said")
    expected_at: AwareDatetime | None = Field(description="when what was ordered is expected")
    reserved_at: AwareDatetime | None
    reserved_until: AwareDatetime | None
    unavailable_at: AwareDatetime | None
    unavailable_reason: str | None
    expired_at: AwareDatetime | None
    over_at: AwareDatetime | None = Field(description="the order needs it no more")


class ItemView(BaseModel):
    """An item in the workshop: receipt, register entry and repair card. Its description is among the words."""

    id: UUID
    work_order_id: UUID
    visit_id: UUID
    technician_id: UUID
    state: ItemState
    possible_steps: list[str]
    receipt_number: str = Field(description="void once receipt_voided_at is set (R307)")
    repair_card_number: str
    units: int
    taken_in_at: AwareDatetime
    promised_at: AwareDatetime
    registered_at: AwareDatetime | None
    registered_by: str | None
    repaired_at: AwareDatetime | None
    repaired_by: str | None
    work_minutes: int
    fitted: list[PartNeed]
    inspected_at: AwareDatetime | None
    inspected_by: str | None
    returned_at: AwareDatetime | None
    receipt_voided_at: AwareDatetime | None
    version: int

    @classmethod
    def of(cls, row: ItemRow) -> Self:
        """As it is stored, with the steps that lead on."""
        steps = possible_steps(ItemState(row.state))
        return cls.model_validate({**row.model_dump(), "possible_steps": [str(step) for step in steps]})


class TakenIn(VisitView):
    """The visit that ended with it, and what was taken in."""

    item: ItemView

    @classmethod
    def whole(cls, visit: VisitRow, *, item: ItemRow) -> Self:
        """Both as they are stored."""
        return cls.model_validate({**VisitView.of(visit).model_dump(), "item": ItemView.of(item)})


class HoursView(BaseModel):
    """What one visit or one repair took."""

    model_config = ConfigDict(from_attributes=True)

    visit_id: UUID
    item_id: UUID | None
    technician_id: UUID
    day: date
    work_minutes: int
    travel_minutes: int
    expenses: list[dict[str, str | None]] = Field(description="kind, amount and voucher of each")
    cost: Decimal
    posted_at: AwareDatetime


class WorkOrderFile(WorkOrderView):
    """A work order with everything about it that is not sealed."""

    parts_requests: list[PartsRequestView]
    items: list[ItemView]
    hours: list[HoursView]

    @classmethod
    def whole(
        cls,
        order: WorkOrderRow,
        *,
        requests: Iterable[PartsRequestRow],
        items: Iterable[ItemRow],
        hours: Iterable[HoursRow],
    ) -> Self:
        """As it is stored."""
        return cls.model_validate(
            {
                **WorkOrderView.of(order).model_dump(),
                "parts_requests": [PartsRequestView.model_validate(row) for row in requests],
                "items": [ItemView.of(row) for row in items],
                "hours": [HoursView.model_validate(row) for row in hours],
            }
        )


class DayOfWorkView(BaseModel):
    """What one technician worked and spent on one day (R263)."""

    model_config = ConfigDict(from_attributes=True)

    staff_number: str
    technician_id: UUID
    day: date
    entries: int
    work_minutes: int
    travel_minutes: int
    administration_minutes: int = Field(description="on the store and on tools (一般行政工作, R335)")
    cost: Decimal


class WordsView(BaseModel):
    """Something that a customer said or signed, or that was written about him; null once he was erased."""

    model_config = ConfigDict(from_attributes=True)

    about: str = Field(description="`visit/<id>`, `work_order/<id>` or `item/<id>`")
    what: str = Field(description="findings, explanation, description, signer, signature or comment")
    text: str | None
    said_at: AwareDatetime


class OrderWords(BaseModel):
    """Everything that was said about one order, the first word first."""

    work_order_id: UUID
    words: list[WordsView]

    @classmethod
    def of(cls, order_id: UUID, *, words: Sequence[Words]) -> Self:
        """In plain text."""
        return cls(work_order_id=order_id, words=[WordsView.model_validate(one) for one in words])
