"""`python -m <service> audit verify`: whether the audit log is what was written."""

import asyncio
import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict

from shared.audit import AuditLog, AuditReport
from shared.database import Database


def audit_command(arguments: Sequence[str], *, database: Database, audit: AuditLog) -> int:
    """Carry out the command; the report as JSON on standard output. Exit code: 0 untouched, 1 broken."""
    parser = ArgumentParser(prog="audit", description="The audit log.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("verify", help="compute every hash of the chain again; note `head` elsewhere to compare it later")
    parser.parse_args(arguments)
    report = asyncio.run(_verify(database, audit=audit))
    sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")
    return 1 if report.broken else 0


async def _verify(database: Database, *, audit: AuditLog) -> AuditReport:
    async with database.sessions() as session:
        report = await audit.verify(session)
    await database.close()
    return report
