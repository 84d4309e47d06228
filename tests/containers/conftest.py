"""The images, built once, and the suites that run in containers. Skipped where no engine answers."""

from collections.abc import Iterator

import pytest

from testkit.composed import REPLICAS, Composed
from testkit.settling import missing_for_containers

REVISION = "as-tested"
"""What the labels of the images say that they were built from."""


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    """Skips where there is none, and says what is missing."""
    if lacking := missing_for_containers():
        pytest.skip(f"nothing was tested in containers: {'; '.join(lacking)}")


@pytest.fixture(scope="session")
def images(engine: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """All images, as they are built from this checkout."""
    home = tmp_path_factory.mktemp("images") / "home"
    Composed(home=home, said={"AFTERSALES_REVISION": REVISION}).build()


@pytest.fixture(scope="module")
def servers(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """PostgreSQL and RabbitMQ of an installation, and none of its services."""
    with Composed.running(tmp_path_factory.mktemp("servers") / "home", names=("postgres", "rabbitmq")) as composed:
        yield composed


@pytest.fixture(scope="module", params=[None, REPLICAS], ids=["together", "apart"])
def stack(request: pytest.FixtureRequest, images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """The whole suite: one process of each service, or two APIs and two workers of each."""
    with Composed.running(tmp_path_factory.mktemp("stack") / "home", replicas=request.param) as composed:
        yield composed
