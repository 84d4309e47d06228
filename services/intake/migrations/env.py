from intake.tables import METADATA
from shared.migrations import run_environment

run_environment(METADATA)
