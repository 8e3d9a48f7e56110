"""Everything an operator may set, in one typed model.

Sources, the first that says something wins: command-line flags, environment (`PARLEY_…`), the TOML file, the default.
A setting that isn't known or can't be right raises SettingsError, one line that names it as the operator wrote it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self, get_args, get_origin

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from parley.store.setting_types import (
    Addresses,
    BlobUrl,
    DatabaseUrl,
    HttpUrl,
    LongSecret,
    Networks,
    PublicUrl,
    ReadableFile,
    RedisUrl,
    SomeAddresses,
    TurnUrls,
)

PREFIX = "PARLEY_"
DEFAULT_FILE = "parley.toml"
CONFIG_VARIABLE = "PARLEY_CONFIG"
NOT_SETTINGS = (CONFIG_VARIABLE, "PARLEY_NATIVE_PLANE")
"""Variables of this prefix that others read: the second, sfu/native/library.py."""

Role = Literal["all", "gateway", "media", "recap"]


class SettingsError(Exception):
    """A setting is unknown or impossible; str() is one line that says which and why."""


class Settings(BaseSettings):
    """The settings of one process, already checked. Build it with `load`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    # --- where people reach us ---
    host: str = Field("", description="Address to serve HTTP on. Empty: all of this machine's, IPv4 and IPv6.")
    port: int = Field(8080, ge=1, le=65_535, description="TCP port of HTTP.")
    public_url: PublicUrl = Field(
        "",
        description="Address that people type, such as https://meet.example.org; used in links. "
        "Empty: what the browser asked for.",
    )
    tls_certificate: ReadableFile = Field(None, description="PEM file with the certificate chain; serves HTTPS.")
    tls_key: ReadableFile = Field(None, description="PEM file with the certificate's private key.")
    trusted_proxies: Networks = Field(
        [], description="Networks of reverse proxies whose X-Forwarded-For, -Proto and -Host are believed."
    )
    web_dist: Path | None = Field(None, description="Directory of the built browser client. Empty: the one built here.")

    # --- what is kept ---
    data_dir: Path = Field(Path("data"), description="Directory of the database, secrets and files.")
    database_url: DatabaseUrl = Field(
        "", description="SQLAlchemy URL, such as postgresql+asyncpg://user@host/parley. Empty: SQLite in data_dir."
    )
    redis_url: RedisUrl = Field(
        "", description="Redis that joins gateways, media nodes and recap workers on several machines."
    )
    signing_secret: SecretStr = Field(
        SecretStr(""), description="Secret that signs guests' tokens. Empty: made once and kept in data_dir."
    )

    recordings_dir: Path | None = Field(
        None, description="Directory of recordings while they are made. Empty: recordings in data_dir."
    )
    blob_url: BlobUrl = Field(
        "",
        description="Where recordings and recaps are kept: file:///directory, or s3://bucket/prefix of an object "
        "store. Empty: blobs in data_dir.",
    )
    blob_endpoint: HttpUrl = Field(
        "", description="Address of the S3-compatible object store, such as https://s3.example.org. Empty: Amazon's."
    )
    blob_region: str = Field("us-east-1", min_length=1, max_length=64, description="The object store's region.")
    blob_key_id: str = Field(
        "", description="Access key id for the object store. Empty: what the machine's role gives."
    )
    blob_secret: SecretStr = Field(SecretStr(""), description="Secret access key that belongs to blob_key_id.")
    blob_encryption_secret: LongSecret = Field(
        SecretStr(""),
        description="Encrypts what is kept there, at least 32 characters; without it nothing can be read again. "
        "Empty: not encrypted.",
    )

    keep_months: int = Field(
        6, ge=1, le=120, description="Calendar months after which a recording is deleted with everything made of it."
    )

    # --- recaps ---
    speech_engine: Literal["auto", "whisper", "sphinx"] = Field(
        "auto", description="Recogniser: auto takes Whisper where its model can be had, else pocketsphinx (a draft)."
    )
    speech_model: str = Field(
        "small", min_length=1, description="Whisper model: a name on the model hub, or a directory."
    )
    speech_device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where Whisper runs.")
    speech_compute_type: str = Field("auto", min_length=1, description="Whisper's precision, such as int8 or float16.")
    speech_threads: int = Field(
        0, ge=0, le=1024, description="Threads that Whisper takes on a processor. 0: as many as there are cores."
    )
    speech_patience: float = Field(
        20.0,
        ge=1.0,
        le=3600.0,
        description="Seconds of recognising that may pile up before a cheaper recogniser helps.",
    )
    speech_download: bool = Field(True, description="Whether a Whisper model may be fetched from the model hub.")
    language_model_url: HttpUrl = Field(
        "", description="Base URL of an OpenAI-compatible API that writes summaries. Empty: rules of our own do."
    )
    language_model: str = Field("", description="Name of the language model there.")
    language_model_key: SecretStr = Field(SecretStr(""), description="Key for that API.")
    language_model_context: int = Field(
        8000, ge=2000, le=2_000_000, description="Tokens that one request and its answer may have together."
    )

    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="Mail server for notices, such as smtp://user:password@mail.example.org:587 or smtps://…. "
        "Empty: no mails.",
    )
    mail_from: str = Field("parley@localhost", min_length=3, max_length=254, description="Sender of those mails.")

    # --- processes ---
    role: Role = Field(
        "all", description="What this command runs: all, or only the gateway, one media node or the recap workers."
    )
    media_nodes: int = Field(0, ge=0, le=64, description="Media node processes. 0: one per core.")
    node_id: str = Field(
        "", max_length=64, description="Name of a media node run alone. Empty: made from host and port."
    )
    rpc_listen: str = Field("", description="host:port on which a media node run alone takes gateways.")
    rpc_advertise: str = Field("", description="host:port at which gateways reach it. Empty: rpc_listen.")
    rpc_secret: SecretStr = Field(SecretStr(""), description="Secret that gateways and media nodes run alone share.")

    recap_workers: int = Field(
        1, ge=0, le=32, description="Processes that make recaps, at low priority. 0: none on this machine."
    )

    # --- media ---
    media_hosts: SomeAddresses = Field(
        ["0.0.0.0", "::"],  # noqa: S104 - a media server listens to the world
        description="Addresses to bind for media.",
    )
    media_port: int = Field(
        40_000, ge=1, le=65_535, description="UDP and TCP port of the first media node; the next ones follow."
    )
    media_tcp: bool = Field(True, description="Also take media over TCP, for networks without UDP.")
    media_public_addresses: Addresses = Field(
        [], description="Addresses that browsers are told for media (NAT). Empty: this machine's own."
    )
    turn_urls: TurnUrls = Field([], description="TURN servers handed to browsers, such as turn:turn.example.org:3478.")
    turn_secret: SecretStr = Field(
        SecretStr(""), description="Shared secret for time-limited TURN credentials (coturn's use-auth-secret)."
    )
    turn_ttl: int = Field(86_400, ge=60, le=604_800, description="Seconds that TURN credentials are good for.")

    # --- meetings ---
    capacity: int = Field(10, ge=2, le=10, description="People in one meeting.")
    max_file_bytes: int = Field(
        20_000_000, ge=0, le=1_000_000_000, description="Largest file in the chat of a meeting. 0: no files."
    )
    knock_lifetime: int = Field(600, ge=10, le=86_400, description="Seconds after which an unanswered knock expires.")
    resume_window: int = Field(30, ge=5, le=300, description="Seconds in which a dropped connection can be resumed.")
    empty_room_lifetime: int = Field(60, ge=1, le=86_400, description="Seconds that an empty room is kept.")
    sign_up_open: bool = Field(True, description="Whether anyone may create an account; the first one always may.")
    terms_file: ReadableFile = Field(None, description="Markdown file that replaces the default Terms.")
    privacy_file: ReadableFile = Field(None, description="Markdown file that replaces the default Privacy Policy.")

    # --- seeing inside ---
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    log_format: Literal["text", "json"] = Field("text", description="How log lines look.")
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token for /metrics. Empty: /metrics answers this machine only."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """`load` has already merged the sources, knowing under which name each value was written."""
        return (init_settings,)

    @model_validator(mode="after")
    def _together(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            missing = "tls_key" if self.tls_key is None else "tls_certificate"
            raise SettingsError(f"{missing}: HTTPS needs both tls_certificate and tls_key")
        if any(url.startswith("turn") for url in self.turn_urls) and not self.turn_secret.get_secret_value():
            raise SettingsError("turn_secret: TURN servers in turn_urls need it")
        media_ports = range(self.media_port, self.media_port + (self.node_count if self.role == "all" else 1))
        if media_ports[-1] > 65_535:
            raise SettingsError("media_port: there are not enough ports above it for all media nodes")
        if bool(self.blob_key_id) != bool(self.blob_secret.get_secret_value()):
            missing = "blob_secret" if self.blob_key_id else "blob_key_id"
            raise SettingsError(f"{missing}: an object store's key needs both blob_key_id and blob_secret")
        if bool(self.language_model_url) != bool(self.language_model):
            missing = "language_model" if self.language_model_url else "language_model_url"
            raise SettingsError(f"{missing}: a language model needs both language_model_url and language_model")
        if self.role == "recap" and not self.recap_workers:
            raise SettingsError("recap_workers: role recap needs at least one")
        if self.role != "all":
            for name in ("redis_url", "rpc_secret") if self.role != "recap" else ("redis_url",):
                value = getattr(self, name)
                if not (value.get_secret_value() if isinstance(value, SecretStr) else value):
                    raise SettingsError(f"{name}: role {self.role} needs it")
        if self.role == "media" and not self.rpc_listen:
            raise SettingsError("rpc_listen: role media needs it")
        if self.media_tcp and self.port in media_ports:
            raise SettingsError("media_port: collides with port")
        return self

    @property
    def database(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir.absolute() / 'parley.db'}"

    @property
    def recordings(self) -> Path:
        """The directory of recordings while they are made."""
        return (self.recordings_dir or self.data_dir / "recordings").absolute()

    @property
    def node_count(self) -> int:
        """How many media node processes to run here."""
        return self.media_nodes or os.cpu_count() or 1

    @property
    def https(self) -> bool:
        """Whether this process itself serves HTTPS."""
        return self.tls_certificate is not None


def load(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Settings:
    """Settings of all sources. Raises SettingsError.

    flags: what the command line gave, by setting name; None values are not given. config: the TOML file; by default
    what PARLEY_CONFIG names, or parley.toml in the working directory if there is one.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    written: dict[str, str] = {}
    for name, value in _from_file(config, environ).items():
        _take(values, written, name, value, name)
    for variable, text in environ.items():
        if variable.startswith(PREFIX) and variable not in NOT_SETTINGS:
            _take(values, written, variable[len(PREFIX) :].lower(), text, variable)
    for name, value in (flags or {}).items():
        if value is not None:
            _take(values, written, name, value, "--" + name.replace("_", "-"))
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        message = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{written.get(name, name)}: {message}".replace("\n", " ")) from None
    except SettingsError as error:
        name, _, rest = str(error).partition(":")
        raise SettingsError(f"{written.get(name, name)}:{rest}") from None


def _take(values: dict[str, Any], written: dict[str, str], name: str, value: Any, as_written: str) -> None:
    field = Settings.model_fields.get(name)
    if field is None:
        raise SettingsError(f"{as_written}: there is no such setting")
    if isinstance(value, str) and get_origin(field.annotation) is list:
        value = [item.strip() for item in value.split(",") if item.strip()]
    if value == "" and type(None) in get_args(field.annotation):
        value = None
    values[name] = value
    written[name] = as_written


def _from_file(config: Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    named = config or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    path = named or Path(DEFAULT_FILE)
    if named is None and not path.exists():
        return {}
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise SettingsError(f"config: {path} can't be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"config: {path} is no TOML: {error}") from None


def settings_markdown() -> str:
    """A table of all settings, for the documentation."""
    lines = ["| setting | default | what for |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, SecretStr):
            default = ""
        shown = ", ".join(default) if isinstance(default, list) else "" if default is None else str(default).lower()
        lines.append(f"| `{name}` | {f'`{shown}`' if shown else ''} | {field.description} |")
    return "\n".join(lines) + "\n"
