"""The hand on the sandbox: `/sandbox/...`, which the product never sees. See what arrived, order faults, make users."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from calbridge.sandbox import snapshot
from calbridge.sandbox.faults import Fault, Faults
from calbridge.sandbox.ledger import Ledger
from calbridge.sandbox.rendering import booking as render
from calbridge.sandbox.seed import make_user, seed
from calbridge.sandbox.throttle import Throttle
from calbridge.sandbox.validation import instant
from calbridge.sandbox.webhooks import Deliveries
from calbridge.sandbox.world import Booking, Json, World

EDITABLE = ("status", "location", "metadata", "cancellation_reason", "rejection_reason")


@dataclass(frozen=True, slots=True)
class Control:
    """The endpoints. A request that does not fit gets a 400 with `error`."""

    world: World
    ledger: Ledger
    faults: Faults
    throttle: Throttle
    deliveries: Deliveries
    state_file: Path | None

    def routes(self) -> list[Route]:
        """Give the table."""
        table: list[tuple[str, str, Callable[[Request, Any], Awaitable[Any]]]] = [
            ("POST", "/reset", self.reset),
            ("POST", "/settings", self.change_settings),
            ("GET", "/ledger", self.read_ledger),
            ("POST", "/faults", self.order_faults),
            ("DELETE", "/faults", self.clear_faults),
            ("POST", "/users", self.add_user),
            ("PATCH", "/bookings/{uid}", self.edit_booking),
        ]
        return [Route(path, self._endpoint(handler), methods=[method]) for method, path, handler in table]

    def _endpoint(self, handler: Callable[[Request, Any], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                content = await request.json() if await request.body() else {}
                answer = await handler(request, content)
            except (ValueError, TypeError, LookupError, AttributeError) as error:
                return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
            if request.method != "GET":
                self.save()
            return JSONResponse(answer)

        return endpoint

    def save(self) -> None:
        """Keep the world, if there is a file for it."""
        if self.state_file:
            snapshot.save(self.world, self.state_file)

    async def reset(self, request: Request, content: Json) -> Json:
        """Start all over: demo world, no ledger, no faults, fresh counters; then apply settings, if any are given."""
        seed(self.world)
        self.ledger.clear()
        self.faults.orders.clear()
        self.throttle.clear()
        self.deliveries.log.clear()
        return await self.change_settings(request, content)

    async def change_settings(self, _: Request, content: Json) -> Json:
        """Change `extra_versions`, `race_window_ms`, or by `limits` how much keys may ask in a minute."""
        limits = content.pop("limits", {})
        for name, value in content.items():
            if name not in asdict(self.world.settings):
                raise ValueError(f"no such setting: {name}")
            setattr(self.world.settings, name, value)
        for key, limit in limits.items():
            self.world.keys[key].limit = limit
        return asdict(self.world.settings) | {"limits": {key: each.limit for key, each in self.world.keys.items()}}

    async def read_ledger(self, request: Request, _: Json) -> Json:
        """Show requests (`?after=N`: those with a greater number), bookings, and deliveries of webhooks."""
        return {
            "requests": self.ledger.render(int(request.query_params.get("after", 0))),
            "bookings": [self._shown(booking) for booking in self.world.bookings.values()],
            "deliveries": [asdict(delivery) for delivery in self.deliveries.log],
        }

    def _shown(self, booking: Booking) -> Json:
        shown = render(self.world, booking)
        names = ("uid", "start", "end", "status", "eventType", "attendees", "metadata", "icsUid")
        return {
            **{name: shown[name] for name in (*names, "createdAt", "updatedAt")},
            "host": self.world.users[booking.host_id].username,
            "rescheduledFromUid": booking.rescheduled_from,
            "rescheduledToUid": booking.rescheduled_to,
            "created_by_request": booking.created_by_request,
        }

    async def order_faults(self, _: Request, content: Json | list[Json]) -> Json:
        """Add a fault, or a list of them, to the ones that wait."""
        self.faults.orders += [Fault.of(order) for order in (content if isinstance(content, list) else [content])]
        return {"waiting": len(self.faults.orders)}

    async def clear_faults(self, _: Request, __: Json) -> Json:
        """Call all faults off."""
        self.faults.orders.clear()
        return {"waiting": 0}

    async def add_user(self, _: Request, content: Json) -> Json:
        """Make a user with keys and event types."""
        user = make_user(self.world, content)
        event_types = {each.slug: each.id for each in self.world.event_types_of(user)}
        return {"id": user.id, "username": user.username, "event_types": event_types}

    async def edit_booking(self, request: Request, content: Json) -> Json:
        """Change a booking by hand, as if in the database: same uid, no checks, no webhook."""
        booking = self.world.bookings[request.path_params["uid"]]
        start = instant(content.pop("start", None))
        if start:
            booking.start, booking.end = start, start + (booking.end - booking.start)
        if "minutes" in content:
            booking.end = booking.start + timedelta(minutes=content.pop("minutes"))
        for name, value in content.items():
            if name not in EDITABLE:
                raise ValueError(f"cannot be edited: {name}")
            setattr(booking, name, value)
        booking.updated_at = self.world.now()
        return self._shown(booking)
