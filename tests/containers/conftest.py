"""The images, built once, and the suites that run in containers. Skipped where no engine answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.composed import REPLICAS, CommandFailed, Composed, attempt


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    """Skips where there is none, and says what is missing."""
    try:
        answers = [attempt("info"), attempt("compose", "version")]
    except FileNotFoundError:
        pytest.skip("no container engine: there is no command 'docker'")
    for answer in answers:
        if answer.returncode != 0:
            pytest.skip(f"no container engine answers: {answer.stderr.strip()[-300:]}")


@pytest.fixture(scope="session")
def images(engine: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """All images, as they are built from this checkout."""
    Composed(home=tmp_path_factory.mktemp("images") / "home").build()


@pytest.fixture(scope="module")
def servers(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """PostgreSQL and RabbitMQ of an installation, and none of its services."""
    yield from running(tmp_path_factory.mktemp("servers"), names=("postgres", "rabbitmq"))


@pytest.fixture(scope="module", params=[None, REPLICAS], ids=["together", "apart"])
def stack(request: pytest.FixtureRequest, images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """The whole suite: one process of each service, or two APIs and two workers of each."""
    yield from running(tmp_path_factory.mktemp("stack"), replicas=request.param)


def running(folder: Path, *, names: tuple[str, ...] = (), replicas: int | None = None) -> Iterator[Composed]:
    """A project for as long as somebody uses it: these containers of it, or all."""
    composed = Composed(home=folder / "home", replicas=replicas)
    try:
        try:
            composed.up(*names) if names else composed.up_whole()
        except CommandFailed as failed:
            raise CommandFailed(f"{failed}\n{composed.logs()}") from None
        yield composed
    finally:
        composed.down()
