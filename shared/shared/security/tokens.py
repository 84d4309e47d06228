"""Bearer tokens of staff and machines: signed JWTs with issuer, audience, subject, role and, where narrower, scopes.

Tokens live on real time: moving the business clock neither expires nor revives one.
"""

import base64
import json
import os
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from joserfc import jwt
from joserfc.errors import BadSignatureError, ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import ECKey, Key, KeySet
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.actor import Actor
from shared.http.problems import NotAuthenticated
from shared.security.key_file import algorithm_of, read_key, read_keys
from shared.security.roles import MACHINE, granted

ALGORITHMS = ("ES256", "ES384", "RS256", "PS256", "Ed25519")
LEEWAY_SECONDS = 10
LIFETIME_SECONDS = 12 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who calls, and what he may do."""

    actor: Actor
    scopes: frozenset[str]


class TokenKeys(Protocol):
    """Where the keys come from that verify tokens."""

    async def find(self, kid: str | None) -> Key:
        """The key with this id. Raises JoseError where there is none, Unavailable where none can be had now."""


class LocalKey:
    """What a file holds: a private or public JWK, a JWK set, or PEM. For development and for single deployments."""

    def __init__(self, path: Path) -> None:
        self._keys = KeySet(list(read_keys(path)))

    async def find(self, kid: str | None) -> Key:
        """The one key, whatever the id: a token of another key fails by its signature. Of a set the one with the id."""
        one, *others = self._keys.keys
        return self._keys.get_by_kid(kid) if others else one


class Claims(BaseModel):
    """What a token must say besides issuer, audience and times."""

    model_config = ConfigDict(frozen=True)

    sub: str = Field(min_length=1, max_length=200)
    role: str = Field(min_length=1, max_length=60)
    scope: str | None = Field(default=None, max_length=2000)


class Tokens:
    """Reads bearer tokens of one issuer for one audience."""

    def __init__(self, keys: TokenKeys, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience

    async def read(self, token: str) -> Principal:
        """Who sent it. Raises NotAuthenticated, which says whether it is expired, not ours or not a token."""
        try:
            key_id = _key_id(token)
            decoded = jwt.decode(token, await self._keys.find(key_id), algorithms=ALGORITHMS)
            self._registry().validate(decoded.claims)
            claims = Claims.model_validate(decoded.claims)
        except ExpiredTokenError:
            raise refused_token("the token is expired", expected="a fresh token") from None
        except BadSignatureError:
            raise refused_token("the signature does not fit", expected="a token signed by the issuer's key") from None
        except (InvalidClaimError, MissingClaimError) as error:
            raise refused_token(
                f"a claim is wrong: {error.description}"[:200],
                expected=f"iss {self._issuer}, aud {self._audience}, exp in the future, nbf in the past",
            ) from None
        except (JoseError, ValidationError, ValueError, TypeError, KeyError, RecursionError):
            raise refused_token(
                "the token is malformed", expected=f"a JWT signed with {', '.join(ALGORITHMS)} that has sub and role"
            ) from None
        kind: Literal["machine", "person"] = "machine" if claims.role == MACHINE else "person"
        return Principal(
            actor=Actor(kind=kind, id=claims.sub, role=claims.role), scopes=granted(claims.role, claimed=claims.scope)
        )

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
        )


def refused_token(detail: str, *, expected: str) -> NotAuthenticated:
    """401 with the challenge that RFC 6750 asks for."""
    challenge = f'Bearer realm="aftersales", error="invalid_token", error_description="{detail}"'
    return NotAuthenticated(
        detail,
        expected=f"Authorization: Bearer <token>, with {expected}",
        headers={"WWW-Authenticate": challenge.encode("ascii", "replace").decode()},
    )


def create_key_file(path: Path) -> Path:
    """Make a private key that only its owner can read, or keep the one that is there. Safe to call in parallel."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = ECKey.generate_key("P-256", {"kid": secrets.token_hex(4), "use": "sig", "alg": "ES256"})
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(key.as_dict(private=True), file)
    with suppress(FileExistsError):
        path.hardlink_to(fresh)
    fresh.unlink()
    return path


def mint_token(
    key_file: Path,
    *,
    subject: str,
    role: str,
    issuer: str,
    audience: str,
    scope: str | None = None,
    lifetime_seconds: int = LIFETIME_SECONDS,
) -> str:
    """A token signed with the private key in `key_file`. Raises ValueError where there is none in it."""
    key = read_key(key_file)
    if not key.is_private:
        raise ValueError("the key can verify tokens and not sign them")
    now = int(time.time())
    claims: dict[str, str | int] = {
        "iss": issuer,
        "aud": audience,
        "sub": subject,
        "role": role,
        "iat": now,
        "nbf": now,
        "exp": now + lifetime_seconds,
    }
    if scope is not None:
        claims["scope"] = scope
    header = {"alg": algorithm_of(key)} | ({"kid": key.kid} if key.kid else {})
    return jwt.encode(header, claims, key, algorithms=ALGORITHMS)


def _key_id(token: str) -> str | None:
    encoded = token.partition(".")[0]
    header = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    kid = header.get("kid") if isinstance(header, dict) else None
    return kid if isinstance(kid, str) else None
