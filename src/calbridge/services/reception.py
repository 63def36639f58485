"""Who is let in to the front desk, and with what in hand."""

from collections.abc import Callable
from datetime import datetime, timedelta

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.domain.access import Credential, Scope
from calbridge.domain.actions import Action, Availability, Book, Call, Cancel, Find, Reschedule, Suggest
from calbridge.domain.agents import AccountSettings, AgentStatus, Assignment
from calbridge.domain.errors import (
    LookUpRefusedError,
    NotConnectedError,
    NotFoundError,
    SwitchedOffError,
    UnauthorizedError,
)
from calbridge.services.access import Gatekeeper
from calbridge.services.directory import Directory
from calbridge.services.in_time import InTime
from calbridge.services.limits import Limit
from calbridge.services.visit import Visit


class Reception:
    """Admits calls.

    ``deadline``: how long a caller waits unless the call says otherwise. ``strange_ids`` limits how often an address
    may name agents that an organization does not have, ``anonymous_writes`` how often it may write without a
    credential.
    """

    def __init__(
        self,
        directory: Directory,
        gatekeeper: Gatekeeper,
        calendars: Calendars,
        clock: Callable[[], datetime],
        *,
        deadline: timedelta,
        strange_ids: Limit,
        anonymous_writes: Limit,
    ) -> None:
        self._directory = directory
        self._gatekeeper = gatekeeper
        self._calendars = calendars
        self._clock = clock
        self._deadline = deadline
        self._strange_ids = strange_ids
        self._anonymous_writes = anonymous_writes

    async def admit(self, call: Call, credential: Credential | None, client_address: str) -> Visit:
        """Let a call in. To a stranger, an unknown organization, a foreign one and a guarded one all look alike.

        A number and an address are no secrets. Who names an appointment by them, or by nothing at all, has to show a
        credential before anybody looks whether there is one, so that a refusal cannot tell. What a voice platform has
        signed is a credential of the organization, but for look-ups only by the number that the platform itself says is
        calling: whatever else is in the request, a model has filled in, and it can be talked into somebody else's
        number.
        """
        deadline = Deadline.after((call.deadline or self._deadline).total_seconds())
        if credential is not None:
            self._gatekeeper.for_organization(self._gatekeeper.require(credential, Scope.MANAGE), call.organization_id)
        # What is remembered takes no time that would have to be limited, and a timer is a part of that of a call.
        assignment = self._directory.known_assignment(call.organization_id, call.agent_id)
        if assignment is None or assignment.agent.status is not AgentStatus.ACTIVE:
            async with InTime(deadline):
                assignment = await self.recognize(call, client_address if credential is None else None)
        if credential is None:
            if call.vouched is None and assignment.organization.require_key:
                raise UnauthorizedError
            if _looks_up(call.action) and not _is_vouched_for(call):
                raise LookUpRefusedError
            if call.vouched is None and isinstance(call.action, Book | Reschedule | Cancel):
                self._anonymous_writes.check((client_address, call.agent_id))
                self._anonymous_writes.count((client_address, call.agent_id))
        if assignment.connection is None:
            raise NotConnectedError
        _insist_on_permission(assignment.connection.account.settings, call.action)
        return Visit(
            call=call,
            assignment=assignment,
            connection=assignment.connection,
            calendars=self._calendars,
            deadline=deadline,
            now=self._clock(),
            anonymous=credential is None and not (call.vouched and call.vouched.phone),
        )

    def trusts(self, call: Call, credential: Credential | None) -> bool:
        """Whether somebody of the organization stands behind a call: a credential, or a platform that has signed it.

        Raises ForbiddenError for a credential that is another organization's, or may not do this.
        """
        if credential is not None:
            self._gatekeeper.for_organization(self._gatekeeper.require(credential, Scope.MANAGE), call.organization_id)
        return credential is not None or call.vouched is not None

    async def recognize(self, call: Call, stranger: str | None) -> Assignment:
        """Find the agent. ``stranger``: the address of somebody without a credential, whose misses are limited.

        Raises NotFoundError for one that the organization does not have, or that takes no calls.
        """
        assignment = await self._directory.assignment(call.organization_id, call.agent_id)
        if assignment is None or assignment.agent.status is not AgentStatus.ACTIVE:
            if stranger is not None:
                self._strange_ids.check((stranger, call.organization_id))
                self._strange_ids.count((stranger, call.organization_id))
            raise NotFoundError("Agent")
        return assignment


def _looks_up(action: Action) -> bool:
    """Whether it takes looking into somebody's appointments."""
    match action:
        case Find():
            return True
        case Reschedule() | Cancel():
            return not action.appointment_id  # nobody on the phone knows one
        case _:
            return False


def _is_vouched_for(call: Call) -> bool:
    """Whether the platform has vouched for all that the look-up goes by."""
    match call.action:
        case Find(appointment_id="") | Reschedule() | Cancel() as action if call.vouched and not action.email:
            return action.phone == call.vouched.phone != ""
        case _:
            return False


def _insist_on_permission(settings: AccountSettings, action: Action) -> None:
    """Finding and cancelling are always allowed: a caller who cannot come should be able to say so."""
    if isinstance(action, Suggest | Availability) and not settings.can_check_availability:
        raise SwitchedOffError("Checking availability is switched off for this calendar.")
    if isinstance(action, Book | Reschedule) and not settings.can_book:
        raise SwitchedOffError("Booking is switched off for this calendar.")
