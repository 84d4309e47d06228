"""How feedback's schema is brought up to date: `python -m feedback migrate`."""

from feedback.tables import METADATA
from shared.migrations import run_environment

run_environment(METADATA)
