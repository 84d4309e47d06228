"""A payment provider (支付渠道) of the profile `standard`, who signs what he reports."""

import hashlib
import hmac
from datetime import UTC, datetime

SECRET = "a secret of the gateway"  # of nobody
SECRETS = f"gateway:{SECRET}"
"""What `PARTS_PAYMENT_SECRETS` has to say to know him."""
PATH = "/v1/push/payments/gateway"


def signed(body: bytes, *, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    """The headers of a report, signed at an instant of real time."""
    timestamp = str(int((at or datetime.now(UTC)).timestamp()))
    signature = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"x-signature": signature, "x-timestamp": timestamp, "content-type": "application/json"}
