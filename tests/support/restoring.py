"""Copies of all databases of a suite, and their restoring as the operator's pages describe it."""

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from support.forked import as_copy
from testkit.patience import PATIENCE_SECONDS
from testkit.suite import Suite


@contextmanager
def copies(suite: Suite) -> Iterator[dict[str, str]]:
    """By service the address of a copy of its database as it is now, gone afterwards.

    The services are stopped meanwhile: nobody may be connected to what is copied.
    """
    services = suite.services.values()
    with ThreadPoolExecutor() as pool:
        assert set(pool.map(lambda service: service.stop(), services)) == {0}
        copied = {name: asyncio.run(_copied(suite, service=name)) for name in suite.services}
        list(pool.map(lambda service: service.restart(), services))
    try:
        yield copied
    finally:
        for url in copied.values():
            asyncio.run(suite.postgres.drop_database(_name_of(url)))


def erased_again(suite: Suite, *, restored: Mapping[str, str], home: Path) -> str:
    """Apply past erasures on what was restored, from the list of the intake that was not; what the commands said."""
    listed = suite.run("intake", "erasures", "list")
    assert listed.returncode == 0, listed.stderr
    (file := home / "erased.jsonl").write_text(listed.stdout)
    log = home / "applied.log"
    for name, url in restored.items():
        environment = suite.services[name].environment | {f"{name.upper()}_DATABASE_URL": url}
        command = as_copy([name, "erasures", "apply", str(file), "--yes"], log=log, environment=environment)
        assert command.wait(within=PATIENCE_SECONDS) == 0, log.read_text()
    return log.read_text()


async def _copied(suite: Suite, *, service: str) -> str:
    url = urlsplit(suite.database_url(service))
    template = _name_of(suite.database_url(service))
    return await suite.postgres.copy_database(
        template, f"{template}_copy", owner=url.username or "", password=url.password or ""
    )


def _name_of(url: str) -> str:
    return urlsplit(url).path.strip("/")
