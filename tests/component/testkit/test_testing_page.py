"""docs/testing-against-the-suite.md is true: its lines run as they stand there, and it names every option."""

import os
import re
import subprocess
import sys
from pathlib import Path

from testkit.plugin import OPTIONS, variable
from testkit.servers.postgres import Postgres
from testkit.servers.rabbitmq import RabbitMQ
from testkit.suite import ROOT

PAGE = (ROOT / "docs" / "testing-against-the-suite.md").read_text()
TEN = 10


def files_of_the_page() -> dict[str, str]:
    """The blocks of Python by the file's name that each begins with."""
    return dict(re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL))


def test_the_lines_of_the_page_test_a_service_against_the_embedded_suite(
    postgres: Postgres, rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    files = files_of_the_page()
    for name, lines in files.items():
        (tmp_path / name).write_text(lines)
    assert len([line for line in files["test_wallboard.py"].splitlines() if line]) <= TEN
    servers = {
        "AFTERSALES_POSTGRES_URL": postgres.url,
        "AFTERSALES_RABBITMQ_URL": rabbitmq.url,
        "AFTERSALES_RABBITMQ_MANAGEMENT_URL": rabbitmq.management_url,
    }
    done = subprocess.run(  # noqa: S603  # our own arguments
        [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "--aftersales=embedded", str(tmp_path)],
        env={**os.environ, **servers},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_the_page_names_every_option_and_its_variable() -> None:
    named = re.findall(r"^\| `(--[a-z-]+)` \| `([A-Z_]+)` \|", PAGE, flags=re.MULTILINE)
    assert dict(named) == {option: variable(option) for option in OPTIONS}
