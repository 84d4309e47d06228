"""`python -m feedback serve | api | worker | migrate`, and the operator's commands."""

import sys

from shared.lasting import lasting

with lasting():
    from feedback.app import MIGRATIONS, NAME, build
    from feedback.policy import FeedbackPolicy
    from feedback.settings import FeedbackSettings
    from feedback.tables import AUDIT, SEALED
    from shared.command_line import CommandLine

COMMANDS = CommandLine(
    name=NAME,
    settings=FeedbackSettings,
    build=build,
    policy_model=FeedbackPolicy,
    audit_tables=AUDIT,
    sealed=SEALED,
    migrations=MIGRATIONS,
)

if __name__ == "__main__":
    sys.exit(COMMANDS.run())
