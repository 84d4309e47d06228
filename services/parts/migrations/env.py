"""How parts's schema is brought up to date: `python -m parts migrate`."""

from parts.tables import METADATA
from shared.migrations import run_environment

run_environment(METADATA)
