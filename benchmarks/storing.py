"""What must not become slow as the ledger of the store grows: what there is of a part, and how much of it is free."""

import asyncpg
from uvloop import run

from benchmarks.figures import Figure, Goal, Pair, percentile
from benchmarks.ground import Ground, answering
from benchmarks.http_load import open_loop, request
from testkit.suite import Suite

PER_SECOND = 50
TAIL = 0.99
PARTS = 1_000
FEW_MOVEMENTS = PARTS

CATALOGUE = """
INSERT INTO part (id, part_code, name_zh, name_en, unit, unit_price, purchase_price, price_source, priced_at,
                  alternatives, is_serial, is_consumable, minimum, created_at, created_by, version)
SELECT gen_random_uuid(), 'B-' || n, '件', 'Part ' || n, 'piece', 30, 20, 'purchasing', now(),
       ARRAY['B-' || n % $1 + 1], false, false, 1, now(), 'bench', 1
FROM generate_series(1, $1) AS n
"""
STOREROOM = """
INSERT INTO location (id, code, kind, name_zh, name_en, department, created_at, created_by, version)
VALUES (gen_random_uuid(), 'main', 'warehouse', '总库', 'Main store', 'aftersales', now(), 'bench', 1)
"""
MOVEMENTS = """
INSERT INTO stock_movement (id, part_code, kind, on_hand, reserved, issued, location, department, value, reference,
                            at, by)
SELECT gen_random_uuid(), 'B-' || n % $2 + 1, 'receipt', 1, 0, 0, 'main', 'aftersales', 20, 'DN-' || n,
       now() - n * interval '1 second', 'bench'
FROM generate_series(1, $1) AS n
"""
STOCK = """
INSERT INTO stock (part_code, on_hand, reserved, issued)
SELECT part_code, sum(on_hand), sum(reserved), sum(issued) FROM stock_movement GROUP BY part_code
"""
SHELVES = """
INSERT INTO shelf (part_code, location, on_hand, movements)
SELECT part_code, location, sum(on_hand), count(*) FROM stock_movement GROUP BY part_code, location
"""
ACCOUNTS = """
INSERT INTO stock_account (part_code, department, pieces, value, layers)
SELECT part_code, department, sum(on_hand), sum(value),
       jsonb_build_array(jsonb_build_object('pieces', sum(on_hand), 'value', sum(value)::text))
FROM stock_movement GROUP BY part_code, department
"""


def balances(ground: Ground) -> Figure:
    """Balance and availability of parts over HTTP, at a rate that leaves the machine idle."""
    movements = ground.sizes.movements
    with ground.suite() as few, ground.suite() as many:
        for suite, count in ((few, FEW_MOVEMENTS), (many, movements)):
            suite.services["parts"] = answering(suite, service="parts")
            run(_fill(suite, movements=count))
            _require_found(suite, pieces=count // PARTS)
            run(_tail(suite, count=50))  # warm
        runs = [
            Pair(
                value=run(_tail(many, count=ground.sizes.balances)),
                reference=run(_tail(few, count=ground.sizes.balances)),
            )
            for _ in range(ground.sizes.runs)
        ]
    return Figure(
        name="balance_of_a_part",
        what=f"balance and availability of a part with {movements:,} movements, p99",
        against=f"with {FEW_MOVEMENTS:,}",
        unit="ms",
        goal=Goal(must="<= 10 ms"),
        runs=runs,
    )


async def _tail(suite: Suite, *, count: int) -> float:
    """The 99th percentile in milliseconds."""
    headers = (("Authorization", f"Bearer {suite.token('storekeeper')}"),)
    asked = [request("GET", f"/v1/parts/B-{n % PARTS + 1}/stock", headers=headers) for n in range(count)]
    load = await open_loop(suite.services["parts"].port, requests=asked, per_second=PER_SECOND)
    return percentile(load.latencies, TAIL) * 1000


async def _fill(suite: Suite, *, movements: int) -> None:
    connection = await asyncpg.connect(suite.database_url("parts"))
    try:
        await connection.execute(STOREROOM)
        await connection.execute(CATALOGUE.replace("$1", str(PARTS)))
        await connection.execute(MOVEMENTS.replace("$1", str(movements)).replace("$2", str(PARTS)))
        for statement in (STOCK, SHELVES, ACCOUNTS):
            await connection.execute(statement)
        await connection.execute("ANALYZE")
        if await connection.fetch("SELECT * FROM invariant_i10"):
            raise AssertionError("the books that were made up contradict one another")
    finally:
        await connection.close()


def _require_found(suite: Suite, *, pieces: int) -> None:
    """Raises where looking at a part does not show what was loaded, which would measure nothing."""
    with suite.client("parts", role="storekeeper") as client:
        found = client.get("/v1/parts/B-1/stock").json()
    if (found["available"], found["places"][0]["on_hand"]) != (pieces, pieces):
        raise AssertionError(f"B-1 has {found}")
