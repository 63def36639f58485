"""``manage`` with ``book``: what the caller hears, and what has happened at Cal.com."""

from tests.api.clinic import Clinic

JANE = "jane@example.com"


async def test_a_booking_is_made_and_told(clinic: Clinic) -> None:
    answer = await clinic.book()

    assert answer.status_code == 200
    body = answer.json()
    uid = body["data"].pop("appointment_id")
    assert body == {
        "success": True,
        "message": "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM.",
        "data": {
            "success": True,
            "message": "Booked successfully",
            "summary": "Appointment confirmed",
            "action": "book",
            "date_time": "2026-03-25T10:00:00Z",
            "agent_name": "Dr. Rivera",
            "action_required": "",
            "available_slots": [],
            "status": "accepted",
            "timezone": "Europe/London",
        },
    }
    booking = (await clinic.at_calcom("GET", f"/v2/bookings/{uid}"))["data"]
    assert booking["start"] == "2026-03-25T10:00:00.000Z"
    assert booking["attendees"][0]["email"] == JANE


async def test_a_plain_book_with_warm_caches_is_one_request_to_calcom(clinic: Clinic) -> None:
    await clinic.manage("suggest")
    before = await clinic.requests_at_calcom()

    assert (await clinic.book()).status_code == 200

    assert (await clinic.requests_at_calcom())[len(before) :] == [("POST", "/v2/bookings")]
