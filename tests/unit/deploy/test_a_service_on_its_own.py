"""Each service's README shows everything that the service needs to run alone, and nothing that it would refuse."""

import re

import pytest

from shared.security.encryption import new_key
from shared.settings import load_settings
from support.manifests import settings_of
from testkit.suite import ROOT, SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_with_the_environment_of_its_page(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "services" / service / "README.md").read_text()
    environment = page.partition("## On its own\n")[2].split("```")[1]
    shown = dict(line.split("=", 1) for line in environment.strip().splitlines() if not line.startswith("#"))
    key = new_key()
    for variable, value in shown.items():
        made = key if "KEY" in variable else "made-up"
        monkeypatch.setenv(variable, value.replace("…", made))
    settings = load_settings(settings_of(service))
    known = {f"{service}_{name}".upper() for name in type(settings).model_fields}
    assert shown.keys() <= known
    assert settings.policy_file.name == f"{service}.toml"
    assert re.findall(rf"aftersales-{service}:\S+ (\w+)$", page, re.MULTILINE) == ["migrate", "serve"]
