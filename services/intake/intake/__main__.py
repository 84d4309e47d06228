"""`python -m intake serve | api | worker | migrate`, and the operator's commands."""

import sys

from shared.lasting import lasting

with lasting():
    from intake.app import MIGRATIONS, NAME, build
    from intake.policy import IntakePolicy
    from intake.settings import IntakeSettings
    from intake.tables import AUDIT, SEALED
    from shared.command_line import CommandLine

COMMANDS = CommandLine(
    name=NAME,
    settings=IntakeSettings,
    build=build,
    policy_model=IntakePolicy,
    audit_tables=AUDIT,
    sealed=SEALED,
    migrations=MIGRATIONS,
)

if __name__ == "__main__":
    sys.exit(COMMANDS.run())
