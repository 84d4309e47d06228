"""Migrations: one job at a time, and when a build may work with the schema that it finds."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from shared.database import Database, database
from shared.migrations import SchemaContracted, migrate, migrations_current
from testkit.servers.postgres import Postgres

ENVIRONMENT = """
from sqlalchemy import MetaData
from shared.migrations import run_environment
run_environment(MetaData())
"""
REVISION = """
import sqlalchemy as sa
from alembic import op
from shared.migrations import raise_floor
revision, down_revision = "{number:04}", {before!r}
def upgrade():
    op.create_table("table_{number}", sa.Column("id", sa.Integer))
    {then}
"""


@pytest.fixture
async def empty(postgres: Postgres) -> AsyncIterator[Database]:
    name = f"test_{uuid4().hex}"
    url = await postgres.create_database(name, owner=name, password=name)
    opened = database(url, service="tests")
    yield opened
    await opened.close()
    await postgres.drop_database(name)


def build(folder: Path, *, revisions: int, floor: str | None = None) -> Path:
    """The migrations of a build with so many revisions; the last one raises the floor where one is given."""
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ENVIRONMENT)
    (folder / "script.py.mako").write_text("")
    for number in range(1, revisions + 1):
        before = f"{number - 1:04}" if number > 1 else None
        then = f'raise_floor(op.get_bind(), revision="{floor}")' if floor and number == revisions else ""
        (folder / "versions" / f"{number:04}.py").write_text(REVISION.format(number=number, before=before, then=then))
    return folder


async def test_several_migrate_jobs_bring_the_schema_up_to_date_once(empty: Database, tmp_path: Path) -> None:
    folder = build(tmp_path / "n", revisions=2)
    assert not await migrations_current(empty, folder=folder)
    await asyncio.gather(*(migrate(empty, folder=folder) for _ in range(3)))
    assert await migrations_current(empty, folder=folder)


async def test_a_build_works_with_a_newer_schema_until_that_was_contracted_past_it(
    empty: Database, tmp_path: Path
) -> None:
    first, second = build(tmp_path / "1", revisions=1), build(tmp_path / "2", revisions=2)
    third = build(tmp_path / "3", revisions=3, floor="0002")
    await migrate(empty, folder=first)
    assert await migrations_current(empty, folder=first)
    assert not await migrations_current(empty, folder=second)
    await migrate(empty, folder=second)
    assert await migrations_current(empty, folder=first)
    await migrate(empty, folder=first)  # a newer schema stays
    assert await migrations_current(empty, folder=second)
    await migrate(empty, folder=third)
    assert not await migrations_current(empty, folder=first)
    with pytest.raises(SchemaContracted, match=r"at 0003, contracted past this build, which ends at 0001: .* 0002"):
        await migrate(empty, folder=first)
    assert await migrations_current(empty, folder=second)
    assert await migrations_current(empty, folder=third)
