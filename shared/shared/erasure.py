"""Erasing a customer (删除个人信息): everything of his that can be read is destroyed, and nothing of it comes back.

Of an erased customer a service keeps his id and when he was erased. By that it recognises words of his that arrive
later, and a copy of the database that was made before can be brought up to date: `erasures list` on the younger copy
(or intake's), `erasures apply` on the older one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import Column, DateTime, MetaData, Table, Uuid, func, select
from sqlalchemy.dialects.postgresql import insert

from shared.http.idempotency import Answers
from shared.messaging.unit_of_work import UnitOfWork


class Erasure(BaseModel):
    """Who was erased, and when."""

    model_config = ConfigDict(frozen=True)

    customer_id: UUID
    erased_at: AwareDatetime


class Forget(Protocol):
    """Destroys what one service keeps of a customer: what he said, signed and is called. Again, it changes nothing."""

    async def __call__(self, work: UnitOfWork, *, customer_id: UUID) -> None: ...


def erasure_table(metadata: MetaData) -> Table:
    """Declare `erased_customer` on the service's own `metadata`; its migrations create it."""
    return Table(
        "erased_customer",
        metadata,
        Column("customer_id", Uuid, primary_key=True),
        Column("erased_at", DateTime(timezone=True), nullable=False),
    )


async def is_erased(work: UnitOfWork, *, customer_id: UUID, table: Table) -> bool:
    """Whether nothing of this customer may be stored any more.

    Where the answer is no, an erasure waits until `work` is over and then destroys what it stored. Ask before rows are
    locked that `forget` changes; asked afterwards, the two may have to be tried again, which the edge does.
    """
    await work.session.execute(select(func.pg_advisory_xact_lock_shared(_lock_of(customer_id))))
    known = select(table.c.customer_id).where(table.c.customer_id == customer_id)
    return await work.session.scalar(known) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasures:
    """The erasures of one service, wired in its `app.py`; `answers` are the stored answers of its HTTP side."""

    table: Table
    answers: Answers
    forget: Forget

    async def erase(self, work: UnitOfWork, *, customer_id: UUID, erased_at: datetime) -> bool:
        """Note the erasure and destroy what there is of the customer; whether it was not known before.

        The first note counts. Whatever was stored in between, by a mistake or because an old copy was restored, is
        destroyed each time.
        """
        await work.session.execute(select(func.pg_advisory_xact_lock(_lock_of(customer_id))))
        noted = await work.session.execute(
            insert(self.table)
            .values(customer_id=customer_id, erased_at=erased_at)
            .on_conflict_do_nothing()
            .returning(self.table.c.customer_id)
        )
        is_new = noted.first() is not None
        await self.forget(work, customer_id=customer_id)
        await work.session.flush()
        await self.answers.destroy(str(customer_id), work=work)
        return is_new

    async def known(self, work: UnitOfWork) -> Sequence[Erasure]:
        """Every erasure, the oldest first."""
        rows = await work.session.execute(select(self.table).order_by(self.table.c.erased_at, self.table.c.customer_id))
        return [Erasure(customer_id=row.customer_id, erased_at=row.erased_at) for row in rows]


def _lock_of(customer_id: UUID) -> int:
    """The advisory lock that stands for the customer: the random half of his id."""
    return int.from_bytes(customer_id.bytes[8:], signed=True)
