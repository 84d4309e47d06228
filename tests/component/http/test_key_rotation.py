"""An old key goes out of the ring once nothing is sealed with it any more."""

from dataclasses import replace

import pytest

from shared.security.encryption import KeyRing, SealBroken, new_key
from shared.security.rotation import reseal
from support.shop import ANSWERS, Shop, ShopKeys, ShopTime, open_shop

LAMP = {"name": "reading lamp", "watts": 40}
KEY = {"Idempotency-Key": "the-first-key"}


async def test_values_move_to_the_new_key_and_still_open(
    shop: Shop, database_url: str, keys: ShopKeys, time: ShopTime
) -> None:
    async with shop.machine() as client:
        first = await client.post("/v1/lamps", json=LAMP, headers=KEY)
    key = new_key()
    both = KeyRing.parse(f"b:{key},{keys.ring_text}")
    moved = [await reseal([ANSWERS.c.answer], sessions=shop.database.sessions, keys=both) for _ in range(2)]
    assert moved == [{"idempotent_answer.answer": 1}, {"idempotent_answer.answer": 0}]
    rotated = replace(keys, ring_text=f"b:{key}")
    async with open_shop(database_url, keys=rotated, time=time) as later, later.machine() as client:
        again = await client.post("/v1/lamps", json=LAMP, headers=KEY)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert await shop.count() == 1


async def test_a_value_that_no_key_opens_stops_the_rotation(shop: Shop) -> None:
    async with shop.machine() as client:
        await client.post("/v1/lamps", json=LAMP, headers=KEY)
    foreign = KeyRing.parse(f"z:{new_key()}")
    with pytest.raises(SealBroken):
        await reseal([ANSWERS.c.answer], sessions=shop.database.sessions, keys=foreign)
