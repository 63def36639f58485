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


def change_of(update: IntegrationUpdate, account: Account) -> AccountChange:
    """What an update changes: optional fields that were not sent keep their values."""
    sent, old = update.model_fields_set, account.settings
    by_id = "default_event_type_id" in sent
    by_slug = "default_event_type_slug" in sent
    settings = AccountSettings(
        name=update.title,
        calcom_username=update.calcom_username,
        timezone=update.timezone,
        prompt=update.prompt,
        can_check_availability=update.check_availability_enabled,
        can_book=update.create_booking_enabled,
        default_event_type_id=update.default_event_type_id if by_id else old.default_event_type_id,
        default_event_type_slug=(update.default_event_type_slug or None) if by_slug else old.default_event_type_slug,
    )
    linked = frozenset([update.bot_id] if update.bot_id else []) if "bot_id" in sent else None
    return AccountChange(settings=settings, active=update.is_active, linked_agents=linked)


def _stamp(instant: datetime, precision: str) -> str:
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", precision)
