"""GET /v2/bookings: filters, order and pages."""

from collections.abc import Callable, Mapping
from datetime import datetime

from calbridge.sandbox.calls import Call, Success
from calbridge.sandbox.envelopes import invalid, invalid_property
from calbridge.sandbox.rendering import booking as render
from calbridge.sandbox.validation import instant
from calbridge.sandbox.world import Booking

Flaw = tuple[object, str, str]
Test = Callable[[Booking], object]
STATUSES: dict[str, Callable[[Booking, datetime], bool]] = {
    "upcoming": lambda it, now: it.end >= now and it.alive and not (it.recurring_uid and it.status != "accepted"),
    "recurring": lambda it, now: it.end >= now and it.alive and bool(it.recurring_uid),
    "past": lambda it, now: it.end <= now and it.alive,
    "cancelled": lambda it, _: not it.alive,
    "unconfirmed": lambda it, now: it.end >= now and it.status == "pending",
}
FILTERS: dict[str, Callable[[str], Test]] = {
    "attendeeEmail": lambda value: lambda it: any(one.email == value for one in it.attendees),
    "attendeeName": lambda value: lambda it: any(one.name == value for one in it.attendees),
    "bookingUid": lambda value: lambda it: it.uid == value,
    "eventTypeId": lambda value: lambda it: str(it.event_type_id) == value,
    "eventTypeIds": lambda value: lambda it: str(it.event_type_id) in value.split(","),
    "teamId": lambda _: lambda _it: False,
    "teamsIds": lambda _: lambda _it: False,
}
TIMES: dict[str, Callable[[datetime], Test]] = {
    "afterStart": lambda value: lambda it: it.start >= value,
    "beforeEnd": lambda value: lambda it: it.end <= value,
}
UNCOUNTED: dict[str, Callable[[datetime], Test]] = {  # totalItems is blind to these
    "afterCreatedAt": lambda value: lambda it: it.created_at >= value,
    "beforeCreatedAt": lambda value: lambda it: it.created_at <= value,
    "afterUpdatedAt": lambda value: lambda it: it.updated_at >= value,
    "beforeUpdatedAt": lambda value: lambda it: it.updated_at <= value,
}
SORTS: dict[str, Callable[[Booking], datetime]] = {
    "sortStart": lambda it: it.start,
    "sortEnd": lambda it: it.end,
    "sortCreated": lambda it: it.created_at,
    "sortUpdatedAt": lambda it: it.updated_at,
}
DEFAULT_TAKE, MAX_TAKE = 100, 250
BAD_STATUS = "Invalid status. Allowed are upcoming, recurring, past, cancelled, unconfirmed"


def _page_flaw(name: str, value: str) -> Flaw | None:
    least, number = int(name == "take"), int(value) if value.removeprefix("-").isdecimal() else None
    if number is None:
        return None, "isNumber", f"{name} must be a number conforming to the specified constraints"
    if number < least:
        return number, "min", f"{name} must not be less than {least}"
    if name == "take" and number > MAX_TAKE:
        return number, "max", f"take must not be greater than {MAX_TAKE}"
    return None


def _flaw(name: str, value: str) -> Flaw | None:
    """Tell what is wrong with one parameter: the value as understood, the constraint, the text."""
    if name in ("take", "skip"):
        return _page_flaw(name, value)
    if name == "status":
        names = value.split(",")
        return None if set(names) <= STATUSES.keys() else (names, "isEnum", BAD_STATUS)
    if name in SORTS:
        return None if value in ("asc", "desc") else (value, "isEnum", f'{name} must be either "asc" or "desc".')
    if name in TIMES | UNCOUNTED:
        return None if instant(value) else (value, "isISO8601", f"{name} must be a valid ISO 8601 date string")
    return None if name in FILTERS else (value, "whitelistValidation", f"property {name} should not exist")


def _tests(query: Mapping[str, str], times: Mapping[str, Callable[[datetime], Test]]) -> list[Test]:
    return [times[name](moment) for name, value in query.items() if name in times and (moment := instant(value))]


async def find(call: Call) -> Success:
    """Give the bookings that the owner of the key hosts or attends, one page of them."""
    query, now = call.query, call.world.now()
    flaws = [(name, *flaw) for name, value in query.items() if (flaw := _flaw(name, value))]
    if flaws:
        raise invalid([invalid_property({name: value}, name, rule, text) for name, value, rule, text in flaws])
    tests = [FILTERS[name](value) for name, value in query.items() if name in FILTERS] + _tests(query, TIMES)
    statuses = [name for name in query.get("status", "").split(",") if name]
    if statuses:
        tests.append(lambda it: any(STATUSES[name](it, now) for name in statuses))
    found = [it for it in call.world.seen_by(call.owner) if all(test(it) for test in tests)]
    total = len(found)
    uncounted = _tests(query, UNCOUNTED)
    found = [it for it in found if all(test(it) for test in uncounted)]
    found.sort(key=SORTS["sortStart"], reverse=statuses in (["past"], ["cancelled"]))
    for name in reversed([name for name in query if name in SORTS]):
        found.sort(key=SORTS[name], reverse=query[name] == "desc")
    skip, take = int(query.get("skip", 0)), int(query.get("take", DEFAULT_TAKE))
    page = [render(call.world, it) for it in found[skip : skip + take]]
    left = max(0, total - skip - len(page))
    pagination = {
        "returnedItems": len(page), "totalItems": total, "itemsPerPage": take, "remainingItems": left,
        "currentPage": skip // take + 1 if total else 0, "totalPages": -(-total // take),
        "hasNextPage": left > 0, "hasPreviousPage": skip > 0,
    }  # fmt: skip
    return Success(page, extra={"pagination": pagination})
