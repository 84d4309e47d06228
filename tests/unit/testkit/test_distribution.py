"""The distribution `aftersales-testkit`: a plugin of pytest that carries whatever the suite is started from."""

import tomllib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path, PurePosixPath

import yaml

from shared.migrations import folder_of
from testkit.composed import APART
from testkit.suite import ROOT, SERVICES, policy_file

MEMBER = ROOT / "shared" / "testkit"
PROJECT = tomllib.loads((MEMBER / "pyproject.toml").read_text())


def included(member: Path) -> dict[str, str]:
    """What a wheel carries beside its package, by where it comes from below the root, and where it goes."""
    settings = tomllib.loads((member / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    places = settings["force-include"].items()
    return {(member / source).resolve().relative_to(ROOT).as_posix(): target for source, target in places}


CARRIED = included(MEMBER)


def is_carried(path: str) -> bool:
    return any(path == source or PurePosixPath(source) in PurePosixPath(path).parents for source in CARRIED)


def mounted() -> Iterator[str]:
    """What the containers that the kit starts mount from beside the compose file."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()
    for service in services:
        if "profiles" not in service:
            yield from (volume[2:].partition(":")[0] for volume in service.get("volumes", []) if volume[:2] == "./")


def test_pytest_finds_the_plugin() -> None:
    (found,) = entry_points(group="pytest11", name="aftersales")
    assert callable(found.load().aftersales)


def test_a_wheel_carries_all_that_the_suite_is_started_from_at_its_place() -> None:
    assert all((ROOT / source).exists() for source in CARRIED)
    assert {source: f"testkit/carried/{source}" for source in CARRIED} == CARRIED
    needed = {"docker-compose.yml", APART, *mounted()}
    for service in SERVICES:
        needed |= {f"services/{service}/migrations", str(policy_file(service, profile="standard").relative_to(ROOT))}
    assert len(needed) > len(SERVICES) * 2 + 2
    assert not {path for path in needed if not is_carried(path)}


def test_a_service_that_is_installed_from_its_wheel_finds_its_migrations(tmp_path: Path) -> None:
    for service in SERVICES:
        assert included(ROOT / "services" / service) == {f"services/{service}/migrations": f"{service}/migrations"}
        assert folder_of(ROOT / "services" / service / service) == ROOT / "services" / service / "migrations"
    (tmp_path / "migrations").mkdir()
    assert folder_of(tmp_path) == tmp_path / "migrations"


def test_the_extra_for_embedded_suites_brings_every_service() -> None:
    extra = PROJECT["project"]["optional-dependencies"]["embedded"]
    assert {f"aftersales-{service}" for service in SERVICES} <= set(extra)
