"""What dispatch is told from outside: environment variables `DISPATCH_…`."""

from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class DispatchSettings(ServiceSettings):
    """The settings of every service; dispatch needs no others."""

    model_config = SettingsConfigDict(env_prefix="DISPATCH_")
