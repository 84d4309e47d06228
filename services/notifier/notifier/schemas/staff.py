"""The staff directory over HTTP and in spreadsheets."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from notifier.domain.forms import Language, StaffForm, StaffStatus
from shared.http.bodies import Body
from shared.security.roles import ROLES

type StaffNumber = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
type Email = Annotated[
    str, Field(max_length=254, pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")
]


class StaffRecord(Body):
    """A member of the staff (员工); also one line of the spreadsheet."""

    staff_number: StaffNumber = Field(description="the subject of his token", examples=["S07"])
    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\r\n]*$")
    role: str = Field(max_length=40, description=f"what his token carries: {', '.join(ROLES)}")
    email: Email = Field(description="where he is written to")
    language: Language = Field(default=Language.CHINESE, description="in which he is written to")
    status: StaffStatus = StaffStatus.ACTIVE

    def to_form(self) -> StaffForm:
        """As the use cases take it."""
        return StaffForm(
            staff_number=self.staff_number,
            name=self.name,
            role=self.role,
            email=self.email,
            language=self.language,
            status=self.status,
        )


class StaffView(BaseModel):
    """A member of the staff; of the address only so much is shown as tells one from another."""

    id: UUID
    staff_number: str
    name: str
    role: str
    email_label: str = Field(description="masked, for instance `z***@example.com`")
    language: Language
    status: StaffStatus
    created_at: AwareDatetime
    version: int

    @classmethod
    def of(cls, form: StaffForm, *, id_: UUID, created_at: AwareDatetime, version: int) -> Self:
        """What is known of him, his address masked."""
        return cls(
            id=id_,
            staff_number=form.staff_number,
            name=form.name,
            role=form.role,
            email_label=masked(form.email),
            language=form.language,
            status=form.status,
            created_at=created_at,
            version=version,
        )


def masked(email: str) -> str:
    """`zhao.min@example.com` as `z***@example.com`."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}***@{domain}"
