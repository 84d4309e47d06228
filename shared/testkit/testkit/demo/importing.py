"""How long a service's imports take, which bounds how fast it can be ready."""

import subprocess
import sys
import time


def import_seconds(service: str) -> float:
    """Seconds of wall time from starting Python to everything imported that the service needs."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", f"import {service}.app"], check=True)
    return time.monotonic() - began
