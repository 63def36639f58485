"""When an event type can be booked: working hours less bookings, buffers, notice and window. Pure computation."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from calbridge.sandbox.world import WEEKDAYS, EventType, User, World

DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
GRIDS = (60, 30, 20, 15, 10, 5, 1)  # slots start at multiples of one of these in the hour
Span = tuple[datetime, datetime]


def _local(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """Give a local time as an instant; "24:00" is the end of the day, whatever the clocks do in between."""
    hour, minute = map(int, clock.split(":"))
    moment = datetime.combine(day + hour // 24 * DAY, time(hour % 24, minute), zone)
    return moment.astimezone(ZoneInfo("UTC"))


def working(user: User, start: datetime, end: datetime) -> list[Span]:
    """Working hours that touch a span, joined where one ends as the next begins (also over midnight)."""
    zone = ZoneInfo(user.time_zone)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    spans: list[Span] = []
    for number in range(-1, (last - first).days + 2):
        day = first + number * DAY
        for opens, closes in user.hours.get(WEEKDAYS[day.weekday()], []):
            span = _local(day, opens, zone), _local(day, closes, zone)
            if spans and spans[-1][1] == span[0]:
                span = spans.pop()[0], span[1]
            spans.append(span)
    return spans


def busy(world: World, event_type: EventType, start: datetime, end: datetime, leave_out: str | None) -> list[Span]:
    """Times that bookings of the host take from this event type, in order; buffers of both are kept free.

    A pending booking takes its time only if its event type says so; one with seats left is open to others.
    `leave_out` is the uid of a booking to be moved.
    """
    spans = []
    low, high = start - DAY, end + DAY
    for booking in world.calendar(event_type.owner_id):
        if booking.start > high or booking.end < low or not booking.alive or booking.uid == leave_out:
            continue
        booked = world.event_types[booking.event_type_id]
        if booking.status == "pending" and not booked.pending_blocks:
            continue
        if booked is event_type and len(booking.attendees) < (booked.seats or 0):
            continue
        before = (booked.before_buffer + event_type.after_buffer) * MINUTE
        after = (booked.after_buffer + event_type.before_buffer) * MINUTE
        spans.append((booking.start - before, booking.end + after))
    return sorted(spans)


def held(world: World, event_type: EventType) -> list[Span]:
    """Times of this event type that somebody reserved."""
    now = world.now()
    return [(h.start, h.end) for h in world.holds.values() if h.event_type_id == event_type.id and h.until > now]


def bookable(world: World, event_type: EventType) -> Span:
    """Give the span between notice and window; the window ends with a day of the host."""
    now = world.now()
    zone = ZoneInfo(world.users[event_type.owner_id].time_zone)
    days = 36500 if event_type.window_days is None else event_type.window_days
    return now + event_type.notice * MINUTE, _local(now.astimezone(zone).date() + days * DAY, "24:00", zone)


def is_free(world: World, event_type: EventType, start: datetime, end: datetime, leave_out: str | None = None) -> bool:
    """Tell whether the host works and has time from start to end."""
    host = world.users[event_type.owner_id]
    at_work = any(opens <= start and end <= closes for opens, closes in working(host, start, end))
    spans = busy(world, event_type, start, end, leave_out)
    return at_work and not any(taken < end and start < over for taken, over in spans)


def _gaps(span: Span, taken: list[Span]) -> Iterator[Span]:
    """What is left of a span, in order, with everything taken away that overlaps it."""
    start, end = span
    for begins, ends in taken:
        if ends <= start or begins >= end:
            continue
        if begins > start:
            yield start, begins
        start = max(start, ends)
    if start < end:
        yield start, end


def _aligned(moment: datetime, step: int, zone: ZoneInfo) -> datetime:
    """Give the next time on the grid of the host's hour."""
    grid = next(size for size in GRIDS if step % size == 0)
    local = moment.astimezone(zone)
    over = timedelta(minutes=local.minute % grid, seconds=local.second, microseconds=local.microsecond)
    return moment + grid * MINUTE - over if over else moment


def slots(
    world: World,
    event_type: EventType,
    start: datetime,
    end: datetime,
    minutes: int | None = None,
    leave_out: str | None = None,
) -> Iterator[datetime]:
    """Starts that can be offered between two instants, in order; any length is answered, as upstream does."""
    host = world.users[event_type.owner_id]
    zone, minutes = ZoneInfo(host.time_zone), minutes or event_type.minutes
    length, step = minutes * MINUTE, event_type.interval or minutes
    earliest, latest = bookable(world, event_type)
    start, end = max(start, earliest), min(end, latest)
    if start >= end:
        return
    taken = sorted(busy(world, event_type, start, end, leave_out) + held(world, event_type))
    for opens, closes in working(host, start, end):
        span = max(opens, start), min(closes, end)
        if span[0] >= span[1]:
            continue
        for free_from, free_to in _gaps(span, taken):
            slot = _aligned(free_from, step, zone)
            while slot + length - SECOND <= free_to:
                yield slot
                slot += step * MINUTE
