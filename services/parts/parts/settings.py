"""What parts is told from outside: environment variables `PARTS_…`."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class PartsSettings(ServiceSettings):
    """The settings of every service; and where intake is, who alone knows whom to call on site."""

    model_config = SettingsConfigDict(env_prefix="PARTS_")

    intake_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/]+",
        description="http(s)://host of intake, whose contact data a supplier notice holds; none is written without",
    )
