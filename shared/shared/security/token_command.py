"""`python -m <service> token`: a bearer token signed with the service's own key file.

For development, for machines of a single deployment, and for trying a route. Where an issuer publishes its keys
(`JWT_JWKS_URL`), tokens come from there and nobody else can make one.
"""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.exit_codes import CONFIGURATION_FAULT
from shared.policy.durations import parse_duration
from shared.security.roles import MACHINE, ROLES, SCOPES, granted
from shared.security.tokens import LIFETIME_SECONDS, mint_token

EXIT_OK = 0
EXIT_REFUSED = 2


def token_command(arguments: Sequence[str], *, key_file: Path | None, issuer: str, audience: str, named_by: str) -> int:
    """Print a token. `named_by` is the environment variable that names `key_file`.

    Exit code: 0 done, 2 not understood or more than the role may do, 78 where there is no private key to sign with.
    """
    chosen = read_arguments(arguments)
    scopes = granted(chosen.role, claimed=chosen.scope)
    if problem := _problem(chosen, scopes=scopes):
        sys.stderr.write(f"token: {problem}\n")
        return EXIT_REFUSED
    if key_file is None:
        sys.stderr.write(
            f"{named_by}: is missing, so tokens come from the issuer; it may be: path of a private JWK or PEM key\n"
        )
        return CONFIGURATION_FAULT
    expires_at = datetime.now(UTC) + chosen.valid
    try:
        token = mint_token(
            key_file,
            subject=chosen.subject,
            role=chosen.role,
            issuer=issuer,
            audience=audience,
            scope=chosen.scope,
            lifetime_seconds=int(chosen.valid.total_seconds()),
        )
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{named_by}: {error}; it may be: path of a private JWK or PEM key\n")
        return CONFIGURATION_FAULT
    _tell(token, scopes=sorted(scopes), expires_at=expires_at, chosen=chosen)
    return EXIT_OK


def read_arguments(arguments: Sequence[str]) -> Namespace:
    """What the command line asks for; exits with its usage where that cannot be understood."""
    parser = ArgumentParser(prog="token", description="A bearer token signed with the service's key file.")
    parser.add_argument("--role", required=True, choices=[*ROLES, MACHINE], metavar="ROLE", help=", ".join(ROLES))
    parser.add_argument("--subject", help="whom it stands for, a staff number for instance (default: ROLE-1)")
    parser.add_argument("--scope", help="names separated by blanks: all that a machine may do; narrows a person's role")
    parser.add_argument(
        "--valid",
        type=_lifetime,
        default=timedelta(seconds=LIFETIME_SECONDS),
        help="for how long: 30m, 8h, 30d (default: 12h)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    chosen = parser.parse_args(arguments)
    chosen.subject = chosen.subject or f"{chosen.role}-1"
    return chosen


def _lifetime(written: str) -> timedelta:
    try:
        lifetime = parse_duration(written)
    except ValueError as error:
        raise ArgumentTypeError(f"{written!r} is not {error}") from None
    if not lifetime:
        raise ArgumentTypeError("a token has to be valid for a while")
    return lifetime


def _problem(chosen: Namespace, *, scopes: frozenset[str]) -> str | None:
    if chosen.scope is None:
        return "a machine may do what --scope says and nothing else" if chosen.role == MACHINE else None
    asked = frozenset(chosen.scope.split())
    if unknown := sorted(asked - SCOPES):
        return f"no scope {', '.join(unknown)}; there are {', '.join(sorted(SCOPES))}"
    if beyond := sorted(asked - scopes):
        return (
            f"the role {chosen.role} does not have {', '.join(beyond)}; it has {', '.join(sorted(ROLES[chosen.role]))}"
        )
    return None


def _tell(token: str, *, scopes: Sequence[str], expires_at: datetime, chosen: Namespace) -> None:
    if not chosen.json:
        sys.stdout.write(f"{token}\n")
        return
    told = {
        "token": token,
        "subject": chosen.subject,
        "role": chosen.role,
        "scopes": list(scopes),
        "expires_at": expires_at.isoformat(timespec="seconds"),
    }
    sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
