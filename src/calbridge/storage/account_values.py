"""What becomes of an account's columns when it is connected, connected again or changed: values, no statements."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping

from calbridge.domain.agents import Access, AccountChange, AccountSettings, AccountStatus, Host
from calbridge.domain.errors import KeyErasedError
from calbridge.storage.rows import account_from
from calbridge.storage.secrets import KeyRing, row_name

Values = dict[str, object]

DEFAULT_NAME = "Default"


def connected(
    keys: KeyRing,
    account_id: UUID,
    access: Access,
    host: Host,
    settings: AccountSettings | None,
    name: str | None,
    now: datetime,
) -> Values:
    """Fill the columns of a new account; what nobody set comes from Cal.com."""
    settings = settings or _from_calcom(host, name or DEFAULT_NAME)
    return (
        _key(keys, account_id, access, now) | _host(host) | _settings(settings) | {"status": AccountStatus.ACTIVE.value}
    )


def connected_again(
    keys: KeyRing,
    old: RowMapping,
    access: Access,
    host: Host,
    settings: AccountSettings | None,
    name: str | None,
    now: datetime,
) -> Values:
    """Fill the columns of an account whose key is proved anew: its settings stay unless they are given.

    A private account may now be another Cal.com user's: then what was set for the old one, such as the default event
    type, means nothing any more.
    """
    before = account_from(old)
    if (before.host.id, before.base_url) == (host.id, access.base_url):
        kept = before.settings if name is None else replace(before.settings, name=name)
    else:
        kept = _from_calcom(host, name or before.settings.name)
    if settings is not None:  # a door that cannot say which event type is the default leaves it alone
        kept = replace(
            settings,
            default_event_type_id=settings.default_event_type_id or kept.default_event_type_id,
            default_event_type_slug=settings.default_event_type_slug or kept.default_event_type_slug,
        )
    return connected(keys, before.id, access, host, kept, name, now)


def changed(keys: KeyRing, old: RowMapping, change: AccountChange, now: datetime) -> Values:
    """Fill the columns that a change concerns, also with what they hold already.

    Raises KeyErasedError for activating an account without a key.
    """
    before = account_from(old)
    values: Values = {}
    if change.settings is not None:
        values |= _settings(change.settings)
    if change.host is not None:
        values |= _host(change.host)
    if change.access is not None:
        values |= _key(keys, before.id, change.access, now)
        # A proved key repairs a connection; one that its owner has switched off stays off.
        if before.status is AccountStatus.NEEDS_REAUTH or not before.has_key:
            values["status"] = AccountStatus.ACTIVE.value
        if not before.has_key:
            values["connected_at"] = now
    if change.active is True and change.access is None and not before.has_key:
        raise KeyErasedError
    if change.active is False:
        values["status"] = AccountStatus.INACTIVE.value
    elif change.active is True and before.status is AccountStatus.INACTIVE:
        values["status"] = AccountStatus.ACTIVE.value  # a refused key is not off: only a proved one repairs it
    return values


def erased(now: datetime) -> Values:
    """Fill the columns of an account that is disconnected."""
    return {"status": AccountStatus.INACTIVE.value, "sealed_key": None, "updated_at": now}


def _from_calcom(host: Host, name: str) -> AccountSettings:
    return AccountSettings(name=name, calcom_username=host.username, timezone=host.timezone)


def _key(keys: KeyRing, account_id: UUID, access: Access, now: datetime) -> Values:
    return {
        "sealed_key": keys.seal(access.api_key.encode(), row=row_name("accounts", "sealed_key", account_id)),
        "key_set_at": now,
        "base_url": access.base_url,
        "bookings_version": access.bookings_version,
    }


def _host(host: Host) -> Values:
    return {
        "host_id": host.id,
        "host_username": host.username,
        "host_name": host.name,
        "host_email": host.email,
        "host_timezone": host.timezone,
    }


def _settings(settings: AccountSettings) -> Values:
    return {
        "name": settings.name,
        "calcom_username": settings.calcom_username,
        "timezone": settings.timezone,
        "prompt": settings.prompt,
        "can_check_availability": settings.can_check_availability,
        "can_book": settings.can_book,
        "default_event_type_id": settings.default_event_type_id,
        "default_event_type_slug": settings.default_event_type_slug,
    }
