"""The envelope round every event: CloudEvents 1.0 attribute names with the suite's extensions.

On the wire (binary mode) each attribute is a header `cloudEvents_<name>` and the event is the JSON body; the AMQP
`message_id` is the envelope's `id` and the AMQP `type` its `type`.
"""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Event(BaseModel):
    """Something that happened. Readers ignore fields they do not know; writers write every field they have.

    `TYPE` is the full name with publisher and version, `SUBJECT` names what the event is about: the kind of thing and
    the field that holds its id. Events of one subject leave their service in order.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str]
    SUBJECT: ClassVar[tuple[str, str]]

    @property
    def subject(self) -> str:
        """`case/<id>`, `call/<id>`, `work_order/<id>`: the key under which order is kept."""
        kind, field = self.SUBJECT
        return f"{kind}/{getattr(self, field)}"


class Envelope(BaseModel):
    """What is known about an event without reading it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: UUID = Field(description="uuid7; the same at every redelivery")
    type: str = Field(description="`<publisher>.<event>.v<n>`", pattern=r"^[a-z]+\.[a-z_]+\.v[0-9]+$")
    source: str = Field(description="the publishing service")
    subject: str = Field(description="`<kind>/<id>`: the thing the event is about")
    time: AwareDatetime = Field(description="when it happened, UTC")
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: int = Field(description="1, 2, 3 … within the subject, without gaps", ge=1)
    correlationid: UUID = Field(description="the case, or the call where there is no case yet")
    causationid: UUID | None = Field(default=None, description="id of the event that led to this one")
    traceparent: str | None = Field(default=None, description="W3C trace context of the transaction that said it")
    policyversion: str = Field(description="hash of the policy file that was in force")
