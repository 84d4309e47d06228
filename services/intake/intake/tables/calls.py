"""Contact centres that push, and the calls that they told of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Text, text
from sqlmodel import Field, UniqueConstraint

from intake.tables.base import Row
from shared.columns import Instant, Texts


class PushSourceRow(Row, table=True):
    """A contact centre that pushes. `previous_secret` still counts while a secret is rotated."""

    __tablename__ = "push_source"

    id: UUID = Field(primary_key=True)
    name: str = Field(sa_type=Text, unique=True)
    adapter: str = Field(sa_type=Text)
    secret: str = Field(sa_type=Text, description="sealed")
    previous_secret: str | None = Field(default=None, sa_type=Text, description="sealed")
    public_base: str = Field(sa_type=Text)
    country: str = Field(sa_type=Text)
    networks: list[str] = Field(sa_type=Texts)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(sa_type=Text)
    version: int = 1


class CallRow(Row, table=True):
    """One call of one source, as all that was heard of it tells; `customer_*` is the party outside the company."""

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("source_id", "provider_call_id", name="call_source_id_provider_call_id_key"),
        Index("call_started_at", "started_at", "id"),
        Index("call_customer_index", "customer_index", "started_at"),
    )

    id: UUID = Field(primary_key=True)
    source_id: UUID = Field(foreign_key="push_source.id")
    provider: str = Field(sa_type=Text)
    provider_call_id: str = Field(sa_type=Text)
    state: str = Field(default="stub", sa_type=Text)
    direction: str = Field(default="in", sa_type=Text)
    caller: str = Field(default="", sa_type=Text, description="sealed")
    called: str = Field(default="", sa_type=Text, description="sealed")
    customer_index: bytes | None = Field(default=None, sa_type=LargeBinary)
    customer_label: str = Field(default="", sa_type=Text)
    queue: str = Field(default="", sa_type=Text)
    agents: list[str] = Field(default=[], sa_type=Texts)
    cause: str = Field(default="", sa_type=Text)
    outcome: str | None = Field(default=None, sa_type=Text)
    started_at: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    first_heard_at: datetime = Field(sa_type=Instant)
    last_heard_at: datetime = Field(sa_type=Instant)
    traceparent: str | None = Field(default=None, max_length=100, description="the trace that the first push began")
    erased_at: datetime | None = Field(default=None, sa_type=Instant, description="then nothing more is kept of it")


class CallEventRow(Row, table=True):
    """One push about a call, once however often it came: its raw form, and what it tells in the suite's words.

    The raw form is for whoever looks into what a contact centre sent; it is empty once its time is over.
    """

    __tablename__ = "call_event"
    __table_args__ = (
        UniqueConstraint("source_id", "dedup_key", name="call_event_source_id_dedup_key_key"),
        Index("call_event_raw", "received_at", postgresql_where=text("raw <> ''")),
    )

    id: UUID = Field(primary_key=True)
    source_id: UUID = Field(foreign_key="push_source.id")
    call_id: UUID = Field(foreign_key="call.id", index=True)
    dedup_key: bytes = Field(sa_type=LargeBinary, description="keyed digest of what repetitions share")
    kind: str = Field(sa_type=Text)
    received_at: datetime = Field(sa_type=Instant)
    told: str = Field(sa_type=Text, description="sealed")
    raw: str = Field(sa_type=Text, description="sealed")
