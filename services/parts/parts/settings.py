"""What parts is told from outside: environment variables `PARTS_…`."""

from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class PartsSettings(ServiceSettings):
    """The settings of every service; parts needs no others."""

    model_config = SettingsConfigDict(env_prefix="PARTS_")
