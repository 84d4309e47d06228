"""Keys of tokens in a file: a JWK, a JWK set or PEM. A public one verifies tokens, a private one signs them too.

A set is for whoever only verifies: while a key is exchanged it holds the old one and the new one.
"""

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, KeySet, OKPKey, RSAKey

ALGORITHM_OF_CURVE = {"P-256": "ES256", "P-384": "ES384", "Ed25519": "Ed25519"}
OF_RSA = "RS256"
EXPECTED = "a JWK, a JWK set, or PEM, of an elliptic curve (P-256, P-384), RSA or Ed25519"


def read_keys(path: Path) -> tuple[Key, ...]:
    """The keys, at least one. Raises OSError, and ValueError that never quotes the file."""
    text = path.read_text(errors="replace")
    try:
        keys = _of_json(text) if text.lstrip().startswith("{") else (_of_pem(text.encode()),)
        for key in keys:
            algorithm_of(key)
    except (JoseError, ValueError, TypeError, KeyError):
        raise ValueError(f"it holds no key; it may hold {EXPECTED}") from None
    return keys


def read_key(path: Path) -> Key:
    """The first key, which is the one that signs. Raises OSError, and ValueError that never quotes the file."""
    return read_keys(path)[0]


def public_set(path: Path) -> str:
    """The public halves of the keys in the file, as a JWK set in JSON. Raises as `read_keys`."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in read_keys(path)]}, indent=2)


def algorithm_of(key: Key) -> str:
    """What the key signs with. Raises KeyError for a key that no token is signed with here."""
    return OF_RSA if isinstance(key, RSAKey) else ALGORITHM_OF_CURVE[str(key.as_dict(private=False).get("crv"))]


def _of_json(text: str) -> tuple[Key, ...]:
    found = json.loads(text)
    if "keys" in found:
        return tuple(KeySet.import_key_set(found).keys)
    return (JWKRegistry.import_key(found),)


def _of_pem(text: bytes) -> Key:
    try:
        loaded: PrivateKeyTypes | PublicKeyTypes = load_pem_private_key(text, password=None)
    except ValueError:
        loaded = load_pem_public_key(text)
    match loaded:
        case EllipticCurvePrivateKey() | EllipticCurvePublicKey():
            return ECKey.import_key(text)
        case RSAPrivateKey() | RSAPublicKey():
            return RSAKey.import_key(text)
        case _:
            return OKPKey.import_key(text)
