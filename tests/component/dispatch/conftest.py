"""A dispatch that every test finds as if nothing had happened."""

import pytest

from support.control_room import ControlRoom
from testkit.servers.postgres import Postgres


@pytest.fixture
async def room(postgres: Postgres, kept_control_room: ControlRoom) -> ControlRoom:
    await kept_control_room.begin_anew(postgres)
    return kept_control_room
