"""Alerts and dashboards look at metrics that a service really shows, and alerts tell where to read what to do."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from support.front_desk import FrontDesk, open_front_desk
from support.post_room import PostRoom, open_post_room
from testkit.servers.postgres import Postgres
from testkit.suite import ROOT

RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
PAGE = ROOT / "docs" / "operations" / "alerts.md"
OF_PROMETHEUS = {"up"}
"""What Prometheus itself knows about whom it asks."""


class Alert(BaseModel):
    """One rule, as far as it concerns these tests."""

    alert: str
    expr: str
    annotations: dict[str, str]

    @property
    def metrics(self) -> set[str]:
        """The metrics that its expression reads."""
        return metrics_in(self.expr)


class Query(BaseModel):
    """One line of a panel."""

    expr: str


class Panel(BaseModel):
    """One picture of a dashboard."""

    title: str
    targets: list[Query]


class Dashboard(BaseModel):
    """The file, as far as it concerns these tests."""

    title: str
    panels: list[Panel]


class Group(BaseModel):
    """Rules that are looked at together."""

    rules: list[Alert]


class Rules(BaseModel):
    """The file."""

    groups: list[Group]


def metrics_in(expression: str) -> set[str]:
    bare = re.sub(r"{[^}]*}|\[[^\]]*\]|\b(by|without|on|ignoring) *\([^)]*\)", " ", expression)
    return set(re.findall(r"\b[a-z_]{2,}\b(?! *\()", bare)) - {"by", "and", "or", "unless"}


def read_by_dashboards() -> dict[str, set[str]]:
    """By dashboard and panel, the metrics that its queries read."""
    boards = [Dashboard.model_validate_json(file.read_text()) for file in DASHBOARDS]
    return {
        f"{board.title}: {panel.title}": {metric for query in panel.targets for metric in metrics_in(query.expr)}
        for board in boards
        for panel in board.panels
    }


def alerts() -> list[Alert]:
    rules = Rules.model_validate(yaml.safe_load(RULES.read_text()))
    return [alert for group in rules.groups for alert in group.rules]


@pytest.fixture
async def desk(postgres: Postgres, tmp_path: Path) -> AsyncIterator[FrontDesk]:
    async with open_front_desk(postgres, home=tmp_path) as opened:
        yield opened


@pytest.fixture
async def room(postgres: Postgres, notifier_template: str, tmp_path: Path) -> AsyncIterator[PostRoom]:
    async with open_post_room(postgres, template=notifier_template, home=tmp_path) as opened:
        yield opened


async def test_every_metric_of_an_alert_or_a_dashboard_is_shown_by_a_running_service(
    desk: FrontDesk, room: PostRoom
) -> None:
    await desk.client().get("/v1/cases")  # a request is counted once it was answered
    async with room.stranger() as client:
        of_notifier = (await client.get("/metrics")).text
    shown = (await desk.stranger().get("/metrics")).text + of_notifier
    names = set(
        re.findall(r"^(?:# TYPE )?([a-z_]+)(?:{| )", shown, re.MULTILINE)
    )  # some have no value until it is looked
    assert {alert.alert: alert.metrics - names - OF_PROMETHEUS for alert in alerts()} == {
        alert.alert: set() for alert in alerts()
    }
    assert all(alert.metrics for alert in alerts())
    panels = read_by_dashboards()
    assert {panel: metrics - names - OF_PROMETHEUS for panel, metrics in panels.items()} == {
        panel: set() for panel in panels
    }
    assert all(panels.values())


async def test_readiness_is_shown_by_check_and_as_it_is_now(desk: FrontDesk) -> None:
    def ready(shown: str) -> dict[str, str]:
        return dict(re.findall(r'^ready{check="(\w+)",service="intake"} (\S+)$', shown, re.MULTILINE))

    before = ready((await desk.stranger().get("/metrics")).text)
    assert before == {"database": "1.0", "migrations": "1.0", "consumers": "1.0", "running": "1.0", "companions": "1.0"}
    desk.service.drain()
    assert ready((await desk.stranger().get("/metrics")).text) == before | {"running": "0.0"}


def test_every_alert_has_its_section_and_no_section_is_about_an_alert_that_is_gone() -> None:
    sections = re.findall(r"^## (\w+)$", PAGE.read_text(), re.MULTILINE)
    assert sections == [alert.alert for alert in alerts()]
    assert all(alert.annotations["summary"] for alert in alerts())
