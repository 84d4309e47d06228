"""A notifier that every test finds as if nothing had happened."""

import pytest

from support.post_room import PostRoom
from testkit.servers.postgres import Postgres


@pytest.fixture
async def room(postgres: Postgres, kept_post_room: PostRoom) -> PostRoom:
    await kept_post_room.begin_anew(postgres)
    return kept_post_room
