"""What notifier is told from outside: environment variables `NOTIFIER_…`."""

from enum import StrEnum

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class StartTls(StrEnum):
    """Whether the connection to the mail server is made secret before anything is said."""

    OFF = "off"
    REQUIRED = "required"


class NotifierSettings(ServiceSettings):
    """The settings of every service, the mail server, and intake, who alone knows where customers are reached."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_")

    smtp_host: str = Field(min_length=1, description="host of the mail server")
    smtp_port: int = Field(default=25, ge=1, le=65535, description="port of the mail server")
    smtp_username: str | None = Field(default=None, description="with SMTP_PASSWORD, where the server asks for it")
    smtp_password: str | None = Field(default=None, repr=False, description="with SMTP_USERNAME")
    smtp_starttls: StartTls = Field(default=StartTls.OFF, description="off or required")
    smtp_sender: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$", description="the address that messages come from")
    intake_url: str = Field(pattern=r"^https?://[^/]+", description="http(s)://host of intake")
    intake_token: str = Field(
        min_length=1, repr=False, description="a machine's token with the scope contacts:read, for intake"
    )
    attempt_seconds: float = Field(
        default=20, gt=0, le=300, description="how long one attempt at sending may take, asking intake included"
    )
