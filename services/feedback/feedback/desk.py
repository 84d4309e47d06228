"""What every use case of feedback needs besides its unit of work: the rules, the keys, the links, the audit log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feedback.policy import FeedbackPolicy
from shared.audit import AuditLog
from shared.erasure import Erasures
from shared.security.encryption import KeyRing
from shared.security.links import LinkSigner

NOTES = "revisit.notes"
COMMENT = "survey.comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Built once in `app.py`. `public_url` is where customers reach the survey page."""

    policy: FeedbackPolicy
    policy_version: str
    keys: KeyRing
    links: LinkSigner
    public_url: str
    audit: AuditLog
    erasures: Erasures

    def seal(self, text: str, *, place: str, row: UUID) -> str:
        """Encrypt a customer's words for one column (`survey.comment`) of one row; they open nowhere else."""
        return self.keys.seal(text, context=f"{place}/{row}")

    def open(self, sealed: str, *, place: str, row: UUID) -> str:
        """What `seal` made for the same place and row. Raises SealBroken."""
        return self.keys.open(sealed, context=f"{place}/{row}")

    def link(self, survey_id: UUID, *, expires_at: datetime) -> str:
        """The address of the page on which this survey is answered."""
        return f"{self.public_url.rstrip('/')}/survey/{self.links.token(survey_id, expires_at=expires_at)}"
