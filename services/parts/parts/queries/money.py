"""The ledger of deposits, and what payment providers reported."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.deposit_ledger import Entry, EntryKind, Money, total
from parts.tables import DepositEntryRow, DepositRow, PaymentRow
from shared.http.paging import PageAsked, newest_first


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesAsked:
    """Which entries a list or a sum takes; None means all. From `since` on, before `until`."""

    kinds: frozenset[EntryKind] = frozenset()
    deposit_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentsAsked:
    """Which reports of providers a list shows; None means all. `refused`: those to be given back."""

    deposit_id: UUID | None = None
    refused: bool | None = None


async def entries(session: AsyncSession, *, asked: EntriesAsked, page: PageAsked) -> Sequence[DepositEntryRow]:
    """Entries of the ledger, the newest first; one row more than the page where there is another page."""
    found = select(DepositEntryRow).where(*_conditions(asked))
    statement = newest_first(found, asked=page, at=col(DepositEntryRow.at), id_=col(DepositEntryRow.id))
    return (await session.scalars(statement)).all()


async def sums(session: AsyncSession, *, asked: EntriesAsked) -> Money:
    """What entries add up to."""
    statement = (
        select(col(DepositEntryRow.kind), func.sum(col(DepositEntryRow.amount)))
        .where(*_conditions(asked))
        .group_by(col(DepositEntryRow.kind))
    )
    rows = await session.execute(statement)
    return total(Entry(kind=EntryKind(kind), amount=amount) for kind, amount in rows)


async def payments(session: AsyncSession, *, asked: PaymentsAsked, page: PageAsked) -> Sequence[PaymentRow]:
    """Reports of providers, the newest first; one row more than the page where there is another page."""
    conditions: list[ColumnElement[bool]] = []
    if asked.deposit_id is not None:
        conditions.append(col(PaymentRow.deposit_id) == asked.deposit_id)
    if asked.refused is not None:
        is_refused = col(PaymentRow.refused_as).is_not(None)
        conditions.append(is_refused if asked.refused else ~is_refused)
    found = select(PaymentRow).where(*conditions)
    statement = newest_first(found, asked=page, at=col(PaymentRow.received_at), id_=col(PaymentRow.id))
    return (await session.scalars(statement)).all()


async def put_payment(session: AsyncSession, *, payment: PaymentRow) -> PaymentRow | None:
    """Write a report down; the one that is there already where the provider told it before."""
    key = [col(PaymentRow.provider), col(PaymentRow.payment_id)]
    made = insert(PaymentRow).values(payment.model_dump()).on_conflict_do_nothing(index_elements=key)
    if (await session.execute(made.returning(col(PaymentRow.id)))).one_or_none() is not None:
        return None
    same = select(PaymentRow).where(
        col(PaymentRow.provider) == payment.provider, col(PaymentRow.payment_id) == payment.payment_id
    )
    return (await session.scalars(same.with_for_update())).one()


async def write_refusal(session: AsyncSession, *, payment_id: UUID, refused_as: str | None) -> None:
    """Why a payment was not taken; None: it was."""
    statement = update(PaymentRow).where(col(PaymentRow.id) == payment_id).values(refused_as=refused_as)
    await session.execute(statement)


async def forget_payments(session: AsyncSession, *, customer_id: UUID) -> None:
    """Destroy what providers said of a customer; that he paid, and how much, stays."""
    his = select(col(DepositRow.id)).where(col(DepositRow.customer_id) == customer_id)
    await session.execute(update(PaymentRow).where(col(PaymentRow.deposit_id).in_(his)).values(raw=""))


def _conditions(asked: EntriesAsked) -> Iterator[ColumnElement[bool]]:
    if asked.kinds:
        yield col(DepositEntryRow.kind).in_(asked.kinds)
    if asked.deposit_id is not None:
        yield col(DepositEntryRow.deposit_id) == asked.deposit_id
    if asked.since is not None:
        yield col(DepositEntryRow.at) >= asked.since
    if asked.until is not None:
        yield col(DepositEntryRow.at) < asked.until
