"""What intake keeps of a customer, found and destroyed. Rows stay where other rows point to them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, func, literal, or_, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.case import OPEN_STATES
from intake.tables import METADATA

ERASED_LABEL = "erased"
"""What stands where the masked number of an erased customer stood."""

CALL = METADATA.tables["call"]
CALL_EVENT = METADATA.tables["call_event"]
CASE = METADATA.tables["repair_case"]
CUSTOMER = METADATA.tables["customer"]
DEPOSIT = METADATA.tables["case_deposit"]
PHONE = METADATA.tables["customer_phone"]
QUOTE = METADATA.tables["case_quote"]
SITE = METADATA.tables["site"]
STORY = METADATA.tables["story"]
UNIT = METADATA.tables["unit"]


async def open_cases(session: AsyncSession, *, of: UUID) -> Sequence[tuple[str, str]]:
    """Number and state of each case of the customer in which somebody still has to do something."""
    wanted = select(CASE.c.number, CASE.c.state).where(CASE.c.customer_id == of, CASE.c.state.in_(OPEN_STATES))
    return [(number, state) for number, state in await session.execute(wanted.order_by(CASE.c.number))]


async def open_deposits(session: AsyncSession, *, of: UUID) -> Sequence[tuple[UUID, str]]:
    """Each deposit of the customer that is not settled, with the number of its case."""
    wanted = (
        select(DEPOSIT.c.id, CASE.c.number)
        .join(CASE, CASE.c.id == DEPOSIT.c.case_id)
        .where(CASE.c.customer_id == of, DEPOSIT.c.settled_as.is_(None))
    )
    return [(deposit, number) for deposit, number in await session.execute(wanted.order_by(DEPOSIT.c.id))]


async def calls_of(session: AsyncSession, *, customer_id: UUID) -> Sequence[UUID]:
    """His calls: those on which a case of his was registered, and all with a number that nobody else has."""
    other = PHONE.alias("other")
    is_shared = exists().where(other.c.number_index == PHONE.c.number_index, other.c.customer_id != customer_id)
    his_numbers = select(PHONE.c.number_index).where(PHONE.c.customer_id == customer_id, ~is_shared)
    his_cases = select(CASE.c.call_id).where(CASE.c.customer_id == customer_id)
    wanted = select(CALL.c.id).where(or_(CALL.c.id.in_(his_cases), CALL.c.customer_index.in_(his_numbers)))
    return list(await session.scalars(wanted.order_by(CALL.c.id).with_for_update()))


async def destroy_calls(session: AsyncSession, *, call_ids: Sequence[UUID], at: datetime) -> None:
    """Numbers and pushes of these calls. That there were calls, when and how long, stays."""
    nobody = {"caller": "", "called": "", "customer_index": None, "customer_label": ERASED_LABEL}
    await session.execute(update(CALL).where(CALL.c.id.in_(call_ids)).values(**nobody, erased_at=at))
    of_them = CALL_EVENT.c.call_id.in_(call_ids)
    await session.execute(update(CALL_EVENT).where(of_them).values(told="", raw=""))


async def destroy_words(session: AsyncSession, *, customer_id: UUID) -> None:
    """What he said of his cases and what was written to him, and the masked numbers in their stories.

    A story may be there before its case, which a restored copy does not know: its lines name the customer themselves.
    """
    his_cases = select(CASE.c.id).where(CASE.c.customer_id == customer_id)
    await session.execute(update(QUOTE).where(QUOTE.c.case_id.in_(his_cases)).values(solution=""))
    label = type_coerce({"customer_label": ERASED_LABEL}, JSONB)
    names_him = func.jsonb_extract_path_text(STORY.c.facts, "customer_id") == str(customer_id)
    await session.execute(
        update(STORY)
        .where(
            or_(STORY.c.case_id.in_(his_cases), names_him), func.jsonb_exists(STORY.c.facts, literal("customer_label"))
        )
        .values(facts=type_coerce(STORY.c.facts, JSONB).concat(label))
    )
    await session.execute(
        update(CASE).where(CASE.c.customer_id == customer_id).values(description="", customer_label=ERASED_LABEL)
    )


async def destroy_contact_data(session: AsyncSession, *, customer_id: UUID, at: datetime) -> None:
    """Name, mail address, numbers and addresses. Units that stood there stand nowhere that is known."""
    his_sites = select(SITE.c.id).where(SITE.c.customer_id == customer_id)
    await session.execute(update(UNIT).where(UNIT.c.site_id.in_(his_sites)).values(site_id=None))
    await session.execute(update(SITE).where(SITE.c.customer_id == customer_id).values(address=""))
    await session.execute(delete(PHONE).where(PHONE.c.customer_id == customer_id))
    nobody = {"name": "", "name_index": b"", "email": "", "label": ERASED_LABEL}
    await session.execute(
        update(CUSTOMER)
        .where(CUSTOMER.c.id == customer_id)
        .values(**nobody, erased_at=func.coalesce(CUSTOMER.c.erased_at, at), version=CUSTOMER.c.version + 1)
    )
