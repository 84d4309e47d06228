"""What every use case of intake works with: the policy in force and the keys to what is sealed."""

from dataclasses import dataclass
from uuid import UUID

from intake.domain.numbers import PhoneNumber
from intake.policy import IntakePolicy
from shared.audit import AuditLog
from shared.clocks.keeping import Clocks
from shared.erasure import Erasures
from shared.security.blind_index import BlindIndex
from shared.security.encryption import KeyRing

NUMBER = "phone"
NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One per process, made in `app.py`. `policy_version` is the hash of the file that holds `policy`."""

    policy: IntakePolicy
    policy_version: str
    keys: KeyRing
    index: BlindIndex
    audit: AuditLog
    clocks: Clocks
    erasures: Erasures

    def seal(self, text: str, *, place: str, row: UUID | str) -> str:
        """Encrypt `text` for one column (`customer.name`) of one row; it opens nowhere else."""
        return self.keys.seal(text, context=f"{place}/{row}")

    def open(self, sealed: str, *, place: str, row: UUID | str) -> str:
        """What `seal` made for the same place and row; nothing where it was destroyed. Raises SealBroken."""
        return sealed and self.keys.open(sealed, context=f"{place}/{row}")

    def number_index(self, number: PhoneNumber) -> bytes | None:
        """The digest under which calls and customers of this number are found; hidden callers have none."""
        return None if number.normal is None else self.index.of(number.normal, field=NUMBER)

    def name_index(self, name: str) -> bytes:
        """The digest under which customers of this whole name are found."""
        return self.index.of(name, field=NAME)
