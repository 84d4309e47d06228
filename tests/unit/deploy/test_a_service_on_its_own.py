"""Each service's README shows everything that the service needs to run alone, and nothing that it would refuse."""

import re
import subprocess
from pathlib import Path

import pytest

from shared.security.encryption import new_key
from shared.settings import load_settings
from support.manifests import settings_of
from testkit.suite import ROOT, SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_with_the_environment_of_its_page(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "services" / service / "README.md").read_text()
    commands = page.partition("## On its own\n")[2].split("```")[1]
    environment = commands.partition("<<END")[2].partition("\n")[2].partition("END\n")[0]
    shown = dict(line.split("=", 1) for line in environment.splitlines() if not line.startswith("#"))
    key = new_key()
    for variable, value in shown.items():
        monkeypatch.setenv(variable, value.replace("…", "made-up").replace(new_key_of(service), key))
    settings = load_settings(settings_of(service))
    known = {f"{service}_{name}".upper() for name in type(settings).model_fields}
    assert shown.keys() <= known
    assert settings.policy_file.name == f"{service}.toml"
    started = re.findall(rf"^run .*aftersales-{service}:0.1.0 (\w+)", commands, re.MULTILINE)
    assert started == ["policy", "migrate", "serve"]


@pytest.mark.parametrize("service", SERVICES)
def test_the_commands_of_its_page_leave_keys_alone_that_are_there(service: str, tmp_path: Path) -> None:
    page = (ROOT / "services" / service / "README.md").read_text()
    commands = page.partition("## On its own\n")[2].split("```")[1]
    writing = "touch " + commands.partition("\ntouch ")[2].partition("\nEND\n")[0] + "\nEND\n"
    script = writing.replace(new_key_of(service), "$RANDOM$RANDOM$RANDOM")
    written = []
    for _ in range(2):
        subprocess.run(["bash", "-euc", script], cwd=tmp_path, check=True)  # noqa: S603, S607  # the page's
        written.append((tmp_path / f"{service}.env").read_text())
    assert "_ENCRYPTION_KEYS=k1:" in written[0]
    assert written[1] == written[0]


def new_key_of(service: str) -> str:
    """How the page has a key made."""
    return f"$(docker run --rm aftersales-{service}:0.1.0 keys new)"
