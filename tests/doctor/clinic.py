"""The doctor at a clinic: the real one, over the clinic's database, with the sandbox in process as Cal.com."""

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import httpx
from tests.api.clinic import Clinic, settings
from tests.doctor.facts import settings as settings_facts

from calbridge.bootstrap import open_doctor
from calbridge.domain.agents import AccountChange
from calbridge.services.doctor.diagnosis import Diagnosis
from calbridge.services.doctor.facts import Request, SettingsFacts
from calbridge.services.doctor.findings import Finding


class Way(httpx.AsyncBaseTransport):
    """The way to the sandbox. Its clock goes by the clinic's, put forward by ``ahead``."""

    def __init__(self, clinic: Clinic, ahead: timedelta = timedelta()) -> None:
        self._clinic = clinic
        self._sandbox = httpx.ASGITransport(clinic.sandbox)
        self._ahead = ahead

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on, and date its answer as a server does."""
        answer = await self._sandbox.handle_async_request(request)
        answer.headers["Date"] = format_datetime(self._clinic.clock.now + self._ahead, usegmt=True)
        return answer


async def examine(
    clinic: Clinic,
    database_url: str,
    request: Request | None = None,
    *,
    way: httpx.AsyncBaseTransport | None = None,
    patience: float = 20,
    facts: SettingsFacts | None = None,
    allowed_hosts: tuple[str, ...] = (),
) -> Diagnosis:
    """Have the doctor look at the clinic; its settings are in order unless they are given."""
    given = settings(database_url)
    given = replace(given, calcom=given.calcom.model_copy(update={"calcom_allowed_hosts": allowed_hosts}))
    opened = open_doctor(given, transport=way or Way(clinic), clock=clinic.clock, patience=patience)
    async with opened as doctor:
        return await doctor.examine(facts or settings_facts(), request or Request())


def found(diagnosis: Diagnosis) -> list[str]:
    """The names of the findings, sorted."""
    return sorted(finding.name for finding in diagnosis.findings)


def one(diagnosis: Diagnosis, name: str) -> Finding:
    """The only finding of that name."""
    (finding,) = (each for each in diagnosis.findings if each.name == name)
    return finding


async def default(clinic: Clinic, slug: str) -> None:
    """Make an event type the default of the clinic's account."""
    changed = AccountChange(settings=replace(clinic.account.settings, default_event_type_slug=slug))
    await clinic.services.connections.change(clinic.organization.id, clinic.account.id, changed)
