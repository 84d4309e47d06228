"""What intake is told from outside: environment variables `INTAKE_…`."""

from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class IntakeSettings(ServiceSettings):
    """The settings of every service; intake needs no others."""

    model_config = SettingsConfigDict(env_prefix="INTAKE_")
