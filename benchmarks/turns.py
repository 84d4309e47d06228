"""Whose turn it is, among many technicians as among few."""

from datetime import datetime
from time import perf_counter

import asyncpg
from uuid_utils.compat import uuid7
from uvloop import run

from benchmarks.figures import Figure, Goal, Pair
from benchmarks.ground import Ground
from dispatch.app import build
from dispatch.desk import Desk
from dispatch.domain.work_orders import WorkOrderState
from dispatch.queries import rotas
from dispatch.settings import DispatchSettings
from dispatch.tables import WorkOrderRow
from dispatch.use_cases.find_technician import offer_to_next
from shared.actor import Actor
from shared.messaging.unit_of_work import Cause, Works
from shared.settings import load_settings
from testkit.suite import Suite

FEW = 100
DEPARTMENT = "engineering"
SYSTEM = Cause(actor=Actor(kind="system", id="bench", role="bench"))
TECHNICIANS = """
INSERT INTO technician (id, staff_number, name, department, rota_position, zones, skills, active, created_at,
                        created_by, version)
SELECT gen_random_uuid(), 'B' || n, 'Technician ' || n, 'engineering', n, '{city,suburb}', '{water_heater}', true,
       now(), 'bench', 1
FROM generate_series(1, $1) AS n
"""


def next_technician(ground: Ground) -> Figure:
    """Offers made in transactions that are rolled back: everybody fits, so each time it is the first one's turn."""
    with ground.suite() as few, ground.suite() as many:
        run(_hire(few, count=FEW))
        run(_hire(many, count=ground.sizes.technicians))
        turns = ground.sizes.turns
        runs = [
            Pair(value=run(_turn(many, count=turns)), reference=run(_turn(few, count=turns)))
            for _ in range(ground.sizes.runs)
        ]
    return Figure(
        name="next_technician",
        what=f"next technician among {ground.sizes.technicians:,}",
        against=f"among {FEW}",
        unit="ms",
        goal=Goal(must="<= 3"),
        runs=runs,
    )


async def _hire(suite: Suite, *, count: int) -> None:
    connection = await asyncpg.connect(suite.database_url("dispatch"))
    try:
        await connection.execute(TECHNICIANS.replace("$1", str(count)))
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _turn(suite: Suite, *, count: int) -> float:
    """The median in milliseconds."""
    environment = suite.services["dispatch"].environment
    given = {name.removeprefix("DISPATCH_").lower(): value for name, value in environment.items()}
    service = build(load_settings(DispatchSettings, given=given))
    try:
        taken = [await _give_turn(service.works, desk=service.api.state.desk) for _ in range(count)]
    finally:
        await service.close()
    return sorted(taken)[count // 2] * 1000


async def _give_turn(works: Works, *, desk: Desk) -> float:
    async with works.begin(SYSTEM) as work:
        order = _order(work.now)
        work.session.add(order)
        rota = await rotas.lock(work.session, department=DEPARTMENT)
        await work.session.flush()
        begun = perf_counter()
        choice = await offer_to_next(work, order=order, rota=rota, desk=desk)
        taken = perf_counter() - begun
    if choice.chosen is None:
        raise AssertionError("nobody fits")
    return taken


def _order(now: datetime) -> WorkOrderRow:
    return WorkOrderRow(
        id=uuid7(),
        number="W-bench",
        case_id=uuid7(),
        promise_id=uuid7(),
        case_number="R-bench",
        state=WorkOrderState.WAITING,
        department=DEPARTMENT,
        zone="city",
        district="xuhui",
        skills=["water_heater"],
        certificates=[],
        urgency="normal",
        warranty="in_warranty",
        priority=0,
        customer_id=uuid7(),
        customer_label="",
        site_id=uuid7(),
        unit_id=uuid7(),
        product_family="water_heater",
        product_model="RS-60",
        problem_code="no_function",
        parts=[],
        called_at=now,
        opened_at=now,
        policy_version="bench",
    )
