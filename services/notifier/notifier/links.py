"""The links in messages of a ladder: whoever holds one may acknowledge, as the member of the staff whom it was sent to.

A token is the message's id and a digest of message and receiver under a key of the service; nothing of it is stored.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from uuid import UUID

from shared.security.blind_index import BlindIndex

FIELD = "acknowledgement_link"
ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Token:
    """A token that is well formed, of which nothing is proved yet."""

    message_id: UUID
    digest: bytes


def token_for(message_id: UUID, *, staff_number: str, index: BlindIndex) -> str:
    """64 characters for the end of an address."""
    return base64.urlsafe_b64encode(message_id.bytes + _digest(message_id, staff_number, index)).decode()


def read_token(written: str) -> Token | None:
    """The parts of a token; None for what is none."""
    try:
        raw = base64.b64decode(written, altchars=b"-_", validate=True)
        return Token(message_id=UUID(bytes=raw[:ID_BYTES]), digest=raw[ID_BYTES:])
    except (binascii.Error, ValueError):
        return None


def is_genuine(token: Token, *, staff_number: str, index: BlindIndex) -> bool:
    """Whether we made it for this member, compared in constant time."""
    return hmac.compare_digest(token.digest, _digest(token.message_id, staff_number, index))


def _digest(message_id: UUID, staff_number: str, index: BlindIndex) -> bytes:
    return index.digest(message_id.bytes + staff_number.encode(), field=FIELD)
