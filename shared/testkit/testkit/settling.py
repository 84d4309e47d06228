"""Where the suite of the fixture `aftersales` runs: what was asked for, or the first that is possible."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from testkit.aftersales import Aftersales
from testkit.attached import AttachedSuite, MailPage, WrongAddress, places
from testkit.embedded import embedded, missing
from testkit.plugin import OPTIONS, variable
from testkit.running import RunningSuite

MODES = ("embedded", "containers", "attached")
ATTACHING = tuple(OPTIONS)[1:]

type Opening = AbstractContextManager[Aftersales[RunningSuite]]


class CannotRun(RuntimeError):
    """What was asked for cannot be done; the message says what is missing or wrong."""


class NothingPossible(CannotRun):
    """Nothing was asked for, and nothing is possible here; the message says what would make it so."""


@dataclass(frozen=True)
class Wish:
    """Where the suite should run, each by the option's name; None where nobody said."""

    said: Mapping[str, str | None]

    @classmethod
    def of(cls, options: Mapping[str, str | None]) -> "Wish":
        """The options, and for those that were not given the environment variables of the same meaning."""
        return cls({option: value or os.environ.get(variable(option)) for option, value in options.items()})

    @property
    def mode(self) -> str | None:
        return self.said["--aftersales"] or ("attached" if self.said["--aftersales-url"] else None)


def opened(wish: Wish, *, home: Path) -> Opening:
    """The suite, to be opened. Raises `CannotRun` and `NothingPossible`."""
    match wish.mode:
        case "attached":
            return _attached(wish)
        case "embedded" if lacking := missing():
            raise CannotRun(f"the suite cannot run embedded here: {'; '.join(lacking)} is missing")
        case "embedded":
            return _embedded(home)
        case "containers" if lacking := missing_for_containers() or _missing_images():
            raise CannotRun(f"the suite cannot run in containers here: {'; '.join(lacking)}")
        case "containers":
            return _in_containers(home)
        case None:
            return _first_possible(home)
        case other:
            raise CannotRun(f"--aftersales {other!r} may be one of {', '.join(MODES)}")


def missing_for_containers() -> list[str]:
    """What this machine lacks to run the suite in containers; nothing where it can."""
    if find_spec("testcontainers") is None:
        return ["the package testcontainers is missing: install aftersales-testkit[containers]"]
    if shutil.which("docker") is None:
        return ["there is no command 'docker'"]
    return [f"no container engine answers: {said}" for words in ENGINE if (said := _unanswered(words))]


def _unanswered(words: Sequence[str]) -> str | None:
    """What the engine says in place of an answer, if it has none."""
    try:
        asked = subprocess.run(["docker", *words], capture_output=True, text=True, check=False, timeout=ENGINE_SECONDS)
    except subprocess.TimeoutExpired:
        return f"'docker {' '.join(words)}' says nothing for {ENGINE_SECONDS} s"
    return None if asked.returncode == 0 else " ".join(asked.stderr.split())[-300:] or f"exit code {asked.returncode}"


ENGINE = (("info",), ("compose", "version"))
ENGINE_SECONDS = 30


def _first_possible(home: Path) -> Opening:
    not_embedded = missing()
    if not not_embedded:
        return _embedded(home)
    not_contained = missing_for_containers() or _missing_images()
    if not not_contained:
        return _in_containers(home)
    raise NothingPossible(
        f"no after-sales suite: to run embedded, {'; '.join(not_embedded)} is missing; "
        f"in containers, {'; '.join(not_contained)}; and no --aftersales-url names one that runs"
    )


@contextmanager
def _embedded(home: Path) -> Iterator[Aftersales[RunningSuite]]:
    with embedded(home) as suite, Aftersales[RunningSuite].using(suite, broker_url=suite.broker_url) as handed_out:
        yield handed_out


def _missing_images() -> list[str]:
    """What the engine lacks of this version; nothing in a checkout, which builds its images."""
    from testkit.engine import IS_CHECKOUT, missing_images  # noqa: PLC0415  # needs the extra `containers`

    return [] if IS_CHECKOUT else missing_images()


@contextmanager
def _in_containers(home: Path) -> Iterator[Aftersales[RunningSuite]]:
    from testkit.composed import Composed  # noqa: PLC0415  # needs what only the extra `containers` installs
    from testkit.engine import IS_CHECKOUT  # noqa: PLC0415

    with ExitStack() as stack:
        if IS_CHECKOUT:  # of what did not change nothing is built, and of what did nothing old is tested
            Composed(home=home / "images").build()
        suite = stack.enter_context(Composed.running(home / "containers"))
        yield stack.enter_context(Aftersales[RunningSuite].using(suite, broker_url=suite.broker_url()))


def _attached(wish: Wish) -> Opening:
    unsaid = [f"{option} (or {variable(option)})" for option in ATTACHING if not wish.said[option]]
    if unsaid:
        raise CannotRun(f"to attach to a running suite, say also {', '.join(unsaid)}")
    urls, broker_url, mail_url, key_file = (str(wish.said[option]) for option in ATTACHING)
    try:
        suite = AttachedSuite(places(urls), mails=MailPage(mail_url.rstrip("/")), key_file=Path(key_file))
    except WrongAddress as error:
        raise CannotRun(f"--aftersales-url: {error}") from None
    return Aftersales[RunningSuite].using(suite, broker_url=broker_url)
