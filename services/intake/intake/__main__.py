"""`python -m intake serve | api | worker | migrate`, and the operator's commands."""

import sys

from intake.app import NAME, build
from intake.policy import IntakePolicy
from intake.settings import IntakeSettings
from intake.tables import AUDIT, SEALED
from shared.observability.logging import configure_logging
from shared.operator_commands import OperatorCommands
from shared.process import Service, main
from shared.settings import settings_or_exit

COMMANDS = OperatorCommands(
    name=NAME, settings=IntakeSettings, policy_model=IntakePolicy, audit_tables=AUDIT, sealed=SEALED
)


def configured() -> Service:
    """Intake with the settings of the environment."""
    settings = settings_or_exit(IntakeSettings)
    configure_logging(NAME, level=settings.log_level)
    return build(settings)


if __name__ == "__main__":
    sys.exit(main(NAME, build=configured, commands=COMMANDS.by_name()))
