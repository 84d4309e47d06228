"""What has to be made before anything is applied is named where it is looked for: accounts, roles, and their rights."""

import re

import pytest

from shared.messaging.accounts import rights_of
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from testkit.suite import ROOT, SERVICES

PAGES = ROOT / "docs" / "operations"
ACCOUNTS = set(rights_of(CATALOGUE_TOPOLOGY))
OF_KEDA = {"scaling"}


def in_the_first_column(text: str) -> set[str]:
    """The names between backticks with which the lines of tables begin."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_the_page_of_accounts_names_every_account_and_what_the_database_needs() -> None:
    page = (PAGES / "accounts.md").read_text()
    assert in_the_first_column(page) == ACCOUNTS | OF_KEDA
    assert "deploy/postgres/10-services.sh" in page
    assert "-m shared.messaging load" in page


def test_the_page_of_kubernetes_names_every_user_and_role_before_it_applies_anything() -> None:
    before, applied, _ = (PAGES / "kubernetes.md").read_text().partition("kubectl apply")
    assert applied
    broker, database = (
        before.partition("**Broker.**")[2],
        before.partition("**Databases.**")[2].partition("**Broker.**")[0],
    )
    assert in_the_first_column(broker.partition("**Tokens.**")[0]) == ACCOUNTS | OF_KEDA
    assert set(SERVICES) <= set(re.findall(r"`(\w+)`", database))
    assert "import_definitions" in before.partition("## Roll out")[2]


@pytest.mark.parametrize("service", SERVICES)
def test_the_page_of_a_service_leads_to_its_accounts(service: str) -> None:
    alone = (ROOT / "services" / service / "README.md").read_text().partition("## On its own\n")[2]
    assert "docs/operations/accounts.md" in alone.split("```")[0]


def test_databases_are_made_for_every_service() -> None:
    script = (ROOT / "deploy" / "postgres" / "10-services.sh").read_text()
    assert f"${{SERVICES:-{' '.join(SERVICES)}}}" in script
