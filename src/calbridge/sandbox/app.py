"""The API: how a request comes to its endpoint and back, and the application as a whole."""

import base64
import contextlib
import hashlib
import json
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from calbridge.sandbox import snapshot
from calbridge.sandbox.calls import NO_KEY, Call, Success
from calbridge.sandbox.control import Control
from calbridge.sandbox.endpoints import OLD, Access, find
from calbridge.sandbox.envelopes import ApiError, refused, throttled
from calbridge.sandbox.faults import Faults
from calbridge.sandbox.ledger import Entry, Ledger
from calbridge.sandbox.reception import ENTRY, Reception
from calbridge.sandbox.rendering import stamp
from calbridge.sandbox.seed import seed
from calbridge.sandbox.throttle import Throttle
from calbridge.sandbox.webhooks import Deliveries
from calbridge.sandbox.world import Json, User, World

ANONYMOUS_LIMIT, TOKEN_LIMIT = 120, 500
NO_PERMISSION = (
    "PermissionsGuard - no authentication provided. Provide either authorization bearer token containing managed user "
    "access token or oAuth client id in 'x-cal-client-id' header."
)


def _parsed(entry: Entry) -> Json:
    """Read the body: JSON if it says so, and an object; null is as good as nothing."""
    if "json" not in entry.headers.get("content-type", "") or not entry.raw.strip():
        return {}
    try:
        body = json.loads(entry.raw)
    except ValueError:
        text = entry.raw.decode(errors="replace").strip()
        message = f"Unexpected token '{text[0]}', \"{text[:10]}\" is not valid JSON"
        if text[0] == "{":
            message = "Expected property name or '}' in JSON at position 1"
        raise refused(400, message) from None
    return {name: value for name, value in body.items() if value is not None} if isinstance(body, dict) else {}


class Api:
    """Answers a request as Cal.com does, in its order: path, body, key and count, right to call, then the call."""

    def __init__(self, world: World, throttle: Throttle, deliveries: Deliveries, save: Callable[[], None]) -> None:
        self.world, self.throttle, self.deliveries, self.save = world, throttle, deliveries, save

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, whatever the method and the path."""
        response = await self.answer(Request(scope, receive))
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """Give the answer, be it an error."""
        entry: Entry = request.scope[ENTRY]
        path = entry.path + (f"?{entry.query}" if entry.query else "")
        headers = {"access-control-allow-origin": "*", "x-request-id": str(uuid.uuid4())}
        try:
            success = await self._success(request, entry, path, headers)
            status, body = success.status, success.body()
        except ApiError as error:
            status, body = error.status, error.body(path, stamp(self.world.now()))
        else:
            if request.method != "GET":
                self.save()
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        digest = base64.b64encode(hashlib.sha1(raw, usedforsecurity=False).digest()).decode()
        headers["etag"] = f'W/"{len(raw):x}-{digest[:27]}"'
        headers["content-type"] = "application/json; charset=utf-8"
        return Response(raw, status, headers)

    async def _success(self, request: Request, entry: Entry, path: str, headers: dict[str, str]) -> Success:
        version, plain = request.headers.get("cal-api-version", OLD), entry.path.removeprefix("/api").rstrip("/")
        found = find(entry.method, plain, version, self.world.settings.extra_versions)
        if found is None:
            raise refused(404, f"Cannot {entry.method} {path}")
        endpoint, params = found
        body = _parsed(entry)
        user = self._caller(request, headers)
        if user is None and endpoint.access is not Access.OPEN:
            raise refused(401, NO_KEY) if endpoint.access is Access.KEY else refused(403, NO_PERMISSION)
        query = dict(request.query_params)
        return await endpoint.handler(Call(self.world, self.deliveries, user, params, query, body, entry.n))

    def _caller(self, request: Request, headers: dict[str, str]) -> User | None:
        """Count the request, and find out who calls; None if no key was sent."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        key = self.world.keys.get(token)
        if token.startswith("cal_") and key is None:
            raise refused(401, "CustomThrottlerGuard - Invalid API Key")
        host = request.client.host if request.client else ""
        limit = key.limit if key else TOKEN_LIMIT if token else ANONYMOUS_LIMIT
        passes, counts = self.throttle.count(token or host, limit)
        headers.update({name.lower(): value for name, value in counts.items()})
        if not passes:
            raise throttled()
        if token and key is None:
            raise refused(401, "Invalid Access Token.")
        if key is None:
            return None
        if key.expired:
            raise refused(401, "ApiAuthStrategy - api key - Your api key is expired")
        return self.world.users[key.user_id]


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(
    *,
    state_file: Path | None = None,
    clock: Callable[[], datetime] = _utc_now,
    deliver: httpx.AsyncClient | None = None,
) -> Starlette:
    """Build a sandbox. It works with or without its lifespan, which only waits for deliveries at the end.

    `state_file` is loaded if it exists, and written after each change. `clock` gives aware times. `deliver` is the
    client for webhooks. In process, `app.state` has `world`, `ledger`, `faults`, `throttle` and `deliveries`.
    """
    world, ledger, faults, throttle = World(clock), Ledger(), Faults(), Throttle(clock)
    deliveries = Deliveries(world, deliver)
    control = Control(world, ledger, faults, throttle, deliveries, state_file)
    if state_file and state_file.exists():
        snapshot.load(world, state_file)
    else:
        seed(world)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await deliveries.close()

    app = Starlette(
        routes=[
            Mount("/sandbox", routes=control.routes()),
            Route("/{path:path}", Api(world, throttle, deliveries, control.save)),
        ],
        middleware=[Middleware(Reception, world=world, ledger=ledger, faults=faults)],
        lifespan=lifespan,
    )
    parts = {"world": world, "ledger": ledger, "faults": faults, "throttle": throttle, "deliveries": deliveries}
    for name, part in parts.items():
        setattr(app.state, name, part)
    return app
