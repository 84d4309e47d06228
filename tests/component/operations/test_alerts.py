"""Alerts: each looks at metrics that a service really shows, and tells an operator where to read what to do."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from support.front_desk import FrontDesk, open_front_desk
from support.post_room import PostRoom, migrated_database, open_post_room
from testkit.servers.postgres import Postgres
from testkit.suite import ROOT

RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
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
        bare = re.sub(r"{[^}]*}|\[[^\]]*\]|\b(by|without|on|ignoring) *\([^)]*\)", " ", self.expr)
        return set(re.findall(r"\b[a-z_]{2,}\b(?! *\()", bare)) - {"by", "and", "or", "unless"}


class Group(BaseModel):
    """Rules that are looked at together."""

    rules: list[Alert]


class Rules(BaseModel):
    """The file."""

    groups: list[Group]


def alerts() -> list[Alert]:
    rules = Rules.model_validate(yaml.safe_load(RULES.read_text()))
    return [alert for group in rules.groups for alert in group.rules]


@pytest.fixture
async def desk(postgres: Postgres, tmp_path: Path) -> AsyncIterator[FrontDesk]:
    async with open_front_desk(postgres, home=tmp_path) as opened:
        yield opened


@pytest.fixture
async def room(postgres: Postgres, tmp_path: Path) -> AsyncIterator[PostRoom]:
    template = await migrated_database(postgres, home=tmp_path)
    async with open_post_room(postgres, template=template, home=tmp_path) as opened:
        yield opened


async def test_every_metric_of_an_alert_is_shown_by_a_running_service(desk: FrontDesk, room: PostRoom) -> None:
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
