"""What is promised about a repair stands still while parts, or the deposit for them, are waited for: policy says so."""

from datetime import timedelta
from itertools import permutations

import pytest

from shared.clocks.ledger import Entry, EntryKind, Ledger
from shared.clocks.terms import Terms, wall_clock
from shared.contracts.dispatch import PartsRequested
from shared.contracts.envelope import Event
from support.case_events import START, cleared
from support.control_room import ControlRoom
from support.on_site import TAKE_IN, agreed_job, assigned_job
from support.parts_events import BOARD, parts_desk
from support.service_room import Json

HOUR = timedelta(hours=1)


async def pauses(room: ControlRoom, clock: str) -> list[tuple[str, str]]:
    """What the ledger of a clock says was waited for, and where that ended."""
    found = await room.rows(
        "SELECT e.kind, e.reason FROM clock_entry e JOIN clock c ON c.id = e.clock_id"
        " WHERE c.name = :clock AND e.kind IN ('pause', 'resume') ORDER BY e.at, e.kind",
        clock=clock,
    )
    return [(row["kind"], row["reason"]) for row in found]


@pytest.mark.rule("R320")
@pytest.mark.parametrize("ending", ["paid", "waived"])
async def test_the_arrival_clock_stands_while_a_deposit_is_not_paid_in_every_order_of_events(
    room: ControlRoom, ending: str
) -> None:
    await assigned_job(room, cleared(parts=BOARD))
    [asked] = await room.said(PartsRequested)
    desk = parts_desk(asked)
    end = desk.deposit_paid if ending == "paid" else desk.deposit_waived
    told: tuple[Event, ...] = (desk.deposit_required(START + HOUR), end(START + 3 * HOUR))
    for order in permutations(told):
        await room.hear(*order, *order)
        assert await pauses(room, "arrival") == [("pause", "deposit"), ("resume", "deposit")]


@pytest.mark.rule("R214")
async def test_the_workshop_clock_stands_while_parts_and_their_deposit_are_waited_for(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("arrival")
    await job.step("take-in", TAKE_IN)
    order: Json = await job.order()
    lines = {"lines": [line.model_dump() for line in BOARD]}
    assert (await room.post(f"/v1/work-orders/{order['id']}/parts-requests", lines)).status_code == 201
    [asked] = await room.said(PartsRequested)
    desk, now = parts_desk(asked), await room.now()
    await room.hear(desk.short(now), desk.deposit_required(now))
    [waiting] = await room.rows("SELECT due_at FROM clock WHERE name = 'workshop'")
    assert waiting["due_at"] is None
    await room.hear(desk.deposit_paid(now + HOUR))
    [waiting] = await room.rows("SELECT due_at FROM clock WHERE name = 'workshop'")
    assert waiting["due_at"] is None, "the parts are still to come"
    await room.hear(desk.reserved(now + 2 * HOUR))
    [goes_on] = await room.rows("SELECT due_at FROM clock WHERE name = 'workshop'")
    assert goes_on["due_at"] is not None


@pytest.mark.rule("R214")
@pytest.mark.parametrize(("reasons", "counted"), [((), 3), (("parts",), 1)], ids=["it counts", "it does not"])
def test_whether_waiting_for_parts_counts_is_the_policys_to_say(reasons: tuple[str, ...], counted: int) -> None:
    terms = Terms(allowed=5 * HOUR, calendar=wall_clock(), pause_reasons=frozenset(reasons))
    happened: tuple[tuple[EntryKind, int, str], ...] = (
        ("start", 0, "taken_in"),
        ("pause", 1, "parts"),
        ("resume", 3, "parts"),
    )
    entries = [
        Entry(kind=kind, at=START + hours * HOUR, ref=reason, reason=reason, policy_version="1")
        for kind, hours, reason in happened
    ]
    assert Ledger.of(entries, terms=terms).elapsed(START + 3 * HOUR) == counted * HOUR
