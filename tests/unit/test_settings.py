"""Settings come from the environment; a wrong one is named with what it may be, never with its value."""

from pathlib import Path

import pytest
from pydantic_settings import SettingsConfigDict

from shared.exit_codes import CONFIGURATION_FAULT
from shared.security.encryption import new_key
from shared.security.tokens import create_key_file
from shared.settings import ClockSetting, ServiceSettings, SettingsError, load_settings, settings_or_exit


class ShopSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")


SECRET = new_key()
RIGHT = {
    "SHOP_DATABASE_URL": "postgresql://shop:hush@127.0.0.1/shop",
    "SHOP_BROKER_URL": "amqp://shop:hush@127.0.0.1/",
    "SHOP_POLICY_FILE": "shop.toml",
    "SHOP_ENCRYPTION_KEYS": f"a:{SECRET}",
    "SHOP_BLIND_INDEX_KEY": SECRET,
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.setenv("SHOP_JWT_KEY_FILE", str(create_key_file(tmp_path / "jwt.json")))
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_settings_are_read_with_the_services_prefix(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SHOP_TEST_CLOCK", "on")
    settings = load_settings(ShopSettings)
    assert settings.policy_file == Path("shop.toml")
    assert settings.test_clock is ClockSetting.ON
    assert settings.key_ring.active == "a"


def test_secrets_do_not_show_in_what_is_printed(environment: pytest.MonkeyPatch) -> None:
    printed = repr(load_settings(ShopSettings))
    assert "hush" not in printed
    assert SECRET not in printed


def test_a_secret_may_lie_in_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://from:file@127.0.0.1/shop\n")
    environment.delenv("SHOP_DATABASE_URL")
    environment.setenv("SHOP_DATABASE_URL_FILE", str(file))
    assert load_settings(ShopSettings).database_url == "postgresql://from:file@127.0.0.1/shop"


def test_traces_go_where_the_service_is_told_else_where_the_whole_machine_is(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    assert load_settings(ShopSettings).otlp_endpoint is None
    environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://of-the-machine:4318")
    assert load_settings(ShopSettings).otlp_endpoint == "http://of-the-machine:4318"
    environment.setenv("SHOP_OTLP_ENDPOINT", "http://of-the-shop:4318")
    assert load_settings(ShopSettings).otlp_endpoint == "http://of-the-shop:4318"


@pytest.mark.parametrize(
    ("name", "value", "may_be"),
    [
        ("SHOP_DATABASE_URL", None, "postgresql://"),
        ("SHOP_DATABASE_URL", "mysql://hush", "postgresql://"),
        ("SHOP_DATABASE_URL_FILE", "/nowhere", "cannot be read"),
        ("SHOP_BROKER_URL", "http://hush", "amqps://"),
        ("SHOP_HTTP_PORT", "many", "port to listen on"),
        ("SHOP_JWT_KEY_FILE", "/nowhere", "there is no such file"),
        ("SHOP_JWT_KEY_FILE", __file__, "it holds no key"),
        ("SHOP_TEST_CLOCK", "maybe", "off or on"),
        ("SHOP_ENCRYPTION_KEYS", "a:hush", "id:base64"),
        ("SHOP_BLIND_INDEX_KEY", "hush", "32 bytes"),
        ("SHOP_PUBLIC_URL", "shop.example", "http(s)://host"),
        ("SHOP_OTLP_ENDPOINT", "collector:4318", "http(s)://host:port"),
        ("SHOP_LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING or ERROR"),
        ("SHOP_JWT_JWKS_URL", "https://issuer.example", "exactly one of"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_may_be(
    environment: pytest.MonkeyPatch, name: str, value: str | None, may_be: str
) -> None:
    if value is None:
        environment.delenv(name)
    else:
        environment.setenv(name, value)
    with pytest.raises(SettingsError) as wrong:
        load_settings(ShopSettings)
    message = str(wrong.value)
    assert "\n" not in message
    assert message.startswith("SHOP_JWT" if "exactly" in may_be else name)
    assert may_be in message
    assert "hush" not in message


def test_a_process_with_wrong_settings_ends_with_78_and_one_line(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.delenv("SHOP_BROKER_URL")
    with pytest.raises(SystemExit) as ended:
        settings_or_exit(ShopSettings)
    assert ended.value.code == CONFIGURATION_FAULT == 78
    assert capsys.readouterr().err.count("\n") == 1


def test_the_inbox_must_remember_at_least_what_the_outbox_can_send_again(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SHOP_OUTBOX_KEPT_DAYS", "90")
    with pytest.raises(SettingsError) as wrong:  # 60 days unless told otherwise
        load_settings(ShopSettings)
    assert str(wrong.value) == (
        "SHOP_INBOX_KEPT_DAYS: 60 is shorter than SHOP_OUTBOX_KEPT_DAYS, which is 90: what is sent again would have its"
        " effects twice; it may be: days for which events are known again, OUTBOX_KEPT_DAYS to 3650"
    )
    environment.setenv("SHOP_INBOX_KEPT_DAYS", "90")
    assert load_settings(ShopSettings).inbox_kept_days == 90
