"""Parts' rows, all on parts' own metadata. No customer is known here but by id."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, MetaData, Numeric, Text, text
from sqlmodel import Field, SQLModel

from shared.audit import audit_tables
from shared.columns import Instant, Json, Texts
from shared.erasure import erasure_table
from shared.http.idempotency import answer_table
from shared.messaging.tables import delivery_tables

METADATA = MetaData()
DELIVERY = delivery_tables(METADATA)
ANSWERS = answer_table(METADATA)
AUDIT = audit_tables(METADATA)
ERASED = erasure_table(METADATA)

PRICE = Numeric(12, 2)
VALUE = Numeric(20, 2)


class Row(SQLModel):
    """The base of every row of parts."""

    metadata: ClassVar[MetaData] = METADATA


class PartRow(Row, table=True):
    """A part of the catalogue (备件目录)."""

    __tablename__ = "part"
    __table_args__ = (
        CheckConstraint("unit_price >= 0 AND minimum >= 0", name="part_not_negative_check"),
        Index("part_created_at", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    part_code: str = Field(sa_type=Text, unique=True)
    name_zh: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    unit_price: Decimal = Field(sa_type=PRICE, description="yuan")
    minimum: int = Field(default=0, description="pieces that should be free at any time")
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class StockRow(Row, table=True):
    """The sum of a part's movements (库存). Whoever moves pieces locks this row; it is never negative."""

    __tablename__ = "stock"
    __table_args__ = (
        CheckConstraint("0 <= reserved AND reserved <= on_hand AND 0 <= issued", name="stock_not_negative_check"),
    )

    part_code: str = Field(sa_type=Text, primary_key=True, foreign_key="part.part_code")
    on_hand: int = Field(default=0, sa_type=BigInteger)
    reserved: int = Field(default=0, sa_type=BigInteger, description="of those on hand")
    issued: int = Field(default=0, sa_type=BigInteger, description="out with whoever drew them")


class MovementRow(Row, table=True):
    """One line of the ledger (台帐, R324): added, and never changed or removed."""

    __tablename__ = "stock_movement"
    __table_args__ = (
        CheckConstraint(
            "(kind, sign(on_hand), sign(reserved), sign(issued)) IN (('receipt', 1, 0, 0), ('reserve', 0, 1, 0),"
            " ('release', 0, -1, 0), ('issue', -1, -1, 1), ('return', 1, 0, -1), ('consume', 0, 0, -1),"
            " ('adjustment', 1, 0, 0), ('adjustment', -1, 0, 0))",
            name="stock_movement_kind_check",
        ),
        Index("stock_movement_at", "at", "id"),
        Index("stock_movement_part_code", "part_code", "at", "id"),
        Index("stock_movement_request_id", "request_id"),
        Index(
            "stock_movement_receipt",
            "part_code",
            "reference",
            unique=True,
            postgresql_where=text("kind = 'receipt'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    part_code: str = Field(sa_type=Text, foreign_key="part.part_code")
    kind: str = Field(sa_type=Text)
    on_hand: int = Field(sa_type=BigInteger, description="what it adds")
    reserved: int = Field(sa_type=BigInteger, description="what it adds")
    issued: int = Field(sa_type=BigInteger, description="what it adds")
    request_id: UUID | None = Field(default=None, foreign_key="parts_request.id")
    reference: str = Field(sa_type=Text, description="delivery note, issue or return note, claim order, reason")
    at: datetime = Field(sa_type=Instant)
    by: str = Field(sa_type=Text)


class WorkOrderRow(Row, table=True):
    """What is known of a work order, whichever event came first. Whoever touches what hangs on it locks this row."""

    __tablename__ = "known_work_order"

    work_order_id: UUID = Field(primary_key=True)
    started_at: datetime | None = Field(default=None, sa_type=Instant, description="R314")
    completed_at: datetime | None = Field(default=None, sa_type=Instant)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)


class DiscrepancyRow(Row, table=True):
    """Pieces that a work order is said to have fitted and that were never issued for it; it may have asked for none."""

    __tablename__ = "discrepancy"
    __table_args__ = (
        CheckConstraint("(cleared_at IS NULL) = (reason IS NULL)", name="discrepancy_cleared_check"),
        Index("discrepancy_found_at", "found_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    work_order_id: UUID = Field(foreign_key="known_work_order.work_order_id", unique=True)
    work_order_number: str = Field(sa_type=Text)
    case_id: UUID
    lines: list[dict[str, str | int]] = Field(sa_type=Json)
    found_at: datetime = Field(sa_type=Instant, description="when the work order was completed")
    cleared_at: datetime | None = Field(default=None, sa_type=Instant)
    cleared_by: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text, description="a code of the policy")
    version: int = 1


class RequestRow(Row, table=True):
    """A request for parts (领料申请) of one work order."""

    __tablename__ = "parts_request"
    __table_args__ = (
        Index("parts_request_requested_at", "requested_at", "id"),
        Index("parts_request_state", "state", "requested_at", "id"),
        Index("parts_request_work_order_id", "work_order_id"),
        Index("parts_request_case_id", "case_id"),
    )

    id: UUID = Field(primary_key=True)
    work_order_id: UUID = Field(foreign_key="known_work_order.work_order_id")
    work_order_number: str = Field(sa_type=Text)
    case_id: UUID
    customer_id: UUID
    urgency: str = Field(sa_type=Text)
    warranty: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text, description="why it ended")
    requested_at: datetime = Field(sa_type=Instant)
    reserved_at: datetime | None = Field(default=None, sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    policy_version: str = Field(sa_type=Text)
    version: int = 1


class LineRow(Row, table=True):
    """One part of a request, in pieces."""

    __tablename__ = "request_line"
    __table_args__ = (
        CheckConstraint("asked > 0 AND reserved >= 0 AND fitted >= 0 AND returned >= 0", name="request_line_check"),
        CheckConstraint("reserved + issued <= asked", name="request_line_asked_check"),
        CheckConstraint("returned + fitted <= issued", name="request_line_issued_check"),
        Index("request_line_part_code", "part_code"),
    )

    request_id: UUID = Field(primary_key=True, foreign_key="parts_request.id")
    part_code: str = Field(sa_type=Text, primary_key=True)
    asked: int
    reserved: int = 0
    issued: int = 0
    returned: int = 0
    fitted: int = 0


class NoteRow(Row, table=True):
    """An issue note (出库单) or a return note (退料单) of a request."""

    __tablename__ = "store_note"
    __table_args__ = (Index("store_note_request_id", "request_id", "posted_at", "id"),)

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="parts_request.id")
    kind: str = Field(sa_type=Text, description="issue or return")
    lines: list[dict[str, str | int]] = Field(sa_type=Json)
    issued_to: str | None = Field(default=None, sa_type=Text, description="staff number of whoever drew them")
    received_at: datetime | None = Field(default=None, sa_type=Instant, description="when they were back (R316)")
    posted_at: datetime = Field(sa_type=Instant)
    posted_by: str = Field(sa_type=Text)


class ClaimRow(Row, table=True):
    """A claim order (索赔订货): what was missing of one request (R199)."""

    __tablename__ = "claim_order"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="claim_order_amount_check"),
        CheckConstraint("state <> 'placed' OR expected_at IS NOT NULL", name="claim_order_expected_check"),
        Index("claim_order_opened_at", "opened_at", "id"),
        Index("claim_order_state", "state", "opened_at", "id"),
        Index("claim_order_expected_at", "expected_at", postgresql_where=text("state = 'placed'")),
    )

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="parts_request.id", unique=True)
    state: str = Field(sa_type=Text)
    amount: Decimal = Field(sa_type=VALUE, description="yuan")
    lines: list[dict[str, str | int]] = Field(sa_type=Json)
    signatures_needed: list[str] = Field(sa_type=Texts, description="roles")
    opened_at: datetime = Field(sa_type=Instant)
    approved_at: datetime | None = Field(default=None, sa_type=Instant)
    supplier: str | None = Field(default=None, sa_type=Text)
    placed_at: datetime | None = Field(default=None, sa_type=Instant, description="the first time")
    expected_at: datetime | None = Field(default=None, sa_type=Instant)
    arrived_at: datetime | None = Field(default=None, sa_type=Instant)
    reminders: int = Field(default=0, description="how often the customer was chased (R322)")
    version: int = 1


class SignatureRow(Row, table=True):
    """Who signed a claim order, or refused to (R199)."""

    __tablename__ = "claim_signature"

    claim_order_id: UUID = Field(primary_key=True, foreign_key="claim_order.id")
    role: str = Field(sa_type=Text, primary_key=True)
    decision: str = Field(sa_type=Text)
    signed_by: str = Field(sa_type=Text)
    signed_at: datetime = Field(sa_type=Instant)


class DepositRow(Row, table=True):
    """A deposit (订金) for a claim order (R320, R321). What was taken is held, refunded or forfeited (I10)."""

    __tablename__ = "deposit"
    __table_args__ = (
        CheckConstraint("amount > 0", name="deposit_amount_check"),
        CheckConstraint(
            "(paid_at IS NOT NULL) = (state IN ('held', 'refunded', 'forfeited'))", name="deposit_taken_check"
        ),
        Index("deposit_required_at", "required_at", "id"),
        Index("deposit_state", "state", "required_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    claim_order_id: UUID = Field(foreign_key="claim_order.id", unique=True)
    case_id: UUID
    customer_id: UUID
    state: str = Field(sa_type=Text)
    amount: Decimal = Field(sa_type=PRICE, description="yuan")
    required_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    paid_at: datetime | None = Field(default=None, sa_type=Instant)
    method: str | None = Field(default=None, sa_type=Text)
    taken_by: str | None = Field(default=None, sa_type=Text)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: str | None = Field(default=None, sa_type=Text)
    version: int = 1
