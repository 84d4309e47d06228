"""`python -m shared.security token --role ROLE`: a bearer token, signed by the one process that holds the private key.

The services verify with the public half and need no other; so what issues tokens is a process of its own, which ends
when it has printed one. Takes the options of `python -m <service> token`. Exit codes: 0 done, 2 not understood, 78 a
setting is wrong.

TOKEN_KEY_FILE     path of a private JWK or PEM key
TOKEN_ISSUER       the `iss` of the token (default: aftersales), which the services' JWT_ISSUER names
TOKEN_AUDIENCE     the `aud` of the token (default: aftersales), which the services' JWT_AUDIENCE names
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.security.token_command import EXIT_REFUSED, token_command
from shared.settings import SettingsOrFiles, settings_or_exit


class IssuerSettings(SettingsOrFiles):
    """What tokens are signed with, and what they say of where they come from."""

    model_config = SettingsConfigDict(env_prefix="TOKEN_", frozen=True, extra="ignore", env_ignore_empty=True)

    key_file: Path = Field(description="path of a private JWK or PEM key")
    issuer: str = Field(default="aftersales", min_length=1, description="the `iss` that the services ask for")
    audience: str = Field(default="aftersales", min_length=1, description="the `aud` that the services ask for")


def main(arguments: Sequence[str]) -> int:
    """Print a token; the exit code."""
    if arguments[:1] != ["token"]:
        sys.stderr.write("usage: python -m shared.security token --role ROLE …\n")
        return EXIT_REFUSED
    settings = settings_or_exit(IssuerSettings)
    return token_command(
        arguments[1:],
        key_file=settings.key_file,
        issuer=settings.issuer,
        audience=settings.audience,
        named_by="TOKEN_KEY_FILE",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
