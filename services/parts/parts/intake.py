"""Where a case's equipment stands and whom to call there: asked of intake at the moment of use, and kept nowhere.

Intake is asked with the token of whoever asks parts. So it shows nobody more than he may see, and its audit log names
him with his purpose.
"""

from uuid import UUID

import httpx
from pydantic import BaseModel, ValidationError

from parts.domain.supplier_notice import SiteContact
from shared.http.problems import Unavailable
from shared.refusals import Destroyed, NotAllowed, Refusal, Unknown

PATIENCE_SECONDS = 5.0


class _Case(BaseModel):
    """What is needed of what intake says of a case."""

    customer_id: UUID
    site_id: UUID


class _Site(BaseModel):
    site_id: UUID
    address: str


class _Problem(BaseModel):
    """What is needed of what intake refuses."""

    expected: str


class _Contact(BaseModel):
    """What is needed of what intake says of a customer."""

    name: str
    phones: list[str]
    sites: list[_Site]


class Intake:
    """Built once in `app.py`; `url` is None where parts was not told where intake is."""

    def __init__(self, url: str | None) -> None:
        self._url = url

    async def site_of(self, case_id: UUID, *, authorization: str, purpose: str) -> SiteContact:
        """Address, name and number on site; empty what intake does not have.

        `authorization` is the header of whoever asks. Raises NotAllowed where he may not see it, Unknown, Destroyed
        where the customer was erased, Refusal for a purpose that intake does not know, and Unavailable while intake
        cannot be asked.
        """
        if self._url is None:
            raise _unavailable("parts was not told where intake is: PARTS_INTAKE_URL")
        headers = {"Authorization": authorization}
        async with httpx.AsyncClient(base_url=self._url, headers=headers, timeout=PATIENCE_SECONDS) as client:
            case = await _asked(client, f"/v1/cases/{case_id}", model=_Case, purpose=None)
            contact = await _asked(client, f"/v1/customers/{case.customer_id}/contact", model=_Contact, purpose=purpose)
        addresses = [site.address for site in contact.sites if site.site_id == case.site_id]
        return SiteContact(
            address=addresses[0] if addresses else "",
            contact=contact.name,
            phone=contact.phones[0] if contact.phones else "",
        )


async def _asked[Model: BaseModel](
    client: httpx.AsyncClient, path: str, *, model: type[Model], purpose: str | None
) -> Model:
    try:
        answer = await client.get(path, params=None if purpose is None else {"purpose": purpose})
    except httpx.HTTPError as error:
        raise _unavailable("intake cannot be reached") from error
    match answer.status_code:
        case httpx.codes.OK:
            pass
        case httpx.codes.UNAUTHORIZED:
            raise NotAllowed(
                "contact_not_shown",
                detail="intake does not know whoever asks",
                expected="a token that intake accepts as well, with the scopes cases:read and contacts:read",
            )
        case httpx.codes.FORBIDDEN:
            raise NotAllowed(
                "contact_not_shown",
                detail="intake does not show this contact to whoever asks, or not for this purpose",
                expected=_read(answer, model=_Problem).expected,
            )
        case httpx.codes.NOT_FOUND:
            raise Unknown("unknown_case", detail="intake knows no such case", expected="a case_id of intake")
        case httpx.codes.GONE:
            raise Destroyed(
                "customer_erased", detail="the customer was erased", expected="no notice about his site any more"
            )
        case httpx.codes.UNPROCESSABLE_ENTITY:
            raise Refusal(
                "purpose_not_known",
                detail="intake shows contact data for no such purpose",
                expected=_read(answer, model=_Problem).expected,
            )
        case _:
            raise _unavailable(f"intake answered with {answer.status_code}")
    return _read(answer, model=model)


def _read[Model: BaseModel](answer: httpx.Response, *, model: type[Model]) -> Model:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        raise _unavailable("what intake answered cannot be read") from error


def _unavailable(detail: str) -> Unavailable:
    return Unavailable(detail, expected="the same request again in a moment", headers={"Retry-After": "5"})
