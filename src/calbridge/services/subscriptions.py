"""Has Cal.com tell us of changes: a webhook for each connected account, made at connect and removed at disconnect."""

import secrets
from uuid import UUID

import structlog

from calbridge.calcom.calendar import Calendar, Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.calcom.webhook import TRIGGERS
from calbridge.domain.agents import Connection, Webhook
from calbridge.domain.errors import CalbridgeError, OutcomeUnknownError
from calbridge.services.together import together
from calbridge.storage.accounts import Accounts
from calbridge.storage.webhooks import Webhooks

PATH = "/api/v1/calcom/webhooks"
TOKEN_BYTES = 16
SECRET_BYTES = 32

log = structlog.get_logger()


class Subscriptions:
    """Makes and removes webhooks at Cal.com. ``public_url``: where Cal.com reaches us; "" for nowhere.

    Webhooks are a help, no more: without them the poller finds out, only later. So nothing here fails whoever connects
    or disconnects an account; what did not work is logged, and connecting anew tries it anew. ``timeout``: seconds.
    """

    def __init__(
        self, webhooks: Webhooks, accounts: Accounts, calendars: Calendars, public_url: str, timeout: float
    ) -> None:
        self._webhooks = webhooks
        self._accounts = accounts
        self._calendars = calendars
        self._address = f"{public_url.rstrip('/')}{PATH}/" if public_url else ""
        self._timeout = timeout

    async def renew(self, connection: Connection) -> None:
        """Have one webhook for the account, a new one, whatever there was before.

        One that another account has for the same Cal.com user stays.
        """
        if not self._address:
            return
        try:
            await self._renew(connection, self._open(connection))
        except CalbridgeError as error:
            account_id = str(connection.account.id)
            log.warning("webhook.not_registered", account_id=account_id, error=type(error).__name__)

    async def end(self, organization_id: UUID, account_id: UUID | None) -> None:
        """Remove the webhooks of one account, or of all but the private ones, before their keys are erased."""
        try:
            keyed = await self._accounts.keyed(organization_id, account_id)
        except CalbridgeError as error:
            log.warning("webhook.not_removed", error=type(error).__name__)
            return
        await together(*(self.remove(connection) for connection in keyed))

    async def remove(self, connection: Connection) -> None:
        """Remove the webhooks of an account, while its key is still good."""
        account_id = connection.account.id
        try:
            if await self._webhooks.has(account_id):
                await self._remove(account_id, self._open(connection))
        except CalbridgeError as error:
            log.warning("webhook.not_removed", account_id=str(account_id), error=type(error).__name__)

    def _open(self, connection: Connection) -> Calendar:
        return self._calendars.open(connection.access, Deadline.after(self._timeout))

    async def _remove(self, account_id: UUID, calendar: Calendar) -> None:
        try:
            listed = {_token(each.url): each for each in await calendar.webhooks()}
            for token, (owner, _) in (await self._webhooks.owners(listed)).items():
                if owner == account_id:
                    await calendar.delete_webhook(listed[token].id)
        finally:  # what Cal.com goes on delivering is refused
            await self._webhooks.drop_all(account_id)

    async def _renew(self, connection: Connection, calendar: Calendar) -> None:
        """Write the new one down, then make it, then remove the others: its first delivery may come at once.

        The others are looked up last, so that of two who connect at once the later one finds the earlier one's.
        """
        account_id = connection.account.id
        token, secret = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_hex(SECRET_BYTES)
        webhook_id = await self._webhooks.add(account_id, token=token, secret=secret)
        try:
            await calendar.create_webhook(self._address + token, TRIGGERS, secret)
        except OutcomeUnknownError:
            raise  # it may be there: then it is known here, and found when the account is connected anew
        except CalbridgeError:
            await self._webhooks.drop(webhook_id)
            raise
        log.info("webhook.registered", account_id=str(account_id))
        listed = {_token(each.url): each for each in await calendar.webhooks()}
        owners = await self._webhooks.owners(listed)
        for listed_token, webhook in listed.items():
            owner, number = owners.get(listed_token, (None, None))
            is_older = owner == account_id and number is not None and number < webhook_id
            is_orphan = owner is None and self._is_ours(webhook)
            if is_older or is_orphan:
                await calendar.delete_webhook(webhook.id)
        await self._webhooks.drop_all(account_id, before=webhook_id)

    def _is_ours(self, webhook: Webhook) -> bool:
        return webhook.url.startswith(self._address)


def _token(url: str) -> str:
    return url.rpartition("/")[2]
