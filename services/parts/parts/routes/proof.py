"""How a payment provider proves that a report is his: through the same checks as the pushes of calls."""

from collections.abc import Mapping
from datetime import UTC, datetime

from parts.desk import Desk
from parts.policy.payments import ProviderPolicy
from shared.http.problems import NotAuthenticated, NotFound
from shared.security.signatures import is_recent, public_key_fits, timed_body_fits


def require_proof(desk: Desk, *, provider: str, headers: Mapping[str, str], body: bytes) -> None:
    """Raises NotFound for a provider that the policy does not name, NotAuthenticated without his signature."""
    terms = desk.policy.payment_providers.get(provider)
    if terms is None:
        raise NotFound("there is no such payment provider", expected="a provider of the policy's [payment_providers]")
    # real time: providers know no test clock
    if not _proves(terms, secrets=desk.secrets.get(provider, ()), headers=headers, body=body, now=datetime.now(UTC)):
        raise NotAuthenticated(
            "the report does not prove that it comes from this provider",
            expected=f"{terms.signature_header} over {terms.timestamp_header}, `{terms.separator}` and the body, made"
            " with an active secret and not long ago",
            headers={"WWW-Authenticate": 'Signature realm="payments"'},
        )


def _proves(
    terms: ProviderPolicy, *, secrets: tuple[str, ...], headers: Mapping[str, str], body: bytes, now: datetime
) -> bool:
    signature, timestamp = headers.get(terms.signature_header), headers.get(terms.timestamp_header)
    if terms.proof == "public_key":
        return (
            timestamp is not None
            and is_recent(timestamp, now=now, max_age=terms.max_age)
            and public_key_fits(
                signature, body=body, public_keys=secrets, timestamp=timestamp, separator=terms.separator
            )
        )
    return timed_body_fits(
        signature,
        timestamp=timestamp,
        body=body,
        secrets=secrets,
        separator=terms.separator,
        encoding=terms.encoding,
        now=now,
        max_age=terms.max_age,
        prefix=terms.prefix,
    )
