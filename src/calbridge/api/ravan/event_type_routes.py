"""Event types in the Ravan dialect."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, BeforeValidator, Field
from pydantic.config import JsonDict

from calbridge.api.deps import OwnOrganization, Services
from calbridge.api.ravan.documentation import EVENT_TYPE, EVENT_TYPES
from calbridge.api.ravan.errors import PREFIX
from calbridge.api.ravan.schemas import Envelope, answered
from calbridge.services.catalogue import Offer
from calbridge.tools import understand

router = APIRouter(prefix=PREFIX, tags=["Ravan: accounts"])

_EXAMPLE: JsonDict = {
    "id": "1",
    "slug": "consultation",
    "title": "Consultation (Front desk)",
    "description": "",
    "duration_minutes": 30,
    "price": 0,
    "currency": "usd",
    "is_active": True,
}


class EventTypeRow(BaseModel):
    """An event type of one of the organization's accounts."""

    id: str
    slug: str
    title: str = Field(description="Its title, and the account's name in brackets.")
    description: str
    duration_minutes: int
    price: float
    currency: str
    is_active: bool = Field(description="Whether it is shown on the booking page.")


class EventTypesAnswer(Envelope):
    """Event types."""

    model_config = answered("Event types fetched successfully", data=[_EXAMPLE])

    data: list[EventTypeRow]


class EventTypeAnswer(Envelope):
    """One event type."""

    model_config = answered("Event type fetched successfully", data=_EXAMPLE)

    data: EventTypeRow


@router.get("/event-types", responses=EVENT_TYPES, summary="List event types")
async def event_types(services: Services, organization: OwnOrganization) -> EventTypesAnswer:
    """The personal event types of all the organization's accounts, the primary's first. Team types are not covered."""
    offers = await services.catalogue.all(organization)
    return EventTypesAnswer(message="Event types fetched successfully", data=[_row(offer) for offer in offers])


@router.get("/event-types/lookup/{platform_id}", responses=EVENT_TYPE, summary="Find an event type")
async def lookup(
    platform_id: Annotated[
        str,
        BeforeValidator(lambda value: understand.plain(value, 255)),
        Path(description="Its number or its slug.", examples=["consultation"]),
    ],
    services: Services,
    organization: OwnOrganization,
) -> EventTypeAnswer:
    """The event type with this number or slug; of several, the primary account's."""
    offer = await services.catalogue.find(organization, platform_id)
    return EventTypeAnswer(message="Event type fetched successfully", data=_row(offer))


def _row(offer: Offer) -> EventTypeRow:
    event_type = offer.event_type
    return EventTypeRow(
        id=str(event_type.id),
        slug=event_type.slug,
        title=f"{event_type.title} ({offer.account_name})",
        description=event_type.description,
        duration_minutes=event_type.minutes,
        price=event_type.price,
        currency=event_type.currency,
        is_active=not event_type.hidden,
    )
