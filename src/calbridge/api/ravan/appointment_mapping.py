"""Domain values as rows of the Ravan dialect."""

from collections.abc import Sequence
from uuid import UUID

from calbridge.api.ravan.schemas import (
    AppointmentDetail,
    AppointmentList,
    AppointmentRow,
    RetrievedAppointment,
)
from calbridge.domain.appointments import Booking
from calbridge.services.appointments import Retrieved
from calbridge.tools.clock import iso


def appointment_list(bookings: Sequence[Booking], organization_id: UUID, agent_id: UUID | None) -> AppointmentList:
    """A list, with the agent stamped on every row as it was asked for."""
    org, agent = str(organization_id), str(agent_id or "")
    return AppointmentList(
        appointments=[
            AppointmentRow(
                id=booking.uid,
                organization_id=org,
                agent_id=agent,
                attendee_name=booking.attendee.name,
                attendee_email=booking.attendee.email,
                attendee_phone=booking.attendee.phone,
                attendee_timezone=booking.attendee.timezone,
                start_time=iso(booking.start),
                end_time=iso(booking.end),
                duration_minutes=round(booking.duration.total_seconds() / 60),
                status=booking.status,
            )
            for booking in bookings
        ],
        count=len(bookings),
        org_id=org,
        agent_id=agent,
    )


def retrieved_appointment(retrieved: Retrieved, organization_id: UUID) -> RetrievedAppointment:
    """One appointment; the agent is the one our own records name."""
    booking, agent_id = retrieved.booking, str(retrieved.agent_id or "")
    return RetrievedAppointment(
        appointment=AppointmentDetail(
            id=booking.uid,
            organization_id=str(organization_id),
            agent_id=agent_id,
            agent_name=retrieved.agent_name,
            contact_name=booking.attendee.name,
            contact_email=booking.attendee.email,
            contact_phone=booking.attendee.phone,
            appointment_time=iso(booking.start),
            end_time=iso(booking.end),
            status=booking.status,
        ),
        org_id=str(organization_id),
        agent_id=agent_id,
    )
