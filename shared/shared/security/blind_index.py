"""Finding encrypted values without storing them: a keyed digest of the normalised value stands in an index."""

import hashlib
import hmac
import unicodedata

from shared.security.encryption import decoded_key


class BlindIndex:
    """HMAC-SHA256 under its own key, apart from the key ring: rotating keys leaves the index as it is."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "BlindIndex()"

    @classmethod
    def parse(cls, text: str) -> "BlindIndex":
        """Read a key of 32 bytes in base64. Raises ValueError without showing it."""
        return cls(decoded_key(text.strip()))

    def of(self, value: str, *, field: str) -> bytes:
        """32 bytes for `value` as stored in `field`, equal for spellings that `normalised` makes equal.

        A phone number belongs here in E.164 form: the caller decides what the same number is.
        """
        return self.digest(normalised(value).encode("utf-8", "surrogatepass"), field=field)

    def digest(self, raw: bytes, *, field: str) -> bytes:
        """32 bytes for `raw` as it is; `field` keeps equal values of different columns apart."""
        return hmac.new(self._key, field.encode() + b"\x00" + raw, hashlib.sha256).digest()


def normalised(value: str) -> str:
    """One spelling for what people take for the same: compatibility forms, case and blanks make no difference."""
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())
