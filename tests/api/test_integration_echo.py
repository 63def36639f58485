"""An integration that is read and written back as it was read: nothing changes."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.api import calcom, owner
from tests.api.bodies import Json
from tests.api.clinic import Clinic
from tests.api.office import ask, done
from tests.api.owner import INTEGRATION

from calbridge.domain.agents import AccountStatus


async def as_connected(clinic: Clinic) -> None:
    """Leave it alone."""


async def two_agents(clinic: Clinic) -> None:
    agent = await clinic.services.agents.create(clinic.organization.id, "Dr. Second")
    await clinic.services.assignments.link(clinic.organization.id, agent.id, clinic.account.id)


async def no_agent(clinic: Clinic) -> None:
    await clinic.services.assignments.link(clinic.organization.id, clinic.agent.id, None)


async def refused(clinic: Clinic) -> None:
    await owner.accounts(clinic).needs_reauth(clinic.account)


async def switched_off(clinic: Clinic) -> None:
    await owner.update(clinic, isActive=False)


async def erased(clinic: Clinic) -> None:
    await owner.accounts(clinic).disconnect(clinic.organization.id, clinic.account.id)


async def both_defaults(clinic: Clinic) -> None:
    await owner.update(clinic, defaultEventTypeId=7, defaultEventTypeSlug="intake", prompt="Be kind.")


async def by_slug(clinic: Clinic) -> None:
    await owner.update(clinic, defaultEventTypeSlug="intake", createBookingEnabled=False)


async def nameless(clinic: Clinic) -> None:
    await owner.update(clinic, calcomUsername="")


STATES: list[Callable[[Clinic], Awaitable[None]]] = [
    *(as_connected, two_agents, no_agent, refused, switched_off, erased, both_defaults, by_slug, nameless)
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_what_was_read_can_be_written_back(clinic: Clinic, state: Callable[[Clinic], Awaitable[None]]) -> None:
    await state(clinic)
    path = f"{INTEGRATION}/{clinic.account.id}"
    before = await everything(clinic)
    read = (await ask(clinic, "GET", path)).json()

    answer = await ask(clinic, "PUT", path, read)

    assert (answer.status_code, answer.json()) == (200, read)
    assert await everything(clinic) == before


async def test_a_refused_key_is_not_made_good_by_a_word(small_clinic: Clinic) -> None:
    await refused(small_clinic)

    await owner.update(small_clinic, isActive=True)

    assert await status(small_clinic) is AccountStatus.NEEDS_REAUTH
    await owner.update(small_clinic, isActive=True, apiKey=calcom.DEMO)
    assert await status(small_clinic) is AccountStatus.ACTIVE


async def test_null_unlinks_the_one_bot_that_is_shown(small_clinic: Clinic) -> None:
    assert (await owner.update(small_clinic, botId=None)).json()["botId"] is None
    assert (await owner.accounts(small_clinic).linked_agents(small_clinic.account.id)) == ()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"defaultEventTypeId": 8}, (8, None)),
        ({"defaultEventTypeSlug": "visit"}, (None, "visit")),
        ({"defaultEventTypeId": None}, (None, "intake")),
        ({"defaultEventTypeSlug": None}, (7, None)),
        ({"defaultEventTypeSlug": ""}, (7, None)),
        ({"defaultEventTypeId": 8, "defaultEventTypeSlug": "visit"}, (8, "visit")),
        ({"defaultEventTypeId": None, "defaultEventTypeSlug": "visit"}, (None, "visit")),
        ({}, (7, "intake")),
    ],
    ids=str,
)
async def test_a_new_default_event_type_replaces_the_other_way_to_name_it(
    small_clinic: Clinic, sent: Json, kept: tuple[Any, Any]
) -> None:
    await owner.update(small_clinic, defaultEventTypeId=7, defaultEventTypeSlug="intake")

    shown = (await owner.update(small_clinic, **sent)).json()

    assert (shown["defaultEventTypeId"], shown["defaultEventTypeSlug"]) == kept


async def status(clinic: Clinic) -> AccountStatus:
    """The state of the demo account."""
    account = await owner.accounts(clinic).get(clinic.organization.id, clinic.account.id)
    assert account is not None
    return account.status


async def everything(clinic: Clinic) -> list[object]:
    """The account, who is linked to it, and the audit log."""
    accounts, audit = owner.accounts(clinic), clinic.services.audit
    return [
        await accounts.get(clinic.organization.id, clinic.account.id),
        await accounts.linked_agents(clinic.account.id),
        await audit.list(clinic.organization.id, limit=100, offset=0),
        await done(clinic, "GET", f"/api/v1/agents/{clinic.agent.id}"),
    ]
