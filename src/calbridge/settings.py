"""What the environment says, read once at the root; every name has the prefix ``CALBRIDGE_``.

Read by ``bootstrap``, ``asgi`` and ``cli`` only. ``.env.example`` describes each setting for operators.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_PUBLIC_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?")

Names = Annotated[tuple[str, ...], NoDecode]  # comma-separated in the environment


class Section(BaseSettings):
    """One subject's settings."""

    model_config = SettingsConfigDict(env_prefix="CALBRIDGE_", env_file=".env", extra="ignore", frozen=True)


def split(value: object) -> object:
    """Take a comma-separated text apart."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


class StorageSettings(Section):
    """Where agents, accounts and bookings are kept, for how long, and the keys that seal secrets there."""

    database_url: str = "sqlite:///calbridge.db"
    encryption_keys: SecretStr | None = None
    retention_days: int | None = Field(default=None, ge=1, le=36_500)  # None: callers' data is kept

    @field_validator("retention_days", mode="before")
    @classmethod
    def _may_be_empty(cls, days: object) -> object:
        return None if days == "" else days


class OrgFallback(StrEnum):
    """Which organization a token without one may act for, where the API takes ``org_id`` as a fallback."""

    ANY = "any"
    LISTED = "listed"  # those in the token's ``orgs`` claim
    OFF = "off"


class JwtAlgorithm(StrEnum):
    """The one algorithm of a deployment (RFC 7518); never read from a token."""

    HS256 = "HS256"
    HS384 = "HS384"
    HS512 = "HS512"
    RS256 = "RS256"
    RS384 = "RS384"
    RS512 = "RS512"
    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"

    @property
    def is_symmetric(self) -> bool:
        """Whether one secret both signs and verifies."""
        return self.startswith("HS")


class TokenSettings(Section):
    """How bearer tokens are verified."""

    jwt_secret: SecretStr | None = None  # several, comma-separated: all verify, the first signs
    jwt_algorithm: JwtAlgorithm = JwtAlgorithm.HS256
    jwt_public_key: str = ""  # one or several PEMs, one after the other
    jwt_issuer: str = ""
    jwt_audience: str = ""
    jwt_org_fallback: OrgFallback = OrgFallback.ANY


class CalcomSettings(Section):
    """Where Cal.com is, how long it may take and how often it may be asked."""

    calcom_api_url: str = "https://api.cal.com"
    calcom_allowed_hosts: Names = ()
    calcom_timeout: float = Field(default=10, gt=0, le=60)
    calcom_rate_limit: int = Field(default=100, ge=1, le=100_000)  # calls a minute for each key
    placeholder_email_domain: str = "phone.invalid"

    _split = field_validator("calcom_allowed_hosts", mode="before")(split)


class DeskSettings(Section):
    """How long a caller waits, and how long an answer of Cal.com is remembered; seconds."""

    manage_deadline: float = Field(default=8, ge=0.5, le=30)
    slot_cache_ttl: float = Field(default=60, ge=0, le=600)
    settle_seconds: float = Field(default=120, ge=0.1, le=3600)  # how long Cal.com may take to commit what was sent


class ServerSettings(Section):
    """The process itself."""

    public_url: str = ""  # where Cal.com reaches this service; "": nowhere
    docs: bool = True
    metrics_token: SecretStr | None = None
    drain_delay: float = Field(default=0, ge=0, le=300)  # seconds between "not ready" and turning requests away
    forwarded_allow_ips: str = "127.0.0.1"
    log_level: str = "INFO"
    log_format: str = Field(default="console", pattern="^(json|console)$")

    @field_validator("public_url")
    @classmethod
    def _plain_address(cls, url: str) -> str:
        if url and not _PUBLIC_URL.fullmatch(url):
            raise ValueError("must be http(s)://host, with a port and a path if need be, and nothing else")
        return url.rstrip("/")

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, level: str) -> str:
        if level.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return level.upper()


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, by subject."""

    storage: StorageSettings
    tokens: TokenSettings
    calcom: CalcomSettings
    desk: DeskSettings
    server: ServerSettings

    @classmethod
    def load(cls) -> Self:
        """Read the environment and ``.env``. Raises pydantic's ValidationError, which names what is wrong."""
        return cls(StorageSettings(), TokenSettings(), CalcomSettings(), DeskSettings(), ServerSettings())
