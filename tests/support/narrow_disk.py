"""A PostgreSQL whose disk is small enough to be filled."""

import errno
import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from testkit.servers.postgres import SETTINGS, SHORT_LIVED, UNPRIVILEGED_USER, EmbeddedPostgres

MEGABYTES = 192
LITTLE_LOG = {"min_wal_size": "32MB", "max_wal_size": "32MB", "shared_buffers": "16MB"}
PIECE = 256 * 1024


class CannotMount(RuntimeError):
    """No disk can be made here; the message says why."""


class NarrowDisk:
    """A server with all its data on a disk in memory of its own."""

    def __init__(self, folder: Path, *, server: EmbeddedPostgres) -> None:
        self.server = server
        self._filler = folder / "data" / "filler"

    def fill(self) -> None:
        """Until not a byte more can be written."""
        with self._filler.open("ab", buffering=0) as filler:
            size = PIECE
            while size:
                try:
                    filler.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 2

    def free(self) -> None:
        """As somebody does who deletes something; a server that gave up is started again."""
        self._filler.unlink()
        if not self.server.alive:
            self.server.restart()


@contextmanager
def narrow_disk(folder: Path) -> Iterator[NarrowDisk]:
    """A running server under `folder`. Raises `CannotMount`."""
    data = folder / "data"
    data.mkdir(parents=True)
    _mount(data)
    try:
        server = EmbeddedPostgres(folder, settings=SETTINGS | SHORT_LIVED | LITTLE_LOG)
        try:
            yield NarrowDisk(folder, server=server)
        finally:
            server.crash()
    finally:
        subprocess.run(["umount", str(data)], check=True)  # noqa: S603, S607 - our own folder, the system's program


def _mount(folder: Path) -> None:
    if os.geteuid() != 0:
        raise CannotMount("only root may mount a small disk")
    owner = pwd.getpwnam(UNPRIVILEGED_USER)
    options = f"size={MEGABYTES}m,mode=700,uid={owner.pw_uid},gid={owner.pw_gid}"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)  # noqa: S603 - as above
    except FileNotFoundError:
        raise CannotMount("there is no mount program") from None
    if done.returncode != 0:
        raise CannotMount(f"a small disk needs CAP_SYS_ADMIN: {done.stderr.strip()}")
