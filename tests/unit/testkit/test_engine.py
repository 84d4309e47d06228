"""Compose is asked about the test's own project, whatever the shell says from which a real one may be run."""

import json
import os
from pathlib import Path

import pytest

from testkit.composed import Composed
from testkit.engine import VERSION, missing_images
from testkit.suite import SERVICES

ENGINE = """#!/usr/bin/env python3
import json, os, sys
json.dump({"arguments": sys.argv[1:], "environment": dict(os.environ)}, open(os.environ["HOME"] + "/asked", "w"))
"""
OF_A_REAL_ONE = {
    "COMPOSE_PROJECT_NAME": "aftersales",
    "COMPOSE_FILE": "/srv/aftersales/docker-compose.yml",
    "COMPOSE_PROFILES": "observability",
    "COMPOSE_ENV_FILES": "/srv/aftersales/.env",
    "AFTERSALES_INSTALLATION": "/srv/aftersales/.state/compose",
    "AFTERSALES_VERSION": "9.9.9",
    "POSTGRES_PORT": "5432",
    "INTAKE_PUBLIC_URL": "https://intake.example",
    "INTAKE_DATABASE_PASSWORD": "production",
    "REPLICAS": "7",
}
OF_THE_ENGINE = {"DOCKER_HOST": "tcp://engine.example:2376", "POSTGRES_IMAGE": "mirror.example/postgres:18"}


@pytest.fixture
def composed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Composed:
    """A project in a shell from which a real installation is run, with an engine that writes down what it is asked."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(ENGINE)
    program.chmod(0o755)
    for name, value in (OF_A_REAL_ONE | OF_THE_ENGINE).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return Composed(home=tmp_path / "home")


STALE = """#!/usr/bin/env python3
import sys
sys.exit("No such image") if "dispatch" in sys.argv[-1] else print("{version}")
"""


@pytest.mark.parametrize(("version", "named"), [(VERSION, {"dispatch"}), ("0.0.9", {*SERVICES, "mail"})])
def test_an_image_that_is_missing_or_of_another_version_is_named(
    version: str, named: set[str], composed: Composed, tmp_path: Path
) -> None:
    (tmp_path / "bin" / "docker").write_text(STALE.format(version=version))
    told = missing_images()
    assert {name for name in (*SERVICES, "mail") if any(f"aftersales-{name}:" in line for line in told)} == named
    assert all(VERSION in line for line in told)


@pytest.mark.parametrize("act", ["up", "down", "build", "logs"])
def test_every_command_names_the_project_and_hands_on_nothing_of_a_real_one(
    act: str, composed: Composed, tmp_path: Path
) -> None:
    getattr(composed, act)()
    asked = json.loads((tmp_path / "asked").read_text())
    before = asked["arguments"][: asked["arguments"].index(act)]
    assert before[before.index("--project-name") + 1] == composed.project
    assert composed.project.startswith("aftersales-test-")
    assert not OF_A_REAL_ONE.keys() & asked["environment"].keys()
    assert {name: asked["environment"].get(name) for name in OF_THE_ENGINE} == OF_THE_ENGINE


def test_two_projects_have_nothing_in_common(composed: Composed, tmp_path: Path) -> None:
    other = Composed(home=tmp_path / "other")
    assert other.project != composed.project
    assert not set(other.secrets.values()) & set(composed.secrets.values())
    assert other.rabbitmq_port != composed.rabbitmq_port
