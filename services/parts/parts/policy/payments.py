"""Who reports payments to parts, and what a receipt says."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from shared.policy import Duration, Policy
from shared.policy.labels import Code, Label
from shared.security.signatures import Encoding


class ProviderPolicy(Policy):
    """A payment provider (支付渠道) that reports payments by signed POSTs to `/v1/push/payments/<its name>`.

    It signs `<timestamp><separator><body>`: `hmac` with SHA-256 and a shared secret, `public_key` (Ed25519, RSA, ECDSA)
    in base64. Secrets or public keys come from `PARTS_PAYMENT_SECRETS`.
    """

    method: Code = Field(description="the payment method of this file that its payments are booked as")
    proof: Literal["hmac", "public_key"] = "hmac"
    signature_header: str = Field(pattern=r"^[a-z][a-z0-9-]{1,60}$", description="in lower case")
    timestamp_header: str = Field(pattern=r"^[a-z][a-z0-9-]{1,60}$", description="in lower case")
    separator: str = Field(default=".", max_length=3)
    encoding: Encoding = "hex"
    prefix: str = Field(default="", max_length=40, description="what stands before the signature, such as `v1=`")
    max_age: Duration = Field(default=timedelta(minutes=5), description="how old a report may be")


class ReceiptPolicy(Policy):
    """What the printed receipt of a deposit (订金收据) says, in both languages."""

    company: Label
    title: Label
    number: Label
    work_order: Label
    amount: Label
    paid_at: Label
    method: Label
    state: Label
    terms: Label = Field(description="small print: when it is refunded (R321)")
    held: Label
    refunded: Label
    forfeited: Label
