"""The requests that the documentation of Ravan and Toolzz prints, sent as printed there, and the answers beside them.

Ids are adapted; so is the day of the booking, to one that lies ahead of the clinic's clock.
"""

from typing import Any

import httpx
from tests.api import calcom, owner
from tests.api.clinic import Clinic

Json = dict[str, Any]
TEXT, FLAG, NUMBER, NOTHING = "<string>", "<boolean>", "<integer>", None
OUTCOME = {
    "success": True,
    "message": "Booked successfully",
    "summary": "Appointment confirmed",
    "action": "book",
    "appointment_id": TEXT,
    "date_time": "2026-03-25T14:00:00Z",
    "agent_name": "Dr. Rivera",
    "action_required": "",
    "available_slots": [],
}
ROW = {
    **dict.fromkeys(["id", "organization_id", "agent_id", "attendee_name", "attendee_email", "attendee_phone"], TEXT),
    **dict.fromkeys(["attendee_timezone", "start_time", "end_time"], TEXT),
    "duration_minutes": NUMBER,
    "status": TEXT,
}
APPOINTMENT = dict.fromkeys(
    [
        *("id", "organization_id", "ghl_appointment_id", "contact_id", "agent_id", "agent_name"),
        *("contact_name", "contact_email", "contact_phone", "appointment_time", "end_time", "status"),
    ],
    TEXT,
)


async def test_manage_as_ravan_prints_it(clinic: Clinic) -> None:
    body = {
        "action": "book",
        "agent_id": str(clinic.agent.id),
        "org_id": str(clinic.organization.id),
        "name": "Jane Doe",
        "email": "jane@example.com",
        "appointment_datetime": "2026-03-25T14:00:00Z",
    }
    async with clinic.client(content_type="application/json") as client:
        answer = await client.post("/api/v1/calcom/appointments/manage", json=body)

    answered = _json(answer, 200)
    assert_like(answered, {"success": True, "message": TEXT, "data": OUTCOME}, more={"status", "timezone"})


async def test_the_list_as_ravan_prints_it(small_clinic: Clinic) -> None:
    await small_clinic.book()
    async with small_clinic.authorized() as client:
        query = {"org_id": str(small_clinic.organization.id)}
        answer = await client.get("/api/v1/calcom/appointments", params=query)

    data = {"appointments": [ROW], "count": 1, "org_id": TEXT, "agent_id": TEXT}
    assert_like(_json(answer, 200), {"success": True, "message": "Appointments retrieved", "data": data})


async def test_one_appointment_as_ravan_prints_it(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    async with small_clinic.authorized() as client:
        answer = await client.get(f"/api/v1/calcom/appointments/{uid}")

    data = {"appointment": APPOINTMENT, "org_id": TEXT, "agent_id": TEXT}
    assert_like(_json(answer, 200), {"success": True, "message": "Appointment retrieved", "data": data})


async def test_the_assignment_as_ravan_prints_it(small_clinic: Clinic) -> None:
    path = f"/api/v1/calcom/agents/{small_clinic.agent.id}/account"
    async with small_clinic.client(
        authorization=f"Bearer {small_clinic.token}", content_type="application/json"
    ) as client:
        answer = await client.put(path, json={"calcom_account_id": str(small_clinic.account.id)})

    data = {"agent_id": TEXT, "agent_name": TEXT, "calcom_account_id": TEXT}
    assert_like(_json(answer, 200), {"success": True, "message": "Agent Cal.com account updated", "data": data})


async def test_the_update_as_toolzz_prints_it(small_clinic: Clinic) -> None:
    body = {
        "title": "Calcom",
        "unitId": str(small_clinic.organization.id),
        "calcomUsername": "demo-clinic",
        "timezone": "America/Sao_Paulo",
        "prompt": "Offer morning times first.",
        "checkAvailabilityEnabled": True,
        "createBookingEnabled": False,
    }
    await small_clinic.services.assignments.link(small_clinic.organization.id, small_clinic.agent.id, None)
    async with small_clinic.client(
        authorization=f"Bearer {small_clinic.token}", content_type="application/json"
    ) as client:
        answer = await client.put(f"{owner.INTEGRATION}/{small_clinic.account.id}", json=body)

    expected = {
        **body,
        "id": str(small_clinic.account.id),
        "apiKey": "cal_****************",
        "isTokenMasked": True,
        "isActive": True,
        "botId": NOTHING,
        "defaultEventTypeId": NOTHING,
        "defaultEventTypeSlug": NOTHING,
        "createdAt": "2026-03-20 08:00:00.000000",
        "updatedAt": "2026-03-20 08:00:00.000",
    }
    assert _json(answer, 200) == expected
    order = [
        *("id", "title", "calcomUsername", "timezone", "prompt", "apiKey", "isTokenMasked", "isActive"),
        *("checkAvailabilityEnabled", "createBookingEnabled", "botId", "unitId"),
        *("defaultEventTypeId", "defaultEventTypeSlug", "createdAt", "updatedAt"),
    ]
    assert list(answer.json()) == order


async def test_refusals_of_the_documented_endpoints_as_ravan_prints_them(small_clinic: Clinic) -> None:
    coded, plain = {"success": False, "message": TEXT, "code": TEXT}, {"success": False, "message": TEXT}
    link = f"/api/v1/calcom/agents/{small_clinic.agent.id}/account"
    async with small_clinic.client() as stranger, small_clinic.authorized() as client:
        assert_like(_json(await stranger.put(link, json={"calcom_account_id": None}), 401), plain)
        assert_like(_json(await client.put(link, json={}), 400), {**coded, "code": "INVALID_REQUEST"})
        unknown = {"calcom_account_id": str(small_clinic.agent.id)}
        assert_like(_json(await client.put(link, json=unknown), 404), {**coded, "code": "NOT_FOUND"})
        assert_like(_json(await stranger.get("/api/v1/calcom/appointments"), 401), plain)
        assert_like(_json(await client.get("/api/v1/calcom/appointments"), 400), {**coded, "code": "INVALID_REQUEST"})
        assert_like(_json(await stranger.get("/api/v1/calcom/appointments/x"), 401), {**coded, "code": "UNAUTHORIZED"})
        assert_like(
            _json(await client.get("/api/v1/calcom/appointments/x"), 404), {**coded, "code": "CALCOM_API_ERROR"}
        )


def assert_like(answered: object, printed: object, more: frozenset[str] | set[str] = frozenset()) -> None:
    """Compare with what is printed: the same fields in the same order, ``more`` behind them, and values of the kind."""
    match printed:
        case {}:
            assert isinstance(answered, dict)
            assert [name for name in answered if name not in more] == list(printed)
            for name, value in printed.items():
                assert_like(answered[name], value, more)
        case [value]:
            assert isinstance(answered, list)
            assert len(answered) == 1
            assert_like(answered[0], value, more)
        case "<string>":
            assert isinstance(answered, str)
        case "<integer>":
            assert type(answered) is int
        case _:
            assert answered == printed


def _json(answer: httpx.Response, status: int) -> Json:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body: Json = answer.json()
    return body
