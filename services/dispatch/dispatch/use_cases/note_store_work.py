"""Parts says what somebody spent on the store or on tools: it stands on his time sheet (R335)."""

from dispatch.tables import StoreHoursRow
from shared.contracts.parts import StoreWorkRecorded
from shared.messaging.unit_of_work import UnitOfWork


async def note_store_work(work: UnitOfWork, *, recorded: StoreWorkRecorded) -> None:
    """Once, whoever he is: a storekeeper is no technician, and a technician may be entered later."""
    await work.session.merge(
        StoreHoursRow(
            id=recorded.store_work_id,
            staff_number=recorded.staff_number,
            activity=recorded.activity,
            day=recorded.day,
            minutes=recorded.minutes,
            recorded_at=recorded.recorded_at,
        )
    )
