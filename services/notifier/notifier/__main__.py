"""`python -m notifier serve | api | worker | migrate`, and the operator's commands."""

import sys

from shared.lasting import lasting

with lasting():
    from notifier.app import MIGRATIONS, NAME, build
    from notifier.policy import NotifierPolicy
    from notifier.settings import NotifierSettings
    from notifier.tables import AUDIT, SEALED
    from shared.command_line import CommandLine

COMMANDS = CommandLine(
    name=NAME,
    settings=NotifierSettings,
    build=build,
    policy_model=NotifierPolicy,
    audit_tables=AUDIT,
    sealed=SEALED,
    migrations=MIGRATIONS,
)

if __name__ == "__main__":
    sys.exit(COMMANDS.run())
