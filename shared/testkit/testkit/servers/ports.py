"""Ports for servers of tests and demos, each given to one of us only, however many processes run at the same time."""

import fcntl
import itertools
import os
import random
import socket
import tempfile
from pathlib import Path

RANGE = range(15_000, 32_000)
"""Below the ports that the system gives to outgoing connections, one of which may take a port between two looks."""


def free_port(*, within: range = RANGE) -> int:
    """A TCP port of the loopback interface that nobody listens on, ours until this process ends.

    Whoever starts a server later, or starts it again, finds its port still free. Raises LookupError where none is left.
    """
    first = random.randrange(len(within))  # noqa: S311  # spreads, guards nothing
    for port in itertools.chain(within[first:], within[:first]):
        if _is_ours(port) and _is_free(port):
            return port
    raise LookupError(f"of the ports {within.start} to {within.stop - 1} none is free")


def _is_ours(port: int) -> bool:
    """Whether nobody else has put his lock on it; the system takes a lock away when its process ends."""
    folder = Path(tempfile.gettempdir()) / f"aftersales-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    lock = os.open(folder / str(port), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
