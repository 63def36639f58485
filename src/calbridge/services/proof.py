"""Proof of a Cal.com key: one live call, before anything is stored."""

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.domain.agents import Access, Host
from calbridge.domain.errors import InvalidRequestError, KeyRefusedError
from calbridge.services.base_urls import BaseUrls

MAX_KEY_LENGTH = 512


class KeyProof:
    """Proves keys. ``timeout``: seconds that Cal.com may take."""

    def __init__(self, calendars: Calendars, base_urls: BaseUrls, timeout: float) -> None:
        self._calendars = calendars
        self._base_urls = base_urls
        self._timeout = timeout

    async def of_new(self, api_key: str, base_url: str, *, field: str) -> tuple[Access, Host]:
        """Prove a key at an address that may be called; "" is the deployment's default.

        Raises InvalidRequestError for ``field`` or ``api_base_url``, and CalendarError where Cal.com cannot be asked.
        """
        access = Access(self._base_urls.resolve(base_url), _plain_key(api_key, field))
        return access, await self._host(access, field)

    async def of_successor(self, api_key: str, old: Access, *, field: str) -> tuple[Access, Host]:
        """Prove a new key for the address and version of an old one.

        Raises as ``of_new`` does, and NotConnectedError for an address that may not be called any more.
        """
        access = Access(old.base_url, _plain_key(api_key, field), old.bookings_version)
        return access, await self._host(access, field)

    async def _host(self, access: Access, field: str) -> Host:
        try:
            return await self._calendars.open(access, Deadline.after(self._timeout)).me()
        except KeyRefusedError as error:
            raise InvalidRequestError(field, "was refused by Cal.com") from error


def _plain_key(api_key: str, field: str) -> str:
    """A key goes into a header: printable ASCII without blanks, or nothing."""
    key = api_key.strip()
    if not key:
        raise InvalidRequestError(field, "is required")
    if len(key) > MAX_KEY_LENGTH or not key.isascii() or not key.isprintable() or " " in key:
        raise InvalidRequestError(field, "is not a Cal.com API key")
    return key
