"""``POST /connect``: a key is proved before it is stored, and a Cal.com user is an account once."""

from uuid import UUID, uuid4

import httpx
import pytest
from tests.api import calcom, owner
from tests.api.bodies import Json, error
from tests.api.clinic import SANDBOX, Clinic

from calbridge.domain.ids import parse_uuid

NOW = "2026-03-20T08:00:00Z"
REFUSED = error("INVALID_REQUEST", "api_key was refused by Cal.com")
FORBIDDEN_HOST = error("INVALID_REQUEST", "api_base_url is not an address of Cal.com that this service may call")


async def connect(clinic: Clinic, org_id: object = None, **body: object) -> httpx.Response:
    """Connect as the organization; without more, the other Cal.com user."""
    known = {"org_id": str(org_id or clinic.organization.id), "api_key": "cal_sandbox_other", **body}
    async with clinic.authorized() as client:
        return await client.post("/api/v1/calcom/connect", json=known)


def connected(account_id: str, org_id: UUID, name: str, at: str = NOW) -> Json:
    """The documented answer."""
    data = {
        "provider_id": account_id,
        "calcom_account_id": account_id,
        "org_id": str(org_id),
        "account_name": name,
        "status": "active",
        "connected_at": at,
    }
    return {"success": True, "message": "Cal.com connected successfully", "data": data}


async def test_an_account_is_connected(clinic: Clinic) -> None:
    answer = await connect(clinic, account_name="Back office")

    assert answer.status_code == 200
    account_id = answer.json()["data"]["provider_id"]
    assert answer.json() == connected(account_id, clinic.organization.id, "Back office")
    identity = parse_uuid(account_id)
    assert identity is not None
    assert identity.version == 7
    assert len(await clinic.services.connections.list(clinic.organization.id)) == 2


@pytest.mark.parametrize("name", [{}, {"account_name": ""}, {"account_name": None}, {"account_name": "null"}])
async def test_an_account_without_a_name_is_called_default(small_clinic: Clinic, name: Json) -> None:
    answer = await connect(small_clinic, **name)

    assert answer.json()["data"]["account_name"] == "Default"


async def test_the_key_is_proved_with_one_live_call(small_clinic: Clinic) -> None:
    before = await small_clinic.requests_at_calcom()

    await connect(small_clinic)

    proof, *after = (await small_clinic.requests_at_calcom())[len(before) :]
    assert proof == ("GET", "/v2/me")
    assert after == [("GET", "/v2/event-types")]  # what the key is stored for, read once


async def test_a_key_that_is_not_proved_reads_nothing(small_clinic: Clinic) -> None:
    before = await small_clinic.requests_at_calcom()

    await connect(small_clinic, api_key="cal_sandbox_unknown")

    assert (await small_clinic.requests_at_calcom())[len(before) :] == [("GET", "/v2/me")]


async def test_the_same_calcom_user_again_keeps_the_id_and_takes_the_new_name(clinic: Clinic) -> None:
    again = await connect(clinic, api_key="cal_sandbox_limited", account_name="Renamed")  # another key of that user

    expected = connected(str(clinic.account.id), clinic.organization.id, "Renamed")
    assert again.json() == expected
    assert len(await clinic.services.connections.list(clinic.organization.id)) == 1
    await clinic.book()
    assert (await calcom.requests(clinic))[-1]["user"] == "demo-clinic"


async def test_an_account_that_was_disconnected_keeps_its_id_and_is_connected_anew(clinic: Clinic) -> None:
    await owner.accounts(clinic).disconnect(clinic.organization.id, clinic.account.id)
    clinic.clock.now = clinic.clock.now.replace(hour=9)

    answer = await connect(clinic, api_key=calcom.DEMO, account_name="Again")

    expected = connected(str(clinic.account.id), clinic.organization.id, "Again", "2026-03-20T09:00:00Z")
    assert answer.json() == expected


async def test_two_organizations_may_connect_one_calcom_user(small_clinic: Clinic) -> None:
    neighbour = await small_clinic.services.organizations.create("Neighbour")
    token = small_clinic.services.tokens.issue(neighbour.id, subject="tests", ttl_seconds=60)
    body = {"org_id": str(neighbour.id), "api_key": calcom.DEMO}

    async with small_clinic.client(authorization=f"Bearer {token}") as client:
        answer = await client.post("/api/v1/calcom/connect", json=body)

    account_id = answer.json()["data"]["provider_id"]
    assert answer.json() == connected(account_id, neighbour.id, "Default")
    assert account_id != str(small_clinic.account.id)


async def test_an_organization_springs_into_being_from_a_claim(clinic: Clinic) -> None:
    newcomer = uuid4()
    token = clinic.services.tokens.issue(newcomer, subject="tests", ttl_seconds=60)
    body = {"org_id": str(newcomer), "api_key": "cal_sandbox_other"}

    async with clinic.client(authorization=f"Bearer {token}") as client:
        answer = await client.post("/api/v1/calcom/connect", json=body)

    assert answer.json() == connected(answer.json()["data"]["provider_id"], newcomer, "Default")
    organization = await clinic.services.organizations.get(newcomer)
    assert organization is not None


async def test_no_organization_springs_into_being_from_a_key_that_is_refused(small_clinic: Clinic) -> None:
    newcomer = uuid4()
    token = small_clinic.services.tokens.issue(newcomer, subject="tests", ttl_seconds=60)
    body = {"org_id": str(newcomer), "api_key": "cal_unknown"}

    async with small_clinic.client(authorization=f"Bearer {token}") as client:
        answer = await client.post("/api/v1/calcom/connect", json=body)

    assert answer.json() == REFUSED
    assert await small_clinic.services.organizations.get(newcomer) is None


@pytest.mark.parametrize("key", ["cal_unknown", "cal_sandbox_expired", "not even like one"])
async def test_a_key_that_calcom_refuses_is_not_stored(small_clinic: Clinic, key: str) -> None:
    answer = await connect(small_clinic, api_key=key)

    assert answer.status_code == 400
    assert answer.json() in (REFUSED, error("INVALID_REQUEST", "api_key is not a Cal.com API key"))
    assert len(await small_clinic.services.connections.list(small_clinic.organization.id)) == 1


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("drop", "Cal.com could not be reached."),
        ("status", "Cal.com did not answer as expected."),
        ("malformed", "Cal.com did not answer as expected."),
        ("redirect", "Cal.com did not answer as expected."),
    ],
)
async def test_a_key_that_cannot_be_proved_is_not_stored(small_clinic: Clinic, kind: str, message: str) -> None:
    await calcom.fault(small_clinic, kind, "GET", "/v2/me", times=3)

    answer = await connect(small_clinic)

    assert answer.status_code == 502
    assert answer.json() == error("CALCOM_API_ERROR", message)
    assert len(await small_clinic.services.connections.list(small_clinic.organization.id)) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"org_id": None}, "org_id must be a UUID"),
        ({"org_id": "the clinic"}, "org_id must be a UUID"),
        ({"api_key": ""}, "api_key must not be empty"),
        ({"api_key": "   "}, "api_key is required"),
        ({"api_key": None}, "api_key must be a string"),
        ({"api_key": "cal_\r\nX: y"}, "api_key is not a Cal.com API key"),
        ({"api_key": "cal_ключ"}, "api_key is not a Cal.com API key"),
        ({"account_name": "x" * 201}, "account_name must be at most 200 characters long"),
        ({"account_name": 5}, "account_name must be a string"),
        ({"account_name": "a\x00b"}, "account_name must not contain control characters"),
    ],
)
async def test_what_cannot_be_understood_is_named(small_clinic: Clinic, body: Json, message: str) -> None:
    known = {"org_id": str(small_clinic.organization.id), "api_key": "cal_sandbox_other", **body}
    async with small_clinic.authorized() as client:
        answer = await client.post("/api/v1/calcom/connect", json=known)

    assert answer.status_code == 400
    assert answer.json() == error("INVALID_REQUEST", message)


@pytest.mark.parametrize("missing", ["org_id", "api_key"])
async def test_what_is_missing_is_named(small_clinic: Clinic, missing: str) -> None:
    known = {"org_id": str(small_clinic.organization.id), "api_key": "cal_sandbox_other"}
    del known[missing]
    async with small_clinic.authorized() as client:
        answer = await client.post("/api/v1/calcom/connect", json=known)

    assert answer.status_code == 400
    assert answer.json() == error("INVALID_REQUEST", f"{missing} is required")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "http://api.cal.com",
        "https://api.cal.com@evil.example",
        "https://api.cal.com.evil.example",
        "https://api.cal.com/v2",
        "https://api.cal.com?x=1",
        "https://api.cal.com#x",
        "https://user:pass@api.cal.com",
        "https://API.CAL.COM",
        "https://127.0.0.1",
        "https://169.254.169.254",
        "ftp://api.cal.com",
        "api.cal.com",
        f"{SANDBOX}1",
        SANDBOX.removesuffix(":5555"),
    ],
)
async def test_an_address_that_is_not_of_the_list_is_refused(small_clinic: Clinic, address: str) -> None:
    before = await small_clinic.requests_at_calcom()

    answer = await connect(small_clinic, api_base_url=address)

    assert answer.status_code == 400
    assert answer.json() == FORBIDDEN_HOST
    assert await small_clinic.requests_at_calcom() == before


@pytest.mark.parametrize("address", [SANDBOX, "", None], ids=["named", "empty", "null"])
async def test_an_address_of_the_list_is_taken_and_none_is_the_default(
    small_clinic: Clinic, address: str | None
) -> None:
    answer = await connect(small_clinic, api_base_url=address)

    assert answer.status_code == 200


async def test_another_organization_is_forbidden_and_nothing_is_asked_of_calcom(small_clinic: Clinic) -> None:
    before = await small_clinic.requests_at_calcom()

    answer = await connect(small_clinic, uuid4())

    assert answer.status_code == 403
    assert answer.json() == error("", "This credential does not allow that.")
    assert await small_clinic.requests_at_calcom() == before
