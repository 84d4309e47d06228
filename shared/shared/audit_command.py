"""`python -m <service> audit verify`: whether the audit log is what was written."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict

from shared.audit import AuditLog, AuditReport
from shared.database import Database
from shared.database_command import run_on


def audit_command(arguments: Sequence[str], *, database: Database, audit: AuditLog) -> int:
    """Carry out the command; the report as JSON on standard output. Exit code: 0 untouched, 1 broken."""
    parser = ArgumentParser(prog="audit", description="The audit log.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("verify", help="compute every hash of the chain again; note `head` elsewhere to compare it later")
    parser.parse_args(arguments)

    async def verify(opened: Database) -> AuditReport:
        async with opened.sessions() as session:
            return await audit.verify(session)

    report = run_on(database, verify)
    sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")
    return 1 if report.broken else 0
