"""What must not become slow as cases pile up: accepting a call, and looking its caller up, as agents do."""

from collections.abc import Sequence
from itertools import islice

import asyncpg
from uvloop import run

from benchmarks.accepting import push_path, pushes, set_up
from benchmarks.figures import Figure, Goal, Pair, percentile
from benchmarks.ground import Ground, answering
from benchmarks.http_load import open_loop, request
from intake.office import NUMBER
from shared.security.blind_index import BlindIndex
from testkit.clients import Person, items
from testkit.suite import Suite

PER_SECOND = 40
TAIL = 0.99

CUSTOMERS = """
INSERT INTO customer (id, name, name_index, email, label, created_at, created_by, version)
SELECT md5('customer' || n)::uuid, 'sealed', sha256(('name' || n)::bytea), '', '137****' || n % 10000, now(), 'bench', 1
FROM generate_series(1, $1) AS n
"""
PHONES = """
INSERT INTO customer_phone (customer_id, position, number, number_index, label)
SELECT id, 0, 'sealed', sha256(id::text::bytea), label FROM customer WHERE created_by = 'bench'
"""
SITES = """
INSERT INTO site (id, customer_id, district, address, created_at, created_by, version)
SELECT gen_random_uuid(), id, 'xuhui', 'sealed', now(), 'bench', 1 FROM customer WHERE created_by = 'bench'
"""
CALLS = """
INSERT INTO call (id, source_id, provider, provider_call_id, state, direction, caller, called, customer_index,
                  customer_label, queue, agents, cause, outcome, started_at, first_heard_at, last_heard_at)
SELECT gen_random_uuid(), (SELECT id FROM push_source LIMIT 1), 'zammad', 'old-' || n, 'ended', 'in', 'sealed',
       'sealed', sha256(('phone' || n)::bytea), '137****0000', '', '{}', '', 'answered', at, at, at
FROM generate_series(1, $1) AS n, LATERAL (SELECT now() - n * interval '1 minute' AS at) AS moment
"""
CASES = """
INSERT INTO repair_case (id, number, state, customer_id, customer_label, site_id, district, unit_id, product_family,
                         product_model, problem_code, description, urgency, warranty, parts, owner_id, registered_by,
                         policy_version, opened_at, round, version)
SELECT gen_random_uuid(), 'B' || row_number() OVER (), 'cleared', site.customer_id, '137****0000', site.id, 'xuhui',
       (SELECT id FROM unit LIMIT 1), 'water_heater', 'RS-60', 'no_function', 'sealed', 'normal', 'in_warranty', '[]',
       'agent-1', 'agent-1', 'bench', now() - row_number() OVER () * interval '1 minute', 0, 1
FROM site WHERE created_by = 'bench'
"""
KNOWN_CUSTOMERS = """
UPDATE customer_phone SET number_index = known.digest
FROM unnest($1::bytea[]) WITH ORDINALITY AS known (digest, n)
WHERE customer_id = md5('customer' || n * $2::bigint)::uuid
"""
KNOWN_CALLERS = """
UPDATE call SET customer_index = known.digest
FROM unnest($1::bytea[]) WITH ORDINALITY AS known (digest, n)
WHERE provider_call_id = 'old-' || n * $2::bigint
"""
"""Numbers that are asked for belong to customers, and to calls, spread evenly among all of them."""


def look_ups(ground: Ground) -> Figure:
    """Pushes of new calls and look-ups of callers by their number, in turn, at a rate that leaves the machine idle."""
    with ground.suite() as empty, ground.suite() as full:
        for suite in (empty, full):
            suite.services["intake"] = answering(suite)
            set_up(suite)
        paths = push_path(empty), push_path(full)
        run(_fill(full, cases=ground.sizes.cases, numbers=_numbers(ground.sizes.look_ups)))
        _require_found(full, number=_numbers(1)[0])
        for suite, path in zip((empty, full), paths, strict=True):  # warm
            run(_tail(suite, path=path, count=50))
        runs = [
            Pair(
                value=run(_tail(full, path=paths[1], count=ground.sizes.look_ups)),
                reference=run(_tail(empty, path=paths[0], count=ground.sizes.look_ups)),
            )
            for _ in range(ground.sizes.runs)
        ]
    return Figure(
        name="look_up_among_many",
        what=f"accept and look-up by phone number with {ground.sizes.cases:,} cases, p99",
        against="with none",
        unit="ms",
        goal=Goal(must="<= 1.3"),
        runs=runs,
    )


async def _tail(suite: Suite, *, path: str, count: int) -> float:
    """The 99th percentile in milliseconds: a push, and the calls and customers of a number, in turn."""
    headers = (("Authorization", f"Bearer {suite.token('agent')}"),)
    calls, customers = (
        [request("GET", f"/v1/{what}?number={number}", headers=headers) for number in _numbers(count)]
        for what in ("calls", "customers")
    )
    told = islice(pushes(path), count)
    requests = [one for three in zip(told, calls, customers, strict=True) for one in three]
    load = await open_loop(suite.services["intake"].port, requests=requests, per_second=PER_SECOND)
    return percentile(load.latencies, TAIL) * 1000


def _numbers(count: int) -> Sequence[str]:
    """Those that are asked for, as they are said; nobody who pushes has one of them."""
    return [f"135{n:08d}" for n in range(count)]


async def _fill(suite: Suite, *, cases: int, numbers: Sequence[str]) -> None:
    index = BlindIndex.parse(suite.services["intake"].environment["INTAKE_BLIND_INDEX_KEY"])
    digests = [index.of(f"+86{number}", field=NUMBER) for number in numbers]
    connection = await asyncpg.connect(suite.database_url("intake"))
    try:
        await connection.execute(CUSTOMERS.replace("$1", str(cases)))
        await connection.execute(CALLS.replace("$1", str(cases)))
        for statement in (PHONES, SITES, CASES):
            await connection.execute(statement)
        for statement in (KNOWN_CUSTOMERS, KNOWN_CALLERS):
            await connection.execute(statement, digests, cases // len(numbers))
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


def _require_found(suite: Suite, *, number: str) -> None:
    """Raises where looking up meets nothing, which would measure nothing."""
    with suite.client("intake", role="agent") as client:
        for what in ("calls", "customers"):
            if len(items(Person(client).read(f"/v1/{what}", number=number))) != 1:
                raise AssertionError(f"{number} is not found among the {what}")
