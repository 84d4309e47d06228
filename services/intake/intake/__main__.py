"""`python -m intake serve | api | worker | migrate`, and the operator's commands."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from intake.app import NAME, build
from intake.policy import IntakePolicy
from intake.settings import IntakeSettings
from intake.tables import AUDIT, SEALED
from shared.audit import AuditLog
from shared.audit_command import audit_command
from shared.database import database
from shared.messaging.dead_command import dead_command
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from shared.observability.logging import configure_logging
from shared.policy import policy_command
from shared.process import Service, main
from shared.security.keys_command import keys_command
from shared.settings import settings_or_exit


def configured() -> Service:
    """Intake with the settings of the environment."""
    settings = settings_or_exit(IntakeSettings)
    configure_logging(NAME, level=settings.log_level)
    return build(settings)


def policy(arguments: Sequence[str]) -> int:
    """`policy check [FILE…]`, `policy diff A B`; needs no other setting than the file."""
    in_force = Path(os.environ.get("INTAKE_POLICY_FILE", "intake.toml"))
    return policy_command(arguments, IntakePolicy, in_force=in_force)


def dead(arguments: Sequence[str]) -> int:
    """`dead list | show | replay | drop`."""
    settings = settings_or_exit(IntakeSettings)
    letters = DeadLetters(settings.broker_url, service=NAME, topology=CATALOGUE_TOPOLOGY)
    return dead_command(arguments, letters=letters)


def audit(arguments: Sequence[str]) -> int:
    """`audit verify`."""
    settings = settings_or_exit(IntakeSettings)
    return audit_command(arguments, database=database(settings.database_url, service=NAME), audit=AuditLog(AUDIT))


def keys(arguments: Sequence[str]) -> int:
    """`keys new | rotate`."""
    settings = settings_or_exit(IntakeSettings)
    own = database(settings.database_url, service=NAME)
    return keys_command(arguments, database=own, keys=settings.key_ring, columns=SEALED)


COMMANDS = {"policy": policy, "dead": dead, "audit": audit, "keys": keys}

if __name__ == "__main__":
    sys.exit(main(NAME, build=configured, commands=COMMANDS))
