"""``calbridge mcp``: a program starts us, and speaks the protocol over our standard input and output."""

import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from mcp import Client, StdioServerParameters
from tests.api.clinic import JWT_SECRET, settings
from tests.e2e.processes import PATIENCE_SECONDS, bare_environment, free_port, run, running
from tests.mcp.line import ERAS, Era, call

from calbridge.bootstrap import open_container
from calbridge.settings import CalcomSettings

SECRETS = {"JWT_SECRET": JWT_SECRET, "ENCRYPTION_KEYS": "ab" * 32}  # those of ``settings``
CALLERS = {
    "legacy": {"name": "Jane Doe", "phone": "+442079460958"},
    "2026-07-28": {"name": "Bob Roe", "phone": "+442079460123"},
}


@dataclass(frozen=True, slots=True)
class Practice:
    """An organization with an agent, in a database beside a sandbox."""

    folder: Path
    settings: dict[str, str]
    organization: str
    agent: str

    @asynccontextmanager
    async def client(self, era: Era) -> AsyncIterator[Client]:
        """Start the server, and connect the SDK's client to it."""
        command = StdioServerParameters(
            command=sys.executable,
            args=["-m", "calbridge", "mcp", "--org", self.organization, "--agent", self.agent],
            env=bare_environment(**self.settings),
            cwd=self.folder,
        )
        async with Client(command, mode=era, read_timeout_seconds=PATIENCE_SECONDS) as client:
            yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def practice(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Practice]:
    """A practice that was set up in this process: to run a command for each step takes longer than the tests."""
    tmp_path = tmp_path_factory.mktemp("practice")
    sqlite_url = f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'calbridge.db')}"
    port = free_port()
    calcom = f"http://127.0.0.1:{port}"
    here = replace(settings(sqlite_url), calcom=CalcomSettings(calcom_api_url=calcom, _env_file=None))
    there = {**SECRETS, "DATABASE_URL": sqlite_url, "CALCOM_API_URL": calcom}
    with running("sandbox", "--port", str(port), folder=tmp_path, url=f"{calcom}/sandbox/ledger"):
        async with open_container(here) as services:
            organization = await services.organizations.create("Demo Clinic")
            agent = await services.agents.create(organization.id, "Dr. Rivera")
            account, _ = await services.connections.connect(organization.id, api_key="cal_sandbox_demo", name="Desk")
            await services.assignments.link(organization.id, agent.id, account.id)
        yield Practice(tmp_path, there, str(organization.id), str(agent.id))


async def test_a_client_books_moves_finds_and_cancels(practice: Practice) -> None:
    for era in ERAS:
        who = CALLERS[era]
        async with practice.client(era) as client:
            tools = (await client.list_tools()).tools
            offered = await call(client, "suggest_times")
            booked = await call(client, "book_appointment", **who, appointment_datetime=offered.fields["slot_1_start"])
            moved = await call(
                client,
                "reschedule_appointment",
                phone=who["phone"],
                appointment_datetime=offered.fields["slot_2_start"],
            )
            found = await call(client, "find_appointments", phone=who["phone"])
            cancelled = await call(client, "cancel_appointment", phone=who["phone"])

        assert len(tools) == 6
        assert booked.fields["date_time"] == offered.fields["slot_1_start"]
        assert moved.fields["date_time"] == found.fields["date_time"] == offered.fields["slot_2_start"]
        assert cancelled.fields["status"] == "cancelled"


def test_an_agent_that_is_not_theirs_is_told_at_once(practice: Practice) -> None:
    done = run(
        *("mcp", "--org", practice.organization, "--agent", str(uuid4())), folder=practice.folder, **practice.settings
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "calbridge: the organization has no such agent: calbridge agent list --org ...\n"
