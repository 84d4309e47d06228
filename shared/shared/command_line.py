"""What `python -m <service>` does: run the service, or one of the operator's commands that every service has."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Column

from shared.audit import AuditLog, AuditTables
from shared.audit_command import audit_command
from shared.database import Database, DatabaseRefuses, database
from shared.erasure_command import erasures_command
from shared.exit_codes import CONFIGURATION_FAULT
from shared.invariants.command import check_command
from shared.messaging.broker import BrokerRefuses
from shared.messaging.dead_command import dead_command
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.relay_command import relay_command
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from shared.migrations import SchemaContracted, head
from shared.observability.logging import configure_logging
from shared.policy import Policy, PolicyError, policy_command
from shared.process import Service, main
from shared.security.encryption import KeyRing
from shared.security.keys_command import keys_command
from shared.security.token_command import token_command
from shared.settings import ServiceSettings, setting, settings_or_exit, variable


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine[Settings: ServiceSettings]:
    """What the commands of one service need to know of it. Settings are read when a command runs, not before."""

    name: str
    settings: type[Settings]
    build: Callable[[Settings], Service]
    policy_model: type[Policy]
    audit_tables: AuditTables
    sealed: Sequence[Column[str]]
    migrations: Path

    def run(self) -> int:
        """`serve | api | worker | migrate | openapi`, or a command; the process's exit code.

        Where a server is there and will not have us, that is a setting that is wrong: one line that names it, and 78.
        """
        commands = {
            "policy": self.policy,
            "dead": self.dead,
            "relay": self.relay,
            "audit": self.audit,
            "check": self.check,
            "keys": self.keys,
            "erasures": self.erasures,
            "token": self.token,
        }
        try:
            return main(self.name, build=self.service, commands=commands)
        except (DatabaseRefuses, SchemaContracted) as refusal:
            fault = setting(self.settings, "database_url").fault(str(refusal))
        except BrokerRefuses as refusal:
            fault = setting(self.settings, "broker_url").fault(str(refusal))
        sys.stderr.write(f"{fault}\n")
        return CONFIGURATION_FAULT

    def service(self) -> Service:
        """The service with the settings of the environment."""
        settings = settings_or_exit(self.settings)
        configure_logging(self.name, level=settings.log_level)
        return self.build(settings)

    def policy(self, arguments: Sequence[str]) -> int:
        """`policy check [FILE…]`, `policy diff A B`; needs no other setting than the file."""
        named_by = variable(self.settings, "policy_file")
        in_force = Path(os.environ.get(named_by) or f"{self.name}.toml")
        return policy_command(arguments, self.policy_model, in_force=in_force, named_by=named_by)

    def dead(self, arguments: Sequence[str]) -> int:
        """`dead list | show | replay | drop`."""
        url = settings_or_exit(self.settings).broker_url
        return dead_command(arguments, letters=DeadLetters(url, service=self.name, topology=CATALOGUE_TOPOLOGY))

    def relay(self, arguments: Sequence[str]) -> int:
        """`relay status | republish`; needs the policy too, for it takes a whole service to say something."""
        service = self._wired()
        configure_logging(self.name, level="CRITICAL")  # the command itself tells what goes wrong
        return relay_command(arguments, database=self._ours(service.database), republishing=service.republishing)

    def audit(self, arguments: Sequence[str]) -> int:
        """`audit verify`."""
        settings = settings_or_exit(self.settings)
        return audit_command(arguments, database=self._database(settings), audit=AuditLog(self.audit_tables))

    def check(self, arguments: Sequence[str]) -> int:
        """`check [--json]`."""
        settings = settings_or_exit(self.settings)
        return check_command(arguments, service=self.name, database=self._database(settings))

    def keys(self, arguments: Sequence[str]) -> int:
        """`keys new | rotate`; a new key needs no setting, for the settings need a key."""

        def opened() -> tuple[Database, KeyRing]:
            settings = settings_or_exit(self.settings)
            return self._database(settings), settings.key_ring

        return keys_command(arguments, opened=opened, columns=self.sealed)

    def erasures(self, arguments: Sequence[str]) -> int:
        """`erasures list | apply`; needs the policy too, for it takes the whole service to forget somebody."""
        service = self._wired()  # no logging: `list` prints JSON and nothing else
        if service.erasures is None:
            sys.stderr.write(f"erasures: {self.name} keeps nothing of customers\n")
            return CONFIGURATION_FAULT
        base = self._ours(service.database)
        return erasures_command(arguments, database=base, works=service.works, erasures=service.erasures)

    def token(self, arguments: Sequence[str]) -> int:
        """`token --role ROLE`; only where the service has a key file, not an issuer."""
        settings = settings_or_exit(self.settings)
        return token_command(
            arguments,
            key_file=settings.jwt_key_file,
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            named_by=variable(self.settings, "jwt_key_file"),
        )

    def _wired(self) -> Service:
        """The service for a command; exits where it cannot be what the settings ask for."""
        try:
            return self.build(settings_or_exit(self.settings))
        except PolicyError as error:
            sys.stderr.write(f"{error}\n")
            raise SystemExit(CONFIGURATION_FAULT) from None

    def _database(self, settings: ServiceSettings) -> Database:
        return self._ours(database(settings.database_url, service=self.name))

    def _ours(self, base: Database) -> Database:
        """The database, for a command to find out first whether this build is too old for its schema."""
        return replace(base, brings=head(self.migrations))
