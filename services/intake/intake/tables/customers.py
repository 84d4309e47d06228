"""Customers, their numbers and sites, and the units that stand there."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field

from intake.tables.base import Row
from shared.columns import Instant


class CustomerRow(Row, table=True):
    """A customer (客户档案). `label` is the masked form of the first number, or says that he is erased."""

    __tablename__ = "customer"

    id: UUID = Field(primary_key=True)
    name: str = Field(sa_type=Text, description="sealed")
    name_index: bytes = Field(sa_type=LargeBinary, index=True)
    email: str = Field(default="", sa_type=Text, description="sealed; empty where he has none")
    label: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    erased_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1


class CustomerPhoneRow(Row, table=True):
    """A number of a customer; several customers may share one."""

    __tablename__ = "customer_phone"

    customer_id: UUID = Field(primary_key=True, foreign_key="customer.id")
    position: int = Field(primary_key=True)
    number: str = Field(sa_type=Text, description="sealed, as place `customer_phone.number/<customer>/<position>`")
    number_index: bytes = Field(sa_type=LargeBinary, index=True)
    label: str = Field(sa_type=Text)


class SiteRow(Row, table=True):
    """Where units stand: a district in plain, the address sealed."""

    __tablename__ = "site"

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id", index=True)
    district: str = Field(sa_type=Text, index=True)
    address: str = Field(sa_type=Text, description="sealed")
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class UnitRow(Row, table=True):
    """An installed unit with its warranty terms (保修卡)."""

    __tablename__ = "unit"
    __table_args__ = (Index("unit_product", "product_family", "product_model"),)

    id: UUID = Field(primary_key=True)
    serial_number: str = Field(sa_type=Text, unique=True)
    product_family: str = Field(sa_type=Text)
    product_model: str = Field(sa_type=Text)
    sold_on: date
    warranty_months: int
    warranty_ends_on: date | None = None
    site_id: UUID | None = Field(default=None, foreign_key="site.id", index=True)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1
