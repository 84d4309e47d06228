"""How notifier's schema is brought up to date: `python -m notifier migrate`."""

from notifier.tables import METADATA
from shared.migrations import run_environment

run_environment(METADATA)
