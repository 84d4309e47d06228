"""Asking whoever types a command whether he means it."""

import sys


def confirmed(question: str) -> bool:
    """Whether a person at a terminal says yes. Anybody else is told about `--yes`."""
    if not sys.stdin.isatty():
        sys.stderr.write(f"{question} Say so with --yes.\n")
        return False
    sys.stderr.write(f"{question} [y/N] ")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
