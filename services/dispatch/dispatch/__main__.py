"""`python -m dispatch serve | api | worker | migrate`, and the operator's commands."""

import sys
from collections.abc import Sequence

from dispatch.app import NAME, build
from dispatch.policy import DispatchPolicy
from dispatch.settings import DispatchSettings
from shared.observability.logging import configure_logging
from shared.policy import policy_command
from shared.process import Service, main
from shared.settings import settings_or_exit


def configured() -> Service:
    """Dispatch with the settings of the environment."""
    settings = settings_or_exit(DispatchSettings)
    configure_logging(NAME, level=settings.log_level)
    return build(settings)


def policy(arguments: Sequence[str]) -> int:
    """`policy check [FILE…]`, `policy diff A B`."""
    return policy_command(arguments, DispatchPolicy, in_force=settings_or_exit(DispatchSettings).policy_file)


if __name__ == "__main__":
    sys.exit(main(NAME, build=configured, commands={"policy": policy}))
