"""What is asked of Cal.com at connect: proof of the key before it is stored, and then what can be booked with it."""

import structlog

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.domain.agents import Access, Connection, Host
from calbridge.domain.errors import CalendarError, InvalidRequestError, KeyRefusedError, RateLimitedError
from calbridge.services.base_urls import BaseUrls
from calbridge.services.event_types import EventTypes

MAX_KEY_LENGTH = 512

log = structlog.get_logger()


class KeyProof:
    """Proves keys, each with one live call. ``timeout``: seconds that Cal.com may take to prove one, or to prepare."""

    def __init__(self, calendars: Calendars, event_types: EventTypes, base_urls: BaseUrls, timeout: float) -> None:
        self._calendars = calendars
        self._event_types = event_types
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

    async def prepare(self, connection: Connection) -> None:
        """Read what the account's event types demand, so that the first call need not.

        The key is proved and stored by now, so it is no error when Cal.com does not answer: that is logged, and the
        first call reads them.
        """
        calendar = self._calendars.open(connection.access, Deadline.after(self._timeout))
        try:
            await self._event_types.read(connection, calendar)
        except (CalendarError, RateLimitedError) as error:
            account_id = str(connection.account.id)
            log.warning("account.event_types_not_read", account_id=account_id, error=type(error).__name__)

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
