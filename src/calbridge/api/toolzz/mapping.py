"""An account as an integration, and an integration's fields as settings of an account."""

from datetime import UTC, datetime
from uuid import UUID

from calbridge.api.toolzz.schemas import Integration, IntegrationFields, IntegrationUpdate
from calbridge.domain.agents import Account, AccountChange, AccountSettings, AccountStatus


def integration(account: Account, bot_id: UUID | None) -> Integration:
    """The integration that an account is."""
    settings = account.settings
    return Integration(
        id=str(account.id),
        title=settings.name,
        calcom_username=settings.calcom_username,
        timezone=settings.timezone,
        prompt=settings.prompt,
        is_active=account.status is not AccountStatus.INACTIVE,
        check_availability_enabled=settings.can_check_availability,
        create_booking_enabled=settings.can_book,
        bot_id=str(bot_id) if bot_id else None,
        unit_id=str(account.organization_id),
        default_event_type_id=settings.default_event_type_id,
        default_event_type_slug=settings.default_event_type_slug,
        created_at=_stamp(account.created_at, "microseconds"),
        updated_at=_stamp(account.updated_at, "milliseconds"),
    )


def settings_of(fields: IntegrationFields) -> AccountSettings:
    """What a new integration's owner sets."""
    return AccountSettings(
        name=fields.title,
        calcom_username=fields.calcom_username,
        timezone=fields.timezone,
        prompt=fields.prompt,
        can_check_availability=fields.check_availability_enabled,
        can_book=fields.create_booking_enabled,
    )


def change_of(update: IntegrationUpdate, account: Account, bot_id: UUID | None) -> AccountChange:
    """What an update changes: optional fields that were not sent keep their values.

    ``bot_id`` is the one that is shown now. Where none is, because several are linked, null changes nothing.
    """
    number, slug = _default_event_type(update, account.settings)
    settings = AccountSettings(
        name=update.title,
        calcom_username=update.calcom_username,
        timezone=update.timezone,
        prompt=update.prompt,
        can_check_availability=update.check_availability_enabled,
        can_book=update.create_booking_enabled,
        default_event_type_id=number,
        default_event_type_slug=slug,
    )
    linked: frozenset[UUID] | None = None
    if "bot_id" in update.model_fields_set and (update.bot_id or bot_id):
        linked = frozenset([update.bot_id] if update.bot_id else [])
    return AccountChange(settings=settings, active=update.is_active, linked_agents=linked)


def _default_event_type(update: IntegrationUpdate, old: AccountSettings) -> tuple[int | None, str | None]:
    """The number and the slug: where only one of the two is set, the other, which might name another, is cleared."""
    by_id = "default_event_type_id" in update.model_fields_set
    by_slug = "default_event_type_slug" in update.model_fields_set
    number = update.default_event_type_id if by_id else old.default_event_type_id
    slug = (update.default_event_type_slug or None) if by_slug else old.default_event_type_slug
    if by_id != by_slug and number is not None and slug is not None:
        return (number, None) if by_id else (None, slug)
    return number, slug


def _stamp(instant: datetime, precision: str) -> str:
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", precision)
