"""Changes of bookings, read on from an instant: page by page, each beginning where the one before ended."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx
from tests.calcom.answers import Json, booking, page

from calbridge.calcom.calendar import Calendar
from calbridge.domain.appointments import BookingQuery
from calbridge.domain.errors import CalendarError

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def changed(uid: str, seconds: float) -> Json:
    """A booking that was changed so long after noon."""
    return booking(uid=uid, updatedAt=(NOON + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z"))


def serve(calcom: respx.MockRouter, *bookings: Json) -> respx.Route:
    """Answer as Cal.com does: the number of pages takes no notice of the filter."""

    def answer(request: httpx.Request) -> httpx.Response:
        query = request.url.params
        since, skip, take = datetime.fromisoformat(query["afterUpdatedAt"]), int(query["skip"]), int(query["take"])
        found = [each for each in bookings if datetime.fromisoformat(str(each["updatedAt"])) >= since]
        found.sort(key=lambda each: str(each["updatedAt"]))
        return page(*found[skip : skip + take], more=skip + take < len(bookings))

    return calcom.get("/v2/bookings").mock(side_effect=answer)


async def read(calendar: Calendar, since: datetime = NOON) -> list[str]:
    return [each.uid async for each in calendar.changes(since, page_size=2)]


async def test_what_was_changed_since_comes_once_in_order(calcom: respx.MockRouter, calendar: Calendar) -> None:
    uids = [f"u{number}" for number in range(7)]
    serve(calcom, *(changed(uid, number) for number, uid in enumerate(uids)), changed("before", -1))
    assert await read(calendar) == uids


async def test_what_is_asked_for(calcom: respx.MockRouter, calendar: Calendar) -> None:
    route = serve(calcom)
    assert await read(calendar, NOON + timedelta(microseconds=1_999)) == []
    asked = {"afterUpdatedAt": "2026-11-24T12:00:00.001Z", "sortUpdatedAt": "asc", "take": "2", "skip": "0"}
    assert dict(route.calls.last.request.url.params) == asked


async def test_many_changes_at_one_instant_are_read_by_offset(calcom: respx.MockRouter, calendar: Calendar) -> None:
    uids = [f"u{number}" for number in range(5)]
    serve(calcom, *(changed(uid, 1.0015) for uid in uids), changed("last", 2))
    assert await read(calendar) == [*uids, "last"]


async def test_what_is_changed_meanwhile_comes_again_and_leaves_nothing_out(
    calcom: respx.MockRouter, calendar: Calendar
) -> None:
    known = [changed(f"u{number}", number) for number in range(5)]
    serve_all = serve(calcom, *known)
    found = []
    async for each in calendar.changes(NOON, page_size=2):
        found.append(each.uid)
        if each.uid == "u1":
            known[0] = changed("u0", 60)
            serve_all.side_effect = serve(calcom, *known).side_effect
    assert found == ["u0", "u1", "u2", "u3", "u4", "u0"]


async def test_a_page_with_gaps_is_not_the_last(calcom: respx.MockRouter, calendar: Calendar) -> None:
    calcom.get("/v2/bookings").mock(
        side_effect=[page(changed("u0", 0), more=True), page(changed("u1", 1), more=True), page(more=True)]
    )
    assert await read(calendar) == ["u0", "u1"]


async def test_nonsense_is_an_error(calcom: respx.MockRouter, calendar: Calendar) -> None:
    calcom.get("/v2/bookings").mock(httpx.Response(200, json={"status": "success", "data": []}))
    with pytest.raises(CalendarError):
        await read(calendar)


async def test_the_last_change_of_a_booking_is_told(calcom: respx.MockRouter, calendar: Calendar) -> None:
    calcom.get("/v2/bookings").mock(page(changed("told", 0.5), booking(uid="untold", updatedAt=None)))
    told = [each.updated_at async for each in calendar.bookings(BookingQuery())]
    assert told == [NOON + timedelta(seconds=0.5), None]
