"""The base of every section of a policy file, and of whole files."""

from pydantic import BaseModel, ConfigDict, Field


class Policy(BaseModel):
    """A typed section: frozen, and without room for keys that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PolicyFile(Policy):
    """A whole file."""

    operators_to_set: tuple[str, ...] = Field(
        default=(),
        description="dotted keys of the file that its regulation leaves open: whoever runs the suite sets them",
    )
