"""Whose tokens a deployment accepts."""

from shared.security.jwks import PublishedKeys
from shared.security.tokens import LocalKey, TokenKeys
from shared.settings import ServiceSettings, SettingsError


def accepted_keys(settings: ServiceSettings) -> TokenKeys:
    """The published keys where the settings name them, else the key in a file. Raises SettingsError without either."""
    if settings.jwt_jwks_url is not None:
        return PublishedKeys(settings.jwt_jwks_url)
    if settings.jwt_key_file is not None:
        return LocalKey(settings.jwt_key_file)
    raise SettingsError("JWT_KEY_FILE or JWT_JWKS_URL is missing")
