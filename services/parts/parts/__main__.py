"""`python -m parts serve | api | worker | migrate`, and the operator's commands."""

import sys

from shared.lasting import lasting

with lasting():
    from parts.app import MIGRATIONS, NAME, build
    from parts.policy import PartsPolicy
    from parts.settings import PartsSettings
    from parts.tables import AUDIT, SEALED
    from shared.command_line import CommandLine

COMMANDS = CommandLine(
    name=NAME,
    settings=PartsSettings,
    build=build,
    policy_model=PartsPolicy,
    audit_tables=AUDIT,
    sealed=SEALED,
    migrations=MIGRATIONS,
)

if __name__ == "__main__":
    sys.exit(COMMANDS.run())
