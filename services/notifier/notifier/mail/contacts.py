"""Where a customer is reached: asked of intake at the moment of sending, and kept nowhere."""

from uuid import UUID

import httpx
from pydantic import BaseModel, ValidationError

from notifier.domain.forms import Language
from notifier.domain.sending import FailureReason, Never, NotNow
from notifier.use_cases.claim_messages import Addressee

PURPOSE = "notice"
"""What intake writes into its audit log each time."""

GONE = frozenset({httpx.codes.NOT_FOUND, httpx.codes.GONE})


class Contact(BaseModel):
    """What is needed of what intake answers."""

    name: str
    email: str | None = None


class Contacts:
    """Asks intake, with a machine's token that may read contact data."""

    def __init__(self, client: httpx.AsyncClient, *, language: Language) -> None:
        self._client = client
        self._language = language

    async def of(self, customer_id: UUID) -> Addressee | NotNow | Never:
        """Whom to write to. A customer who is not known or was erased, or who has no address, is never written to."""
        try:
            answer = await self._client.get(f"/v1/customers/{customer_id}/contact", params={"purpose": PURPOSE})
        except httpx.HTTPError as error:
            return NotNow("intake_timeout" if isinstance(error, httpx.TimeoutException) else "intake_unreachable")
        if answer.status_code in GONE:
            return Never(FailureReason.UNKNOWN_CUSTOMER, f"intake_{answer.status_code}")
        if answer.status_code != httpx.codes.OK:
            return NotNow(f"intake_{answer.status_code}")
        try:
            contact = Contact.model_validate_json(answer.content)
        except ValidationError:
            return NotNow("intake_unreadable")
        if not contact.email:
            return Never(FailureReason.NO_ADDRESS, "intake_200")
        return Addressee(name=contact.name, email=contact.email, language=self._language)
