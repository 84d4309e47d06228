"""Whose case it is, and what was written about problems on his site, as it is stored: sealed."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from parts.tables import CaseRow, RequestRow, SupplierCaseRow, SupplierReportRow


async def lock_case(session: AsyncSession, *, case_id: UUID) -> CaseRow:
    """The case, made as a stub where its opening was not heard yet, locked until the transaction ends."""
    await session.execute(insert(CaseRow).values(case_id=case_id).on_conflict_do_nothing())
    statement = select(CaseRow).where(col(CaseRow.case_id) == case_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def customer_of(session: AsyncSession, *, case: CaseRow) -> UUID | None:
    """Whose case it is, as its opening says, or a request for parts where that came first; None: nobody said so yet."""
    if case.customer_id is not None:
        return case.customer_id
    asked = select(col(RequestRow.customer_id)).where(col(RequestRow.case_id) == case.case_id)
    return await session.scalar(asked.limit(1))


async def destroy(session: AsyncSession, *, customer_id: UUID) -> None:
    """Nothing that was written about problems of this customer can be read; that it was written stays known."""
    opened = select(col(CaseRow.case_id)).where(col(CaseRow.customer_id) == customer_id)
    asked = select(col(RequestRow.case_id)).where(col(RequestRow.customer_id) == customer_id)
    his = opened.union(asked)
    cases = select(col(SupplierCaseRow.id)).where(col(SupplierCaseRow.case_id).in_(his))
    await session.execute(
        update(SupplierReportRow).where(col(SupplierReportRow.supplier_case_id).in_(cases)).values(course=None)
    )
    await session.execute(update(SupplierCaseRow).where(col(SupplierCaseRow.case_id).in_(his)).values(problem=None))
