"""The base of every section of a policy file."""

from pydantic import BaseModel, ConfigDict


class Policy(BaseModel):
    """A typed section: frozen, and without room for keys that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")
