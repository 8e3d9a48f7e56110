"""Settings: where they come from, which source wins, and one line that names what can't be right."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from parley.store.settings import PREFIX, Settings, SettingsError, load, settings_markdown


@pytest.fixture(autouse=True)
def empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where no parley.toml lies about."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def toml(directory: Path, text: str | bytes, name: str = "some.toml") -> Path:
    path = directory / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def complaint(**sources: Any) -> str:
    """What is said of settings that can't be."""
    with pytest.raises(SettingsError) as error:
        load(**{"environ": {}, **sources})
    text = str(error.value)
    assert "\n" not in text
    return text


# --- sources ----------------------------------------------------------------------------------------------------------


def test_without_any_source_everything_has_its_default() -> None:
    assert load(environ={}) == Settings()


def test_each_source_wins_over_the_next(tmp_path: Path) -> None:
    file = toml(tmp_path, "port = 1000\nmedia_port = 2000\ncapacity = 3\n")
    settings = load({"port": 1002, "capacity": None}, {"PARLEY_PORT": "1001", "PARLEY_MEDIA_PORT": "2001"}, file)
    assert (settings.port, settings.media_port, settings.capacity) == (1002, 2001, 3)


def test_the_file_is_named_by_a_flag_or_the_environment_or_lies_in_the_working_directory(tmp_path: Path) -> None:
    toml(tmp_path, "capacity = 2", "parley.toml")
    other, third = toml(tmp_path, "capacity = 3", "other.toml"), toml(tmp_path, "capacity = 4", "third.toml")
    environ = {"PARLEY_CONFIG": str(other)}
    assert load(environ={}).capacity == 2
    assert load(environ=environ).capacity == 3
    assert load(environ=environ, config=third).capacity == 4


def test_variables_of_others_are_none_of_our_business() -> None:
    assert load(environ={"PATH": "/bin", "PORT": "9", "XPARLEY_PORT": "9"}) == Settings()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10.0.0.0/8", ["10.0.0.0/8"]), ("10.0.0.1, fd00::/8 ,", ["10.0.0.1", "fd00::/8"]), ("", [])],
)
def test_lists_are_written_with_commas_in_the_environment(text: str, expected: list[str]) -> None:
    assert load(environ={"PARLEY_TRUSTED_PROXIES": text}).trusted_proxies == expected


def test_lists_are_lists_in_the_file(tmp_path: Path) -> None:
    assert load(environ={}, config=toml(tmp_path, 'media_hosts = ["127.0.0.1"]')).media_hosts == ["127.0.0.1"]


def test_an_empty_variable_leaves_a_path_out() -> None:
    assert load(environ={"PARLEY_TLS_KEY": "", "PARLEY_TERMS_FILE": ""}) == Settings()


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("no", False), ("False", False)])
def test_yes_and_no_may_be_said_as_people_say_them(text: str, value: bool) -> None:
    assert load(environ={"PARLEY_SIGN_UP_OPEN": text}).sign_up_open is value


# --- complaints -------------------------------------------------------------------------------------------------------


def test_an_unknown_setting_is_named_as_it_was_written(tmp_path: Path) -> None:
    unknown = "there is no such setting"
    assert complaint(environ={"PARLEY_PROT": "1"}) == f"PARLEY_PROT: {unknown}"
    assert complaint(config=toml(tmp_path, "prot = 1")) == f"prot: {unknown}"
    assert complaint(config=toml(tmp_path, "[http]\nport = 1")) == f"http: {unknown}"
    assert complaint(flags={"no_such_flag": 1}) == f"--no-such-flag: {unknown}"


def test_an_impossible_value_is_named_where_it_was_written(tmp_path: Path) -> None:
    file = toml(tmp_path, "port = 99999\n")
    assert complaint(config=file).startswith("port: ")
    assert complaint(config=file, environ={"PARLEY_PORT": "none"}).startswith("PARLEY_PORT: ")
    assert complaint(config=file, environ={"PARLEY_PORT": "none"}, flags={"port": 0}).startswith("--port: ")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("port", "0"),
        ("port", "65536"),
        ("port", "80.5"),
        ("port", ""),
        ("capacity", "1"),
        ("capacity", "11"),
        ("media_nodes", "-1"),
        ("media_port", "ninety"),
        ("resume_window", "0"),
        ("knock_lifetime", "1e9"),
        ("turn_ttl", "59"),
        ("role", "both"),
        ("log_level", "loud"),
        ("log_format", "xml"),
        ("sign_up_open", "perhaps"),
        ("trusted_proxies", "10.0.0.0/33"),
        ("trusted_proxies", "proxy.example.org"),
        ("media_hosts", ""),
        ("media_hosts", "localhost"),
        ("media_public_addresses", "203.0.113.0/24"),
        ("turn_urls", "https://turn.example.org"),
        ("public_url", "meet.example.org"),
        ("public_url", "ftp://meet.example.org"),
        ("public_url", "https://"),
        ("public_url", "https://meet.example.org/path"),
        ("public_url", "https://meet.example.org/?q"),
        ("public_url", "https://meet.example.org/#f"),
        ("public_url", "https://user:secret@meet.example.org"),
        ("public_url", "https://meet.example.org:99999"),
        ("public_url", "https://[::1"),
        ("terms_file", "/no/such/file"),
        ("privacy_file", "/"),
        ("tls_certificate", "/no/such/file"),
        ("node_id", "x" * 65),
        ("database_url", "nonsense"),
        ("database_url", "mysql://localhost/parley"),
        ("database_url", "postgresql://localhost/parley"),
        ("redis_url", "localhost:6379"),
    ],
)
def test_what_cant_be_right_is_one_line_that_names_it(name: str, text: str) -> None:
    variable = PREFIX + name.upper()
    assert re.fullmatch(rf"{variable}: \S.*", complaint(environ={variable: text}))


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"tls_certificate": __file__}, "tls_key"),
        ({"tls_key": __file__}, "tls_certificate"),
        ({"turn_urls": "turn:turn.example.org"}, "turn_secret"),
        ({"media_port": "65535", "media_nodes": "2"}, "PARLEY_MEDIA_PORT"),
        ({"media_port": "8079", "media_nodes": "2"}, "PARLEY_MEDIA_PORT"),
        ({"media_port": str(65_537 - (os.cpu_count() or 1))}, "PARLEY_MEDIA_PORT"),
        ({"role": "gateway"}, "redis_url"),
        ({"role": "media", "redis_url": "redis://localhost"}, "rpc_secret"),
        ({"role": "media", "redis_url": "redis://localhost", "rpc_secret": "s"}, "rpc_listen"),
    ],
)
def test_settings_that_need_each_other_are_checked_together(changed: dict[str, str], named: str) -> None:
    environ = {PREFIX + name.upper(): value for name, value in changed.items()}
    assert complaint(environ=environ).startswith(f"{named}: ")


def test_stun_servers_need_no_secret() -> None:
    assert load(environ={"PARLEY_TURN_URLS": "stun:stun.example.org"}).turn_urls == ["stun:stun.example.org"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://Meet.Example.org/", "https://meet.example.org"),
        ("https://meet.example.org:443", "https://meet.example.org"),
        ("http://meet.example.org:80", "http://meet.example.org"),
        ("https://meet.example.org:8443", "https://meet.example.org:8443"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("", ""),
    ],
)
def test_the_public_url_is_kept_as_browsers_write_an_origin(text: str, kept: str) -> None:
    assert load(environ={"PARLEY_PUBLIC_URL": text}).public_url == kept


@pytest.mark.parametrize("text", ["port = ", "= 1", "port = 1\nport = 2", b"\xff\xfe", b'title = "\xe9"'])
def test_a_file_that_is_no_toml_is_said_so(tmp_path: Path, text: str | bytes) -> None:
    file = toml(tmp_path, text)
    assert complaint(config=file).startswith(f"config: {file} is no TOML: ")


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    missing = tmp_path / "missing.toml"
    assert complaint(config=missing) == f"config: {missing} can't be read: No such file or directory"
    assert complaint(environ={"PARLEY_CONFIG": str(missing)}).startswith("config: ")
    assert complaint(config=tmp_path).startswith("config: ")


def test_values_of_the_wrong_kind_in_the_file_are_named(tmp_path: Path) -> None:
    for text in ("trusted_proxies = [1]", "trusted_proxies = 7", "host = 1", "port = [1]", "host = {a = 1}"):
        name = text.partition(" ")[0]
        assert complaint(config=toml(tmp_path, text)).startswith(f"{name}: "), text


def test_a_complaint_doesnt_show_a_secret(tmp_path: Path) -> None:
    for name in ("turn_secret", "signing_secret", "rpc_secret", "metrics_token"):
        assert "hunter2" not in complaint(config=toml(tmp_path, f'{name} = ["hunter2"]'))


def test_settings_dont_show_their_secrets() -> None:
    secrets = [name for name, field in Settings.model_fields.items() if field.annotation is SecretStr]
    assert len(secrets) >= 4
    settings = load(dict.fromkeys(secrets, "hunter2" * 5) | {"blob_key_id": "key"}, {})
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in settings.model_dump_json()


@given(
    name=st.sampled_from(sorted(Settings.model_fields)),
    text=st.text(
        st.characters(exclude_characters="\x00", exclude_categories=["Cs"]) | st.just("\udcff"),  # os.fsdecode's escape
        max_size=30,
    ),
)
def test_any_text_in_any_variable_is_a_setting_or_one_line(name: str, text: str) -> None:
    said = ""
    try:
        assert isinstance(load(environ={PREFIX + name.upper(): text}), Settings)
    except SettingsError as error:
        said = str(error)
    assert not said or re.fullmatch(r"\w+: [^\n]+", said)


# --- what follows from them -------------------------------------------------------------------------------------------


def test_the_database_is_sqlite_in_the_data_directory_unless_a_url_says_otherwise(tmp_path: Path) -> None:
    assert load({"data_dir": "d"}, {}).database == f"sqlite+aiosqlite:///{tmp_path / 'd' / 'parley.db'}"
    url = "postgresql+asyncpg://parley@db/parley"
    assert load({"database_url": url}, {}).database == url


def test_every_setting_is_described_for_the_operator() -> None:
    table = settings_markdown()
    for name, field in Settings.model_fields.items():
        assert f"| `{name}` |" in table
        assert field.description
        assert field.description.endswith(".")
    assert "**" not in table
    assert "SecretStr" not in table
