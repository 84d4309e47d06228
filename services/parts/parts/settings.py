"""What parts is told from outside: environment variables `PARTS_…`."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


def _named_secrets(text: str) -> str:
    for one in _entries(text):
        name, _, secret = one.partition(":")
        if not name or not secret:
            raise ValueError("provider:secret, several with commas between; a provider twice while it is rotated")
    return text


def _entries(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


class PartsSettings(ServiceSettings):
    """The settings of every service, the secrets of payment providers, and where intake is.

    Intake alone knows whom to call on site.
    """

    model_config = SettingsConfigDict(env_prefix="PARTS_")

    payment_secrets: Annotated[str, AfterValidator(_named_secrets)] = Field(
        default="",
        repr=False,
        description="`provider:secret` of those that report payments, with commas between; or their public keys",
    )

    payment_reports_kept_days: int = Field(
        default=180, ge=1, le=3650, description="days for which payment reports are kept as they came, 1 to 3650"
    )

    intake_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/]+",
        description="http(s)://host of intake, whose contact data a supplier notice holds; none is written without",
    )

    @property
    def secrets_of_providers(self) -> Mapping[str, tuple[str, ...]]:
        """The active secrets by provider, in the order in which they are given."""
        found: dict[str, tuple[str, ...]] = {}
        for one in _entries(self.payment_secrets):
            name, _, secret = one.partition(":")
            found[name] = (*found.get(name, ()), secret)
        return found
