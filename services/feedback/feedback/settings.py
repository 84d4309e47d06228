"""What feedback is told from outside: environment variables `FEEDBACK_…`."""

from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class FeedbackSettings(ServiceSettings):
    """The settings of every service; `FEEDBACK_PUBLIC_URL` is where customers reach the survey page."""

    model_config = SettingsConfigDict(env_prefix="FEEDBACK_")
