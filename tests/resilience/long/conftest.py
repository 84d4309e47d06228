"""How long the long tests take is said on the command line: `make test-resilience ARGS="--cases=20000 --seeds=1"`."""

from pathlib import Path

import pytest

LONGEST_SECONDS = 4 * 3600


def pytest_addoption(parser: pytest.Parser) -> None:
    """The sizes, each with the one that the promise names."""
    group = parser.getgroup("resilience")
    group.addoption("--cases", type=int, default=2000, help="cases of each run with everything at once")
    group.addoption("--seeds", type=int, default=5, help="runs with everything at once, each with faults of its own")
    group.addoption("--seconds", type=int, default=600, help="how long the faults of each run last at least")
    group.addoption("--minutes", type=int, default=30, help="how long the suite runs at half its capacity")
    group.addoption("--longest-hole", type=int, default=240, help="seconds; longer black holes are left out")
    group.addoption("--previous", default=None, help="git revision of the release before, to run beside this one")
    group.addoption("--report", type=Path, default=None, help="folder for the reports; printed where there is none")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The limit of other tests would end most of these in the middle."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(LONGEST_SECONDS))
