"""How dispatch's schema is brought up to date: `python -m dispatch migrate`."""

from dispatch.tables import METADATA
from shared.migrations import run_environment

run_environment(METADATA)
