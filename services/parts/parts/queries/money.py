"""The ledger of deposits, and what payment providers reported."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.domain.deposit_ledger import Entry, EntryKind, Money, total
from parts.domain.payments import UNMATCHED, PaymentState
from parts.tables import DepositEntryRow, DepositRow, PaymentRow
from shared.http.paging import PageAsked, newest_first
from shared.refusals import Unknown

FORGOTTEN_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesAsked:
    """Which entries a list or a sum takes; None means all. From `since` on, before `until`."""

    kinds: frozenset[EntryKind] = frozenset()
    deposit_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentsAsked:
    """Which reports of providers a list shows; None means all."""

    states: frozenset[PaymentState] = frozenset()
    deposit_id: UUID | None = None
    received_before: datetime | None = None
    withdrawn: bool | None = None


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
    found = select(PaymentRow).where(*_payment_conditions(asked))
    statement = newest_first(found, asked=page, at=col(PaymentRow.received_at), id_=col(PaymentRow.id))
    return (await session.scalars(statement)).all()


async def payment_sums(session: AsyncSession) -> Sequence[tuple[str, PaymentState, Decimal]]:
    """Currency, state, and how much was reported of it; without what a report does not say."""
    statement = (
        select(col(PaymentRow.currency), col(PaymentRow.state), func.sum(col(PaymentRow.amount)))
        .where(col(PaymentRow.amount).is_not(None), col(PaymentRow.currency).is_not(None))
        .group_by(col(PaymentRow.currency), col(PaymentRow.state))
        .order_by(col(PaymentRow.currency))
    )
    rows = await session.execute(statement)
    return [(str(currency), PaymentState(state), amount) for currency, state, amount in rows if amount is not None]


async def count_unread(session: AsyncSession) -> int:
    """How many reports nobody has looked into that do not say how much was paid."""
    statement = select(func.count()).where(col(PaymentRow.state).in_(UNMATCHED), col(PaymentRow.amount).is_(None))
    return await session.scalar(statement) or 0


async def put_payment(session: AsyncSession, *, payment: PaymentRow) -> UUID:
    """Write a report down; the id of the one that is there already where the provider told it before."""
    key = [col(PaymentRow.provider), col(PaymentRow.dedup_key)]
    made = insert(PaymentRow).values(payment.model_dump()).on_conflict_do_nothing(index_elements=key)
    await session.execute(made)
    return (await first_told(session, provider=payment.provider, dedup_key=payment.dedup_key)).id


async def first_told(session: AsyncSession, *, provider: str, dedup_key: bytes) -> PaymentRow:
    """The row that a report and its repetitions share."""
    statement = select(PaymentRow).where(col(PaymentRow.provider) == provider, col(PaymentRow.dedup_key) == dedup_key)
    return (await session.scalars(statement)).one()


async def find_payment(session: AsyncSession, *, payment_id: UUID) -> PaymentRow:
    """A payment to look at. Raises Unknown."""
    return _known(await session.get(PaymentRow, payment_id), payment_id=payment_id)


async def lock_payment(session: AsyncSession, *, payment_id: UUID) -> PaymentRow:
    """A payment to change, locked until the transaction ends. Raises Unknown."""
    statement = select(PaymentRow).where(col(PaymentRow.id) == payment_id).with_for_update()
    found = await session.scalars(statement.execution_options(populate_existing=True))
    return _known(found.one_or_none(), payment_id=payment_id)


async def withdrawn_of(session: AsyncSession, *, deposit_id: UUID) -> UUID | None:
    """The payment that was taken for a deposit, where its provider gave it back and nobody has looked into it."""
    statement = select(col(PaymentRow.id)).where(col(PaymentRow.deposit_id) == deposit_id, _is_withdrawn())
    return (await session.scalars(statement)).one_or_none()


async def its_deposit(session: AsyncSession, *, deposit_id: UUID) -> DepositRow | None:
    """The deposit that a report names, where there is one."""
    return await session.get(DepositRow, deposit_id)


async def forget_payments(session: AsyncSession, *, customer_id: UUID) -> None:
    """Destroy what providers said of a customer; that he paid, and how much, stays."""
    his = select(col(DepositRow.id)).where(col(DepositRow.customer_id) == customer_id)
    await session.execute(update(PaymentRow).where(col(PaymentRow.deposit_id).in_(his)).values(raw=""))


async def empty_reports(session: AsyncSession, *, received_by: datetime) -> int:
    """Destroy the oldest reports that had come by then, at most 500; how many there were."""
    old = (
        select(col(PaymentRow.id))
        .where(col(PaymentRow.received_at) <= received_by, col(PaymentRow.raw) != "")
        .order_by(col(PaymentRow.received_at))
        .limit(FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    statement = update(PaymentRow).where(col(PaymentRow.id).in_(old)).values(raw="")
    return len((await session.execute(statement.returning(col(PaymentRow.id)))).all())


def _conditions(asked: EntriesAsked) -> Iterator[ColumnElement[bool]]:
    if asked.kinds:
        yield col(DepositEntryRow.kind).in_(asked.kinds)
    if asked.deposit_id is not None:
        yield col(DepositEntryRow.deposit_id) == asked.deposit_id
    if asked.since is not None:
        yield col(DepositEntryRow.at) >= asked.since
    if asked.until is not None:
        yield col(DepositEntryRow.at) < asked.until


def _payment_conditions(asked: PaymentsAsked) -> Iterator[ColumnElement[bool]]:
    if asked.states:
        yield col(PaymentRow.state).in_(asked.states)
    if asked.deposit_id is not None:
        yield col(PaymentRow.deposit_id) == asked.deposit_id
    if asked.received_before is not None:
        yield col(PaymentRow.received_at) < asked.received_before
    if asked.withdrawn is not None:
        yield _is_withdrawn() if asked.withdrawn else ~_is_withdrawn()


def _is_withdrawn() -> ColumnElement[bool]:
    return col(PaymentRow.withdrawn_at).is_not(None) & col(PaymentRow.settled_at).is_(None)


def _known(payment: PaymentRow | None, *, payment_id: UUID) -> PaymentRow:
    if payment is None:
        raise Unknown(
            "unknown_payment", detail=f"there is no payment {payment_id}", expected="an id of GET /v1/payments"
        )
    return payment
