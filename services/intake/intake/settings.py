"""What intake is told from outside: environment variables `INTAKE_…`."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class IntakeSettings(ServiceSettings):
    """The settings of every service, and how long pushes are kept as they came."""

    model_config = SettingsConfigDict(env_prefix="INTAKE_")

    raw_pushes_kept_days: int = Field(
        default=30, ge=1, le=3650, description="days for which pushes are kept as they came, 1 to 3650"
    )
