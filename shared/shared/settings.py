"""What a service is told from outside: environment variables with the service's prefix, secrets also from files."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self, override

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shared.exit_codes import CONFIGURATION_FAULT
from shared.security.blind_index import BlindIndex
from shared.security.encryption import KeyRing
from shared.security.key_file import read_keys

OTLP_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
"""The variable that every OpenTelemetry library reads; it holds for all services of a machine."""


class ClockSetting(StrEnum):
    """Whether business time can be moved. Never `on` in production."""

    OFF = "off"
    ON = "on"


def _database_url(url: str) -> str:
    if not url.startswith(("postgresql://", "postgresql+asyncpg://")):
        raise ValueError("postgresql://user:password@host:port/database")
    return url


def broker_address(url: str) -> str:
    """The URL, where it is one of a broker."""
    if not url.startswith(("amqp://", "amqps://")):
        raise ValueError("amqp://user:password@host:port/vhost, or amqps://")
    return url


def _collector(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("http(s)://host:port")
    return url


def _file(path: Path) -> Path:
    try:
        path.read_bytes()
    except FileNotFoundError:
        raise ValueError("there is no such file") from None
    except OSError as error:
        raise ValueError(f"it cannot be read ({error.strerror})") from None
    return path


def _key_ring(text: str) -> str:
    KeyRing.parse(text)
    return text


def _token_key(path: Path) -> Path:
    read_keys(path)
    return path


def _index_key(text: str) -> str:
    BlindIndex.parse(text)
    return text


class FileSecrets(PydanticBaseSettingsSource):
    """`<PREFIX>DATABASE_URL_FILE=/run/secrets/db` gives the content of the file where `<PREFIX>DATABASE_URL` would."""

    @override
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[str | None, str, bool]:
        name = variable(self.settings_cls, field_name) + "_FILE"
        path = os.environ.get(name)
        if path is None:
            return None, field_name, False
        try:
            return Path(path).read_text().strip(), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{name}: {path!r} cannot be read ({type(error).__name__})") from error

    @override
    def __call__(self) -> dict[str, str]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class SettingsOrFiles(BaseSettings):
    """Settings of which each may come from the environment, or from a file that the environment names."""

    @override
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, FileSecrets(settings_cls)


class ServiceSettings(SettingsOrFiles):
    """What every service needs. A service adds its own and its prefix: `SettingsConfigDict(env_prefix="INTAKE_")`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        repr=False, description="postgresql://user:password@host:port/database"
    )
    broker_url: Annotated[str, AfterValidator(broker_address)] = Field(
        repr=False, description="amqp://user:password@host:port/vhost, or amqps://"
    )
    policy_file: Path = Field(description="path of the service's policy, a TOML file")
    http_host: str = Field(default="127.0.0.1", description="address to listen on")
    http_port: int = Field(default=8000, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    public_url: str = Field(
        default="http://127.0.0.1:8000", pattern=r"^https?://[^/]+", description="http(s)://host that callers use"
    )
    jwt_key_file: Annotated[Path, AfterValidator(_file), AfterValidator(_token_key)] | None = Field(
        default=None, description="path of a JWK, a JWK set or a PEM key; this or JWT_JWKS_URL"
    )
    jwt_jwks_url: str | None = Field(
        default=None, pattern=r"^https?://", description="URL of the issuer's keys; this or JWT_KEY_FILE"
    )
    jwt_issuer: str = Field(default="aftersales", min_length=1, description="the `iss` that tokens must have")
    jwt_audience: str = Field(default="aftersales", min_length=1, description="the `aud` that tokens must have")
    encryption_keys: Annotated[str, AfterValidator(_key_ring)] = Field(
        repr=False, description="id:base64,id:base64 with keys of 32 bytes; the first one is active"
    )
    blind_index_key: Annotated[str, AfterValidator(_index_key)] = Field(
        repr=False, description="32 bytes in base64; it never changes"
    )
    drain_seconds: float = Field(
        default=0.5, ge=0, le=10, description="seconds for which it still listens once it is no longer ready, 0 to 10"
    )
    client_seconds: float = Field(
        default=30, ge=1, le=600, description="seconds for a head, for a body, or to take more of an answer, 1 to 600"
    )
    outbox_kept_days: int = Field(
        default=14, ge=1, le=3650, description="days for which events that were sent can be sent again, 1 to 3650"
    )
    inbox_kept_days: int = Field(
        default=60, ge=1, le=3650, description="days for which events are known again, OUTBOX_KEPT_DAYS to 3650"
    )
    test_clock: ClockSetting = Field(default=ClockSetting.OFF, description="off or on; on only in tests")
    otlp_endpoint: Annotated[str, AfterValidator(_collector)] | None = Field(
        default_factory=lambda: os.environ.get(OTLP_ENDPOINT) or None,
        validate_default=True,
        description=f"http(s)://host:port of a collector of traces (OTLP over HTTP); as {OTLP_ENDPOINT} without it",
    )
    log_level: str = Field(
        default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING or ERROR"
    )

    @field_validator("inbox_kept_days")
    @classmethod
    def _remembers_what_may_come_again(cls, days: int, info: ValidationInfo) -> int:
        kept = info.data.get("outbox_kept_days")
        if isinstance(kept, int) and days < kept:
            shortest = f"{variable(cls, 'outbox_kept_days')}, which is {kept}"
            raise ValueError(f"{days} is shorter than {shortest}: what is sent again would have its effects twice")
        return days

    @model_validator(mode="after")
    def _one_source_of_keys(self) -> Self:
        if (self.jwt_key_file is None) == (self.jwt_jwks_url is None):
            raise ValueError("exactly one of JWT_KEY_FILE and JWT_JWKS_URL")
        return self

    @property
    def key_ring(self) -> KeyRing:
        """The keys of `encryption_keys`."""
        return KeyRing.parse(self.encryption_keys)

    @property
    def blind_index(self) -> BlindIndex:
        """The index of `blind_index_key`."""
        return BlindIndex.parse(self.blind_index_key)


class SettingsError(ValueError):
    """The settings are wrong: one line per setting, with its name and what it may be, never its value."""


def load_settings[S: SettingsOrFiles](model: type[S], *, given: Mapping[str, str] | None = None) -> S:
    """Read `model` from the environment; `given` goes before it. Raises SettingsError."""
    try:
        return model(**dict(given or {}))  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("\n".join(_faults(model, error))) from None


def settings_or_exit[S: SettingsOrFiles](model: type[S]) -> S:
    """The settings, or one line per fault on standard error and exit code 78."""
    try:
        return load_settings(model)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(CONFIGURATION_FAULT) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting by its environment variable, for whoever finds out only later that it is wrong."""

    variable: str
    may_be: str

    def fault(self, why: str) -> str:
        """The line that names it, says what is wrong with it and what it may be. `why` never holds its value."""
        return f"{self.variable}: {why}; it may be: {self.may_be}"


def setting(model: type[BaseSettings], field: str) -> Setting:
    """The setting behind a field of `model`."""
    return Setting(variable=variable(model, field), may_be=model.model_fields[field].description or "another value")


def variable(model: type[BaseSettings], field: str) -> str:
    """The environment variable of a field."""
    return f"{model.model_config.get('env_prefix', '')}{field}".upper()


def _faults(model: type[SettingsOrFiles], error: ValidationError) -> list[str]:
    lines = []
    for fault in error.errors(include_input=False, include_url=False):
        if not fault["loc"]:
            lines.append(f"{variable(model, 'jwt_*')}: {fault['msg'].removeprefix('Value error, ')}")
            continue
        wrong = "is missing" if fault["type"] == "missing" else fault["msg"].removeprefix("Value error, ")
        lines.append(setting(model, str(fault["loc"][0])).fault(wrong))
    return lines
