"""Contact data, raw pushes and stored answers at rest: AES-256-GCM under a ring of keys.

A sealed value is `v1.<key id>.<base64url of nonce, ciphertext and tag>`. The context (table, column, row) is
authenticated with it, so that a value copied into another row or column does not open.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from types import MappingProxyType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12


class SealBroken(ValueError):
    """The value was not sealed with a key of the ring for this context, or was changed since."""


class KeyRing:
    """Seals with the active key, opens with any: keys are rotated by putting a new one in front.

    Written as `id:base64,id:base64`; ids are letters, digits, `-` and `_`, keys are 32 bytes, the first is active.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise ValueError("at least one key, written as id:base64")
        for key_id, key in keys.items():
            if not key_id or not key_id.replace("-", "").replace("_", "").isalnum():
                raise ValueError("key ids of letters, digits, - and _")
            if len(key) != KEY_BYTES:
                raise ValueError(f"keys of {KEY_BYTES} bytes; key {key_id} has {len(key)}")
        self._keys = MappingProxyType({key_id: AESGCM(key) for key_id, key in keys.items()})
        self.active = next(iter(keys))

    def __repr__(self) -> str:
        return f"KeyRing(ids={list(self._keys)})"

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read `id:base64,id:base64`. Raises ValueError that says what is wrong without showing a key."""
        keys: dict[str, bytes] = {}
        for entry in text.split(","):
            key_id, colon, encoded = entry.strip().partition(":")
            if not colon or key_id in keys:
                raise ValueError("id:base64 entries with different ids, separated by commas")
            keys[key_id] = decoded_key(encoded)
        return cls(keys)

    def seal(self, text: str, *, context: str) -> str:
        """Encrypt `text` for the place that `context` names, for instance `customer.phone/0192…`."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._keys[self.active].encrypt(
            nonce, text.encode("utf-8", "surrogatepass"), _bound(self.active, context=context)
        )
        return f"{FORMAT}.{self.active}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, *, context: str) -> str:
        """Decrypt what `seal` made for the same context. Raises SealBroken."""
        version, _, rest = sealed.partition(".")
        key_id, _, encoded = rest.partition(".")
        if version != FORMAT or key_id not in self._keys:
            raise SealBroken(f"no key of the ring opens a value of format {version[:8]!r} and key {key_id[:40]!r}")
        try:
            raw = base64.b64decode(encoded, altchars=b"-_", validate=True)
            plain = self._keys[key_id].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(key_id, context=context))
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"a value sealed with key {key_id!r} does not open here") from error
        return plain.decode("utf-8", "surrogatepass")

    @property
    def mark(self) -> str:
        """How everything begins that the active key sealed."""
        return f"{FORMAT}.{self.active}."

    def is_current(self, sealed: str) -> bool:
        """Whether the active key sealed it."""
        return sealed.startswith(self.mark)

    def reseal(self, sealed: str, *, context: str) -> str:
        """The same text under the active key; what is current already stays as it is."""
        return sealed if self.is_current(sealed) else self.seal(self.open(sealed, context=context), context=context)


def new_key() -> str:
    """A random key as base64, for a settings file."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def decoded_key(encoded: str) -> bytes:
    """32 bytes from base64. Raises ValueError without showing them."""
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ValueError("keys in base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"keys of {KEY_BYTES} bytes in base64; this one has {len(key)}")
    return key


def _bound(key_id: str, *, context: str) -> bytes:
    return f"{FORMAT}.{key_id}|{context}".encode()
