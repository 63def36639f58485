"""A booking that the calendar's owner merely attends is in the owner's list at Cal.com, and is still not theirs."""

from dataclasses import replace

import pytest
from tests.security.doors import DOORS
from tests.security.test_tenancy import assert_nothing_gained, knock, seen
from tests.security.town import Names, Town, bearer

ABOUT_A_BOOKING = [door for door in DOORS if "booking" in door.names]


async def test_a_booking_where_the_owner_is_a_guest_is_somebody_elses(town: Town, subtests: pytest.Subtests) -> None:
    fields = {"org_id": town.foreign.organization, "agent_id": town.foreign.agent, "email": "owner@clinic.example"}
    booked = await town.clinic.book("2026-03-25T14:00:00", **fields)
    uid = booked.json()["data"]["appointment_id"]
    listed = await town.clinic.at_calcom("GET", f"/v2/bookings?bookingUid={uid}")
    assert [each["uid"] for each in listed["data"]] == [uid]

    mine = bearer(town.own.organization)
    for door in ABOUT_A_BOOKING:
        with subtests.test(door=str(door)):
            answer = await assert_nothing_gained(town, door, replace(town.own, booking=uid), mine, {404})
            unknown = await knock(town, door, replace(town.own, booking=Names.unknown().booking), mine)
            assert seen(unknown) == seen(answer)
    everything = await town.send(
        "GET", "/api/v1/calcom/appointments", headers=mine, params={"org_id": town.own.organization}
    )
    assert [each["id"] for each in everything.json()["data"]["appointments"]] == [town.own.booking]
