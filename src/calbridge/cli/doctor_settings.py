"""The settings as the doctor reads them: a value that cannot be used is reported, and its default used instead."""

from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from calbridge.bootstrap import MissingSettingError, key_ring_of, tokens_of
from calbridge.services.base_urls import BaseUrls
from calbridge.services.doctor.facts import SettingsFacts
from calbridge.settings import (
    CalcomSettings,
    DeskSettings,
    OrgFallback,
    Section,
    ServerSettings,
    Settings,
    StorageSettings,
    TokenSettings,
)
from calbridge.storage.engines import driver_url
from calbridge.storage.secrets import KeyRing

AnySection = TypeVar("AnySection", bound=Section)


@dataclass(frozen=True, slots=True)
class Reading:
    """Settings that can be worked with, and what was wrong with them."""

    settings: Settings
    env_file_unreadable: bool
    invalid: tuple[tuple[str, str], ...]


class _Reader:
    """Reads section by section; remembers what was wrong."""

    def __init__(self) -> None:
        self.env_file_unreadable = False
        self.invalid: list[tuple[str, str]] = []

    def read(self, section: type[AnySection]) -> AnySection:
        """Return the section; what cannot be used has its default."""
        try:
            return self._repaired(section)
        except (OSError, UnicodeError):
            self.env_file_unreadable = True
            return self._repaired(section, _env_file=None)

    def _repaired(self, section: type[AnySection], **options: None) -> AnySection:
        try:
            return section(**options)
        except ValidationError as error:
            told = error.errors(include_input=False, include_url=False)
        wrong = {str(each["loc"][0]): each["msg"] for each in told}
        self.invalid += [(f"CALBRIDGE_{name.upper()}", fault) for name, fault in wrong.items()]
        defaults = {name: section.model_fields[name].get_default() for name in wrong}
        return section(**options, **defaults)


def read_settings() -> Reading:
    """Read the environment and ``.env``. Raises nothing for what is wrong with them."""
    reader = _Reader()
    settings = Settings(
        storage=reader.read(StorageSettings),
        tokens=reader.read(TokenSettings),
        calcom=reader.read(CalcomSettings),
        desk=reader.read(DeskSettings),
        server=reader.read(ServerSettings),
    )
    return Reading(settings, reader.env_file_unreadable, tuple(reader.invalid))


def facts_of(reading: Reading) -> SettingsFacts:
    """Tell about the settings what can be judged without repeating a secret."""
    settings = reading.settings
    ring, has_keys, keys_fault = _encryption_keys(settings)
    secrets = _jwt_secrets(settings.tokens)
    database_fault, is_sqlite = _database(settings.storage.database_url)
    return SettingsFacts(
        env_file_unreadable=reading.env_file_unreadable,
        invalid=reading.invalid,
        has_encryption_keys=has_keys,
        encryption_keys_fault=keys_fault,
        signs_with_secrets=settings.tokens.jwt_algorithm.is_symmetric,
        has_token_keys=_has_token_keys(settings.tokens),
        shortest_jwt_secret=min((len(secret.encode()) for secret in secrets), default=None),
        jwt_secret_reused=ring is not None and any(_is_among(secret, ring) for secret in secrets),
        any_organization=settings.tokens.jwt_org_fallback is OrgFallback.ANY,
        database_url_fault=database_fault,
        is_sqlite=is_sqlite,
        calcom_address_fault=_calcom_fault(settings.calcom),
        placeholder_domain=settings.calcom.placeholder_email_domain,
        public_url=settings.server.public_url,
    )


def _encryption_keys(settings: Settings) -> tuple[KeyRing | None, bool, str]:
    """Return the keys, whether there are any, and what is wrong with them."""
    try:
        return key_ring_of(settings), True, ""
    except MissingSettingError:
        return None, False, ""
    except ValueError as error:
        return None, True, str(error)


def _has_token_keys(settings: TokenSettings) -> bool:
    try:
        tokens_of(settings)
    except MissingSettingError:
        return False
    return True


def _jwt_secrets(settings: TokenSettings) -> tuple[str, ...]:
    if not settings.jwt_algorithm.is_symmetric or settings.jwt_secret is None:
        return ()
    return tuple(part.strip() for part in settings.jwt_secret.get_secret_value().split(",") if part.strip())


def _is_among(secret: str, ring: KeyRing) -> bool:
    """Whether a secret of tokens, in whatever notation, is one of the encryption keys."""
    try:
        same = KeyRing.parse(secret)
    except ValueError:
        return False
    return same.derive("comparison") in ring.derive_all("comparison")


def _database(url: str) -> tuple[str, bool]:
    try:
        return "", driver_url(url).get_backend_name() == "sqlite"
    except ValueError as error:
        return str(error), False


def _calcom_fault(settings: CalcomSettings) -> str:
    try:
        BaseUrls(settings.calcom_api_url)
    except ValueError as error:
        return str(error)
    try:
        BaseUrls(settings.calcom_api_url, settings.calcom_allowed_hosts)
    except ValueError:  # which repeats the entry: somebody may have put a password into it
        return "CALBRIDGE_CALCOM_ALLOWED_HOSTS: an entry is not host or host:port"
    return ""
