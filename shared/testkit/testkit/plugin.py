"""The pytest plugin: options that say where the suite runs, and the fixture `aftersales`.

Every run of pytest where the kit is installed loads this module, so what costs time is imported by whoever asks for the
fixture.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from testkit.aftersales import Aftersales
    from testkit.running import RunningSuite

OPTIONS = {
    "--aftersales": "'embedded', 'containers' or 'attached'; by default the first that is possible here",
    "--aftersales-url": "where the services of a running suite are: 'http://{service}.example', or 'intake=http://… …'",
    "--aftersales-broker-url": "amqp URL of the running suite's broker, of an account that may hear every event",
    "--aftersales-mail-url": "where the running suite's mail server shows its mails",
    "--aftersales-key-file": "the private key that signs tokens of the running suite",
}


def variable(option: str) -> str:
    """The environment variable that says the same: `AFTERSALES_URL` for `--aftersales-url`."""
    return option.removeprefix("--").replace("-", "_").upper() if option != "--aftersales" else "AFTERSALES_MODE"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Asked by pytest."""
    group = parser.getgroup("aftersales", "the after-sales service suite")
    for option, meaning in OPTIONS.items():
        group.addoption(option, help=f"{meaning} (also {variable(option)})".replace("%", "%%"))


@pytest.fixture(scope="session")
def aftersales(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["Aftersales[RunningSuite]"]:
    """The running after-sales suite: clients and tokens per role, contact centres, test clock, mails, `wait_for`."""
    from testkit.settling import CannotRun, NothingPossible, Wish, opened  # noqa: PLC0415  # see above

    given = {option: request.config.getoption(option) for option in OPTIONS}
    try:
        opening = opened(Wish.of(given), home=tmp_path_factory.mktemp("aftersales"))
    except NothingPossible as error:
        pytest.skip(str(error))
    except CannotRun as error:
        pytest.fail(str(error), pytrace=False)
    with opening as handed_out:
        yield handed_out
