"""Ports for servers: of two that ask at the same time each gets one of his own."""

import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from testkit.servers.ports import free_port

MANY = 200
ASK = f"from testkit.servers.ports import free_port; print(*(free_port() for _ in range({MANY}))); input()"


def test_no_port_is_given_twice_however_many_processes_ask_at_once() -> None:
    askers = [
        subprocess.Popen([sys.executable, "-c", ASK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own words
        for _ in range(3)
    ]
    given = [line for asker in askers if asker.stdout is not None for line in asker.stdout.readline().split()]
    counted = Counter([*given, *(str(free_port()) for _ in range(MANY))])
    for asker in askers:
        asker.communicate("that is all\n")
    assert (len(given), max(counted.values())) == (3 * MANY, 1)


def test_the_system_gives_no_outgoing_connection_a_port_of_ours() -> None:
    lowest_of_the_system = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert free_port() < lowest_of_the_system


def test_a_port_on_which_somebody_listens_is_not_given() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LookupError, match="none is free"):
            free_port(within=range(port, port + 1))
