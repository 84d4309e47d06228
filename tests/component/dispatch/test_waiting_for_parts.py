"""What is promised about a repair stands still while parts, or the deposit for them, are waited for: policy says so."""

from datetime import timedelta
from itertools import permutations
from random import Random
from uuid import UUID

import pytest

from shared.clocks.ledger import Entry, EntryKind, Ledger
from shared.clocks.terms import Terms, wall_clock
from shared.contracts.dispatch import PartsRequested
from shared.contracts.envelope import Event
from support.case_events import START, cleared, held, resumed
from support.control_room import ControlRoom
from support.on_site import TAKE_IN, agreed_job, assigned_job
from support.parts_events import BOARD, parts_desk
from support.service_room import Json
from testkit.servers.postgres import Postgres

HOUR = timedelta(hours=1)
LINES = {"lines": [line.model_dump() for line in BOARD]}


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
    assert (await room.post(f"/v1/work-orders/{order['id']}/parts-requests", LINES)).status_code == 201
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


LEDGERS = (
    "SELECT c.name, c.due_at IS NULL, e.kind, e.ref, e.at, e.reason FROM clock c"
    " JOIN clock_entry e ON e.clock_id = c.id WHERE c.name IN ('arrival', 'workshop') AND e.kind IN ('pause', 'resume')"
    " ORDER BY c.name, e.kind, e.ref, e.at"
)


@pytest.mark.rule("R214")
@pytest.mark.rule("R320")
@pytest.mark.parametrize("ending", ["paid", "waived"])
async def test_a_workshop_clock_that_starts_meanwhile_waits_for_the_same_whatever_was_heard_before(
    kept_control_room: ControlRoom, postgres: Postgres, ending: str
) -> None:
    chance, room, seen = Random(5), kept_control_room, list[object]()  # noqa: S311  # shuffles, guards nothing
    for heard_before in range(5):
        await room.begin_anew(postgres)
        job = await agreed_job(room, cleared(UUID(int=5), number=200_005))
        await job.go("arrival")
        assert (await job.on_order("parts-requests", LINES)).status_code == 201
        [asked] = await room.said(PartsRequested)
        desk = parts_desk(asked)
        end = desk.deposit_paid if ending == "paid" else desk.deposit_waived
        told: list[Event] = [
            desk.short(START - HOUR),
            desk.deposit_required(START - HOUR),
            end(START + HOUR),
            desk.reserved(START + 3 * HOUR),
        ]
        chance.shuffle(told)
        await room.hear(*told[:heard_before])
        await job.step("take-in", TAKE_IN)
        await room.hear(*told[heard_before:], chance.choice(told))
        seen.append([tuple(row.values()) for row in await room.rows(LEDGERS)])
    assert all(ledgers == seen[0] for ledgers in seen)
    assert sorted(await pauses(room, "workshop")) == [
        ("pause", "deposit"),
        ("pause", "parts"),
        ("resume", "deposit"),
        ("resume", "parts"),
    ]


async def test_what_a_case_is_held_for_counts_for_the_workshop_too_whatever_was_heard_before(
    kept_control_room: ControlRoom, postgres: Postgres
) -> None:
    room, seen = kept_control_room, list[object]()
    case = cleared(UUID(int=6), number=200_006)
    told = (held(case, hold_id=UUID(int=7), at=START + HOUR), resumed(case, hold_id=UUID(int=7), at=START + 2 * HOUR))
    for before, after in (((), told), (told[:1], told[1:]), (told[1:], told[:1]), (told, ())):
        await room.begin_anew(postgres)
        job = await agreed_job(room, case)
        await job.go("arrival")
        await room.hear(*before)
        await job.step("take-in", TAKE_IN)
        await room.hear(*after, *after)
        seen.append([tuple(row.values()) for row in await room.rows(LEDGERS)])
    assert all(ledgers == seen[0] for ledgers in seen)
    assert await pauses(room, "workshop") == [("pause", "customer"), ("resume", "customer")]


@pytest.mark.rule("R214")
async def test_a_workshop_clock_that_starts_while_parts_are_waited_for_begins_paused(room: ControlRoom) -> None:
    job = await agreed_job(room)
    await job.go("arrival")
    assert (await job.on_order("parts-requests", LINES)).status_code == 201
    [asked] = await room.said(PartsRequested)
    desk, now = parts_desk(asked), await room.now()
    await room.hear(desk.deposit_required(now))
    await job.step("take-in", TAKE_IN)
    [waiting] = await room.rows("SELECT due_at FROM clock WHERE name = 'workshop'")
    assert waiting["due_at"] is None
    await room.hear(desk.deposit_paid(now + HOUR))
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
