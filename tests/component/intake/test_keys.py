"""What is sealed stays readable while keys are rotated, and nothing sealed is forgotten."""

import asyncio

from intake.tables import METADATA, SEALED
from shared.database import database
from shared.security.encryption import KeyRing, new_key
from shared.security.keys_command import keys_command
from shared.security.rotation import reseal
from support.front_desk import ZAMMAD_SECRET, FrontDesk, quote, repair, unit, zammad_source


async def fill(desk: FrontDesk) -> dict[str, object]:
    """One of everything that is sealed; the customer's contact as it is shown."""
    source = await desk.create("/v1/push-sources", zammad_source())
    await desk.change(f"/v1/push-sources/{source['id']}/secret", {"secret": "another-secret"}, version=1, role="admin")
    push = {"event": "newCall", "callId": "c", "from": "13800138000"}
    await desk.stranger().post(f"/v1/push/zammad/{source['id']}/{ZAMMAD_SECRET}", json=push)
    await desk.create("/v1/units", unit())
    case = await desk.create("/v1/cases", repair(), role="agent")
    await desk.change(f"/v1/cases/{case['id']}/quotes", quote(), version=1)
    return case


async def test_every_sealed_value_lies_in_a_column_that_is_rotated(desk: FrontDesk) -> None:
    await fill(desk)
    known = {(column.table.name, column.name) for column in SEALED}
    found = set()
    async with desk.database.engine.connect() as connection:
        for table in METADATA.sorted_tables:
            for row in (await connection.execute(table.select())).mappings():
                found |= {(table.name, name) for name, value in row.items() if str(value).startswith("v1.k1.")}
    assert found == known


async def test_after_a_rotation_the_old_key_may_go(desk: FrontDesk) -> None:
    case = await fill(desk)
    both = KeyRing.parse(f"k2:{new_key()},{desk.encryption_keys}")
    opened = database(desk.database_url, service="keys"), both
    code = await asyncio.to_thread(lambda: keys_command(["rotate"], opened=lambda: opened, columns=SEALED))
    assert code == 0
    assert set((await reseal(SEALED, sessions=desk.database.sessions, keys=both)).values()) == {0}
    assert case["customer_label"] == "138****8000"
