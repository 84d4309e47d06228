"""What has to have happened before a service of compose starts."""

from collections.abc import Iterator

import pytest
import yaml

from testkit.suite import ROOT, SERVICES

COMPOSED = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def done_before(name: str) -> Iterator[str]:
    """The jobs that have to have ended well, directly or because another one waits for them."""
    for other, awaited in COMPOSED[name].get("depends_on", {}).items():
        if awaited["condition"] == "service_completed_successfully":
            yield from (other, *done_before(other))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_once_its_schema_and_the_rights_of_this_release_are_there(service: str) -> None:
    assert set(done_before(service)) == {f"{service}-migrate", "topology", "rights"}


def test_rights_are_loaded_by_the_images_own_definitions_as_an_administrator() -> None:
    rights = COMPOSED["rights"]
    assert (rights["entrypoint"], rights["command"]) == (["python", "-m", "shared.messaging"], ["load"])
    assert "//operator:" in rights["environment"]["TOPOLOGY_MANAGEMENT_URL"]
    assert rights["image"] == COMPOSED["intake"]["image"]
    assert [name for name, one in COMPOSED.items() if "operator:" in str(one.get("environment"))] == ["rights"]
