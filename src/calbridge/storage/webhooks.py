"""Webhooks that we have at Cal.com, and what has come through them."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import and_, delete, insert, select

from calbridge.storage.changes import note_change
from calbridge.storage.database import Database
from calbridge.storage.secrets import KeyRing, SealError, row_name
from calbridge.storage.tables import accounts, new_id, webhook_deliveries, webhooks

REMEMBERED = timedelta(days=7)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Subscription:
    """A webhook of ours: whose bookings it tells of, and what signs its deliveries."""

    organization_id: UUID
    account_id: UUID
    secret: str = field(repr=False)


class Webhooks:
    """The webhooks. Tokens are kept as hashes: they are random, so that nobody finds them by trying."""

    def __init__(self, database: Database, keys: KeyRing, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    async def add(self, account_id: UUID, *, token: str, secret: str) -> UUID:
        """Write a webhook down, before Cal.com is told of it; the account may have others. Returns its id."""
        row_id = new_id()
        sealed = self._keys.seal(secret.encode(), row=_place(row_id))
        values = {"id": row_id, "account_id": account_id, "digest": digest_of(token), "sealed_secret": sealed}
        async with self._database.write() as connection:
            await connection.execute(insert(webhooks).values(**values, created_at=self._clock()))
        return row_id

    async def find(self, token: str) -> Subscription | None:
        """Return the webhook with this token; None for one of an account without a key, or that does not open."""
        statement = (
            select(webhooks.c.id, webhooks.c.sealed_secret, accounts.c.id, accounts.c.organization_id)
            .join(accounts, and_(accounts.c.id == webhooks.c.account_id, accounts.c.sealed_key.is_not(None)))
            .where(webhooks.c.digest == digest_of(token))
        )
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return None
        row_id, sealed, account_id, organization_id = row
        try:
            return Subscription(organization_id, account_id, self._keys.open(sealed, row=_place(row_id)).decode())
        except SealError:
            log.warning("webhook.unreadable", account_id=str(account_id))
            return None

    async def is_first(self, subscription: Subscription, body: bytes) -> bool:
        """Note a delivery; whether it is the first of this very body within a week, in whichever process.

        Then every process forgets what it remembers of the calendar: before anybody has read what happened there.
        """
        digest = hashlib.sha256(subscription.account_id.bytes + body).digest()
        now = self._clock()
        values = {"id": new_id(), "digest": digest, "received_at": now}
        note = self._database.insert(webhook_deliveries).values(values).on_conflict_do_nothing()
        async with self._database.write() as connection:
            await connection.execute(
                delete(webhook_deliveries).where(webhook_deliveries.c.received_at < now - REMEMBERED)
            )
            is_first = (await connection.execute(note.returning(webhook_deliveries.c.id))).one_or_none() is not None
            if is_first:
                await note_change(connection, subscription.account_id)
        return is_first

    async def has(self, account_id: UUID) -> bool:
        """Whether the account has any."""
        async with self._database.read() as connection:
            found = select(webhooks.c.id).where(webhooks.c.account_id == account_id).limit(1)
            return await connection.scalar(found) is not None

    async def owners(self, tokens: Collection[str]) -> dict[str, tuple[UUID, UUID]]:
        """Tell of tokens that are known here their account, and the webhook's id, which grows with time."""
        digests = {digest_of(token): token for token in tokens}
        statement = select(webhooks.c.digest, webhooks.c.account_id, webhooks.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(statement.where(webhooks.c.digest.in_(digests)))).all()
        return {digests[digest]: (account_id, row_id) for digest, account_id, row_id in rows}

    async def drop(self, webhook_id: UUID) -> None:
        """Forget a webhook: from now on its token is unknown."""
        async with self._database.write() as connection:
            await connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id))

    async def drop_all(self, account_id: UUID, *, before: UUID | None = None) -> None:
        """Forget the webhooks of an account, or those that are older than one of them."""
        older = () if before is None else (webhooks.c.id < before,)
        async with self._database.write() as connection:
            await connection.execute(delete(webhooks).where(webhooks.c.account_id == account_id, *older))


def digest_of(token: str) -> bytes:
    """Hash a token as it is kept."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _place(row_id: UUID) -> str:
    return row_name("webhooks", "sealed_secret", row_id)
