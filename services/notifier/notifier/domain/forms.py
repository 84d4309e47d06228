"""What people fill in, as the use cases take it: texts trimmed, types right, nothing decided."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """In which a message is written."""

    CHINESE = "zh-CN"
    ENGLISH = "en"


class StaffStatus(StrEnum):
    """Whether somebody works here; whoever left is told nothing."""

    ACTIVE = "active"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffForm:
    """A member of the staff (R001): `staff_number` is the subject of his token, `role` what the token carries."""

    staff_number: str
    name: str
    role: str
    email: str
    language: Language
    status: StaffStatus
