"""What all rows of intake lie on, and the tables that every service has."""

from decimal import Decimal
from typing import ClassVar

from sqlalchemy import MetaData, Numeric
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from shared.audit import audit_tables
from shared.clocks.tables import clock_tables
from shared.erasure import erasure_table
from shared.http.idempotency import answer_table
from shared.messaging.tables import delivery_tables

METADATA = MetaData()

DELIVERY = delivery_tables(METADATA)
ANSWERS = answer_table(METADATA)
AUDIT = audit_tables(METADATA)
CLOCKS = clock_tables(METADATA)
ERASED = erasure_table(METADATA)


class Yuan(TypeDecorator[Decimal]):
    """An amount in yuan, two decimals."""

    impl = Numeric(12, 2)
    cache_ok = True


class Row(SQLModel):
    """The base of every row of intake."""

    metadata: ClassVar[MetaData] = METADATA
