"""`python -m dispatch serve | api | worker | migrate`, and the operator's commands."""

import sys

from dispatch.app import NAME, build
from dispatch.policy import DispatchPolicy
from dispatch.settings import DispatchSettings
from dispatch.tables import ANSWERS, AUDIT
from shared.observability.logging import configure_logging
from shared.operator_commands import OperatorCommands
from shared.process import Service, main
from shared.settings import settings_or_exit

COMMANDS = OperatorCommands(
    name=NAME,
    settings=DispatchSettings,
    policy_model=DispatchPolicy,
    audit_tables=AUDIT,
    sealed=(ANSWERS.c.answer,),  # all that dispatch encrypts
)


def configured() -> Service:
    """Dispatch with the settings of the environment."""
    settings = settings_or_exit(DispatchSettings)
    configure_logging(NAME, level=settings.log_level)
    return build(settings)


if __name__ == "__main__":
    sys.exit(main(NAME, build=configured, commands=COMMANDS.by_name()))
