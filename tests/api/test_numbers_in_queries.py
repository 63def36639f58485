"""Numbers in a query that no database and no language holds are refused in our own words, or taken for the default."""

import pytest
from tests.api.bodies import error
from tests.api.clinic import Clinic
from tests.api.office import AGENTS, PREFIX, ask

HUGE, BEYOND = "1" + "0" * 30, "1" + "0" * 5_000


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"limit": HUGE}, "limit must be less than or equal to 200"),
        ({"limit": f"-{HUGE}"}, "limit must be greater than or equal to 1"),
        ({"limit": BEYOND}, "limit has too many digits"),
        ({"limit": "many"}, "limit must be a whole number"),
        ({"offset": HUGE}, "offset must be less than 2147483648"),
        ({"offset": BEYOND}, "offset has too many digits"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_of_agents(small_clinic: Clinic, query: dict[str, str], message: str) -> None:
    answer = await ask(small_clinic, "GET", AGENTS, **query)

    assert (answer.status_code, answer.json()) == (400, error("INVALID_REQUEST", message))


async def test_of_appointments(small_clinic: Clinic) -> None:
    organization = small_clinic.organization.id
    huge = await ask(small_clinic, "GET", f"{PREFIX}/appointments", org_id=organization, limit=HUGE)
    beyond = await ask(small_clinic, "GET", f"{PREFIX}/appointments", org_id=organization, limit=BEYOND)

    assert huge.status_code == 200
    assert (beyond.status_code, beyond.json()) == (400, error("INVALID_REQUEST", "limit has too many digits"))
