"""Links that people open without signing in: what they may do there stands in the link, signed and for a time.

The token is 56 characters of base64url: the id of the thing (16 bytes), the second at which it expires (8), and the
first 18 bytes of an HMAC-SHA256 over both. It needs no table, and tells nothing of whoever holds it.
"""

import base64
import binascii
import hmac
from datetime import UTC, datetime
from uuid import UUID

from shared.security.blind_index import BlindIndex

ID_BYTES = 16
SIGNED_BYTES = 24
MAC_BYTES = 18
TOKEN_LENGTH = (SIGNED_BYTES + MAC_BYTES) * 4 // 3
LATEST = 253_402_300_799
"""The last second of the year 9999, as `datetime` counts."""


class LinkForged(ValueError):
    """Nobody here signed this token for this purpose."""


class LinkExpired(ValueError):
    """It was signed here for `subject`, and its time is over."""

    def __init__(self, subject: UUID) -> None:
        super().__init__("the time of this link is over")
        self.subject = subject


class LinkSigner:
    """Signs and reads the tokens of one purpose: `survey`, `acknowledgement`. One of another purpose is forged.

    The key is derived from the service's blind-index key, which never changes: a link that a customer was sent must
    not die because the encryption keys were rotated.
    """

    def __init__(self, index: BlindIndex, *, purpose: str) -> None:
        self._key = index.digest(purpose.encode(), field="link")

    def __repr__(self) -> str:
        return "LinkSigner()"

    def token(self, subject: UUID, *, expires_at: datetime) -> str:
        """The token for a thing; it is valid until before `expires_at`, counted in whole seconds."""
        signed = subject.bytes + int(expires_at.timestamp()).to_bytes(SIGNED_BYTES - ID_BYTES)
        return base64.urlsafe_b64encode(signed + self._mac(signed)).decode()

    def read(self, token: str, *, now: datetime) -> UUID:
        """The thing that the token is for. Raises LinkForged, and LinkExpired from `expires_at` on."""
        signed = self._signed(token)
        subject, expires = UUID(bytes=signed[:ID_BYTES]), int.from_bytes(signed[ID_BYTES:])
        if expires > LATEST or now >= datetime.fromtimestamp(expires, UTC):
            raise LinkExpired(subject)
        return subject

    def _signed(self, token: str) -> bytes:
        """What the token says, once its signature was found to be ours; compared in constant time."""
        try:
            raw = base64.b64decode(token, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise LinkForged("this is no token") from None
        signed, mac = raw[:SIGNED_BYTES], raw[SIGNED_BYTES:]
        genuine = hmac.compare_digest(mac, self._mac(signed))
        if not genuine or base64.urlsafe_b64encode(raw).decode() != token:  # one spelling only
            raise LinkForged("nobody here signed this token")
        return signed

    def _mac(self, signed: bytes) -> bytes:
        return hmac.digest(self._key, signed, "sha256")[:MAC_BYTES]
