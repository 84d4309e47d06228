"""Whom to call on site: asked of intake with the token of whoever asks parts."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from parts.domain.supplier_notice import SiteContact
from parts.intake import Intake


class SiteContacts:
    """Intake, as the caller may see it."""

    def __init__(self, intake: Intake, *, authorization: str) -> None:
        self._intake = intake
        self._authorization = authorization

    async def of(self, case_id: UUID, *, purpose: str) -> SiteContact:
        """See `Intake.site_of`. Ask while no transaction is open: intake may take its time."""
        return await self._intake.site_of(case_id, authorization=self._authorization, purpose=purpose)


async def site_contacts_of(request: Request) -> SiteContacts:
    """Those that the caller may see."""
    intake = request.app.state.intake
    if not isinstance(intake, Intake):
        raise TypeError("the application was made without intake")
    return SiteContacts(intake, authorization=request.headers["Authorization"])


type SiteContactsGiven = Annotated[SiteContacts, Depends(site_contacts_of)]
