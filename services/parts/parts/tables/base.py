"""The metadata that all of parts' rows lie on."""

from typing import ClassVar

from sqlalchemy import MetaData, Numeric
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

PRICE = Numeric(12, 2)
VALUE = Numeric(20, 2)


class Row(SQLModel):
    """The base of every row of parts."""

    metadata: ClassVar[MetaData] = METADATA
