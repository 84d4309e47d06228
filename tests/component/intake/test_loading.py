"""A case is loaded with all that belongs to it, written down already or not."""

from uuid import UUID, uuid4

from intake.queries.cases import load
from intake.tables import HoldRow
from support.front_desk import IN_WARRANTY, FrontDesk, repair, unit


async def test_what_is_only_about_to_be_written_belongs_to_a_case_that_is_loaded(desk: FrontDesk) -> None:
    await desk.create("/v1/units", unit(months=IN_WARRANTY))
    case_id = UUID(str((await desk.create("/v1/cases", repair(), role="agent"))["id"]))
    hold = HoldRow(id=uuid4(), case_id=case_id, reason="customer_asked", since=await desk.now(), held_by="li")
    async with desk.database.sessions() as session:
        before = await load(session, case_id=case_id)
        session.add(hold)
        after = await load(session, case_id=case_id)
    assert (list(before.holds), list(after.holds)) == ([], [hold])
