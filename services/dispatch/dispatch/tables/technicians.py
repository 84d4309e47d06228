"""Technicians, what they may do, when they are away, and whose turn it is."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from dispatch.tables.base import Row
from shared.columns import Instant, Texts


class TechnicianRow(Row, table=True):
    """A technician and his place in the rota of his department (R234)."""

    __tablename__ = "technician"
    __table_args__ = (
        Index("technician_rota", "department", "rota_position", "id"),
        Index("technician_turn", "rota_position", "id"),
        Index("technician_skills", "skills", postgresql_using="gin"),
        Index("technician_zones", "zones", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    staff_number: str = Field(sa_type=Text, unique=True)
    name: str = Field(sa_type=Text)
    department: str = Field(sa_type=Text)
    rota_position: int
    zones: list[str] = Field(sa_type=Texts)
    skills: list[str] = Field(sa_type=Texts)
    active: bool = True
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class CertificateRow(Row, table=True):
    """Trained, examined and certified (持证上岗, R246), from the first to the last day, both included."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("technician_id", "code", "valid_from", name="certificate_technician_id_code_valid_from_key"),
        CheckConstraint("valid_from <= valid_until", name="certificate_period_check"),
        Index("certificate_valid_until", "valid_until", "id"),
    )

    id: UUID = Field(primary_key=True)
    technician_id: UUID = Field(foreign_key="technician.id")
    code: str = Field(sa_type=Text)
    valid_from: date
    valid_until: date
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)


class AbsenceRow(Row, table=True):
    """Away from `away_from` until before `until`."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("away_from < until", name="absence_period_check"),
        Index("absence_technician_id", "technician_id", "until"),
        Index("absence_until", "until", "id"),
    )

    id: UUID = Field(primary_key=True)
    technician_id: UUID = Field(foreign_key="technician.id")
    away_from: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
    reason: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)


class RotaRow(Row, table=True):
    """Who had the last turn in a department. Whoever gives a turn locks this row, so that no turn is given twice."""

    __tablename__ = "rota"

    department: str = Field(sa_type=Text, primary_key=True)
    position: int | None = None
    technician_id: UUID | None = None
    moved_at: datetime | None = Field(default=None, sa_type=Instant)
