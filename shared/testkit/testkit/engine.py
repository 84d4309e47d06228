"""The container engine and its compose, asked so that nothing in the shell of whoever tests leads them elsewhere.

Compose believes the shell before any file: `COMPOSE_PROJECT_NAME=production` would have a test end a real
installation with its volumes. So a project is always named, and only what leads to the engine, and where images and
packages come from, is handed on.
"""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import override

from testcontainers.compose import DockerCompose

from testkit.suite import ROOT, SERVICES

HANDED_ON = re.compile(
    r"PATH|HOME|USER|TMPDIR|LANG|SSH_AUTH_SOCK|(XDG|DOCKER|BUILDX|BUILDKIT|SSL_CERT)_\w+|(https?|no|all)_proxy"
    r"|(POSTGRES|RABBITMQ|PYTHON|PROMETHEUS|GRAFANA)_IMAGE|PIP_(INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST)|AFTERSALES_PIP_CONF",
    re.IGNORECASE,
)
VERSION = version("aftersales-testkit")
IS_CHECKOUT = (ROOT / "services" / "intake" / "Dockerfile").exists()
TAG = f"{VERSION}-checkout" if IS_CHECKOUT else VERSION
"""Of the images that are used. A checkout builds its own, under another name than those of an installation."""
VERSION_LABEL = '{{index .Config.Labels "org.opencontainers.image.version"}}'


class CommandFailed(RuntimeError):
    """A command of the engine; the message holds what it said."""


def docker(*arguments: str) -> str:
    """What the command printed. Raises `CommandFailed`."""
    done = attempt(*arguments)
    if done.returncode != 0:
        raise CommandFailed(f"docker {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}"[-4000:])
    return done.stdout


def attempt(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as it ended, well or not."""
    return subprocess.run(
        ["docker", *arguments],  # whichever engine the machine has
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def environment() -> Mapping[str, str]:
    """The caller's, without whatever compose files could be filled in with."""
    handed_on = {name: value for name, value in os.environ.items() if HANDED_ON.fullmatch(name)}
    return {**handed_on, "DOCKER_BUILDKIT": "1"}


def image(service: str) -> str:
    """The image of a service as compose names it."""
    return f"aftersales-{service}:{TAG}"


def missing_images() -> list[str]:
    """Which images of the suite are not there, or say that they are of another version than this kit."""
    lacking = []
    for name in (*SERVICES, "mail"):
        found = attempt("image", "inspect", "--format", VERSION_LABEL, image(name))
        if found.returncode != 0:
            lacking.append(f"there is no image {image(name)}: pull it, or build it from a checkout of {VERSION}")
        elif found.stdout.strip() != VERSION:
            said = found.stdout.strip() or "none"
            lacking.append(f"the image {image(name)} is of another version ({said}): build it from one of {VERSION}")
    return lacking


def inspected(container: str) -> dict[str, object]:
    """What the engine says of a container."""
    (found,) = json.loads(docker("inspect", container))
    known: dict[str, object] = found
    return known


@dataclass
class Project(DockerCompose):
    """Compose under a name that is always said."""

    name: str = "aftersales-test"

    @override
    @cached_property
    def compose_command_property(self) -> list[str]:
        return [*super().compose_command_property, "--project-name", self.name]

    @override
    def _run_command(self, cmd: str | list[str], context: str | None = None) -> subprocess.CompletedProcess[bytes]:
        command = [cmd] if isinstance(cmd, str) else cmd
        done = subprocess.run(command, env=environment(), cwd=context or self.context, capture_output=True, check=False)
        if done.returncode != 0:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise CommandFailed(f"{' '.join(command)}: {done.returncode}\n{said}"[-4000:])
        return done
