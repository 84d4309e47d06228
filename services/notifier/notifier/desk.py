"""What every use case of notifier needs besides its unit of work: the rules, the keys and the audit log."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from notifier.policy import NotifierPolicy
from shared.audit import AuditLog
from shared.security.blind_index import BlindIndex
from shared.security.encryption import KeyRing
from shared.security.links import LinkSigner

NAME = "staff_name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Built once in `app.py`."""

    policy: NotifierPolicy
    policy_version: str
    keys: KeyRing
    index: BlindIndex
    links: LinkSigner
    audit: AuditLog

    def seal(self, text: str, *, place: str, row: UUID) -> str:
        """Encrypt `text` for one column (`staff_member.name`) of one row; it opens nowhere else."""
        return self.keys.seal(text, context=f"{place}/{row}")

    def open(self, sealed: str, *, place: str, row: UUID) -> str:
        """What `seal` made for the same place and row. Raises SealBroken."""
        return self.keys.open(sealed, context=f"{place}/{row}")

    def seal_facts(self, facts: Mapping[str, object], *, place: str, row: UUID) -> str:
        """What an event said, for as long as a text may have to be written from it."""
        return self.seal(json.dumps(facts, ensure_ascii=False), place=place, row=row)

    def open_facts(self, sealed: str, *, place: str, row: UUID) -> dict[str, object]:
        """What `seal_facts` sealed."""
        facts: dict[str, object] = json.loads(self.open(sealed, place=place, row=row))
        return facts

    def name_index(self, name: str) -> bytes:
        """The digest under which members of this whole name are found."""
        return self.index.of(name, field=NAME)
