"""The metadata that all of dispatch's rows lie on."""

from typing import ClassVar

from sqlalchemy import MetaData
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


class Row(SQLModel):
    """The base of every row of dispatch."""

    metadata: ClassVar[MetaData] = METADATA
