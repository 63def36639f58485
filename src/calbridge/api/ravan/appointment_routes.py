"""Appointments in the Ravan dialect: ``manage``, which takes the calls, and reading."""

from typing import Annotated, NoReturn

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import BeforeValidator
from starlette.responses import Response

from calbridge.api.deps import (
    NamedOrganization,
    OptionalUuid,
    ReadOrganization,
    Services,
    TheSender,
    opened_for,
)
from calbridge.api.problems import MethodNotAllowedError
from calbridge.api.ravan import appointment_mapping as mapping
from calbridge.api.ravan import documentation, manage_documentation
from calbridge.api.ravan.errors import PREFIX
from calbridge.api.ravan.manage_answer import ManageAnswer, answer
from calbridge.api.ravan.manage_request import ManageBody
from calbridge.api.ravan.schemas import (
    AppointmentAnswer,
    AppointmentListAnswer,
)
from calbridge.tools import understand
from calbridge.tools.arguments import MAX_ID

DEFAULT_LIMIT, MAX_LIMIT = 50, 200

router = APIRouter(prefix=PREFIX)
APPOINTMENTS = "Ravan: appointments"


@router.post(
    "/appointments/manage",
    tags=[APPOINTMENTS],
    response_model=ManageAnswer,
    responses=manage_documentation.MANAGE_RESPONSES,
    summary="Book, move, cancel, find a time or an appointment",
    openapi_extra=manage_documentation.MANAGE_HEADERS,
)
async def manage(
    body: Annotated[ManageBody, Body(openapi_examples=manage_documentation.MANAGE_EXAMPLES)],
    request: Request,
    sender: TheSender,
) -> Response:
    """What a voice agent calls in the middle of a conversation. `message` can be said to the caller as it is.

    No header is needed: `org_id` names the organization. If an `X-Api-Key` or a Bearer token is sent, it must be valid
    for that organization; an organization can be set to require one.

    `find` takes a credential, and so do `reschedule` and `cancel` for a caller who knows no `appointment_id` and is
    known by phone or email.
    """
    request.state.call = call = body.to_call(sender.idempotency_key, sender.waits)
    return answer(await opened_for(request).front_desk.handle(call, sender.credential, sender.address))


@router.get("/appointments/manage", include_in_schema=False, response_model=None)
async def not_an_appointment() -> NoReturn:
    """Keep the path from being read as the uid of an appointment."""
    raise MethodNotAllowedError("POST")


@router.get("/appointments", tags=[APPOINTMENTS], responses=documentation.LIST, summary="List appointments")
async def list_appointments(
    services: Services,
    organization: NamedOrganization,
    status: Annotated[
        str,
        Query(
            description="Comma list of upcoming, recurring, past, cancelled, unconfirmed, accepted, pending, rejected."
        ),
    ] = "",
    agent_id: Annotated[OptionalUuid, Query(description="Stamped on every row; filters nothing.")] = None,
    limit: Annotated[int, Query(description="50 if it is 0 or less, or more than 200.")] = DEFAULT_LIMIT,
) -> AppointmentListAnswer:
    """The bookings of the organization's primary Cal.com account, live: soonest first for `upcoming`, `unconfirmed` and
    `pending`, else newest first.
    """  # noqa: D205 - one sentence, shown on the documentation page
    statuses = [word.strip().lower() for word in status.split(",") if word.strip()]
    kept = limit if 0 < limit <= MAX_LIMIT else DEFAULT_LIMIT
    bookings = await services.appointments.list(organization, statuses, kept)
    data = mapping.appointment_list(bookings, organization, agent_id)
    return AppointmentListAnswer(message="Appointments retrieved", data=data)


@router.get(
    "/appointments/{appointment_id}", tags=[APPOINTMENTS], responses=documentation.GET, summary="Get an appointment"
)
async def get_appointment(
    appointment_id: Annotated[
        str, BeforeValidator(lambda value: understand.plain(value, MAX_ID)), Path(description="The booking's uid.")
    ],
    services: Services,
    organization: ReadOrganization,
) -> AppointmentAnswer:
    """One booking, wherever among the organization's accounts it is. What is not provably theirs is not found."""
    retrieved = await services.appointments.get(organization, appointment_id)
    data = mapping.retrieved_appointment(retrieved, organization)
    return AppointmentAnswer(message="Appointment retrieved", data=data)
