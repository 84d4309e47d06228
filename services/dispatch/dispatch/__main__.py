"""`python -m dispatch serve | api | worker | migrate`, and the operator's commands."""

import sys

from shared.lasting import lasting

with lasting():
    from dispatch.app import MIGRATIONS, NAME, build
    from dispatch.policy import DispatchPolicy
    from dispatch.settings import DispatchSettings
    from dispatch.tables import AUDIT, SEALED
    from shared.command_line import CommandLine

COMMANDS = CommandLine(
    name=NAME,
    settings=DispatchSettings,
    build=build,
    policy_model=DispatchPolicy,
    audit_tables=AUDIT,
    sealed=SEALED,
    migrations=MIGRATIONS,
)

if __name__ == "__main__":
    sys.exit(COMMANDS.run())
