"""Every way in: what a request there looks like, what it takes, and what it may name of an organization.

A route without a line here fails ``test_tenancy``: whoever adds one says here who may call it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from tests.security.town import Names

from calbridge.domain.access import Scope

Json = dict[str, Any]
Body = Callable[[Names], Json] | None
PREFIX = "/api/v1/calcom"
OPEN = {("GET", "/health/live"), ("GET", "/health/ready"), ("GET", "/metrics")}
DOCS = {"/docs", "/docs/oauth2-redirect", "/redoc"}
# It answers nobody: it only keeps the path from being read as that of an appointment.
NOBODY = {("GET", f"{PREFIX}/appointments/manage")}
# Cal.com itself signs what it sends there, and shows no credential: see tests/api/test_webhooks.py.
SIGNED = {("POST", f"{PREFIX}/webhooks/{{token}}")}
REQUIRED = frozenset(
    {
        "action", "org_id", "agent_id", "name", "appointment_datetime", "appointment_id", "calcom_account_id",
        "api_key", "apiKey",
        "title", "unitId", "calcomUsername", "timezone", "prompt", "checkAvailabilityEnabled", "createBookingEnabled",
        "agentName", "secrets",
    }
)  # fmt: skip
WHEN = "2026-03-26T11:00:00Z"


class Org(Enum):
    """How a request says for which organization it is."""

    FALLBACK = "the query's org_id, only if the credential names none"
    QUERY = "the query's org_id, which a credential must not contradict; one without may name it"
    STRICT = "the query's org_id, and the credential must be of that very organization"
    OWN = "not at all: it is the credential's own"
    EXACT = "the credential must be of the organization that is named"
    BODY = "manage: the body's, and no credential is needed"
    ADDRESS = "the doors for voice platforms: the address's, and no credential is needed"


@dataclass(frozen=True, slots=True)
class Door:
    """A way in. ``names``: the fields of Names, other than the organization, that a request there holds."""

    method: str
    path: str
    scope: Scope
    org: Org
    names: tuple[str, ...] = ()
    body: Body = None
    action: str = ""
    unknown: int = 404  # the status for a name that is not the organization's
    template: str = ""  # the route's path, where it is not ``path``

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.action}".strip()

    @property
    def required(self) -> frozenset[str]:
        """The fields without which a body is refused."""
        if self.method == "PATCH" or self.path == "/api/v1/keys":
            return frozenset()
        return REQUIRED

    @property
    def route(self) -> tuple[str, str]:
        """Method and path of the route."""
        return self.method, self.template or self.path

    @property
    def is_toolzz(self) -> bool:
        """Whether the other dialect is spoken: whose unit it is not hears 404."""
        return self.path.startswith(f"{PREFIX}/integration")

    def request(self, names: Names) -> tuple[str, str, Json]:
        """Method, path and options of a request."""
        path = self.path.format(
            agent_id=names.agent,
            appointment_id=names.booking,
            integrationId=names.account,
            unitId=names.organization,
            key_id=names.key,
        )
        options: Json = {"json": self.body(names)} if self.body else {}
        if self.org in {Org.FALLBACK, Org.QUERY, Org.STRICT}:
            options["params"] = {"org_id": names.organization}
        return self.method, path, options


def _manage(action: str, **fields: str) -> Door:
    def body(names: Names) -> Json:
        filled = {name: value.format(booking=names.booking) for name, value in fields.items()}
        return {"action": action, "org_id": names.organization, "agent_id": names.agent, **filled}

    named = ("agent", "booking") if "appointment_id" in fields else ("agent",)
    return Door("POST", f"{PREFIX}/appointments/manage", Scope.MANAGE, Org.BODY, named, body, action)


def _integration(names: Names, **more: object) -> Json:
    return {
        "title": "Front desk", "unitId": names.organization, "calcomUsername": "demo-clinic",
        "timezone": "Europe/London", "prompt": "", "checkAvailabilityEnabled": True, "createBookingEnabled": True,
        **more,
    }  # fmt: skip


def _to_integration(method: str, names: tuple[str, ...], body: Body = None, scope: Scope = Scope.ADMIN) -> Door:
    org = Org.EXACT if body else Org.OWN
    return Door(method, f"{PREFIX}/integration/{{integrationId}}", scope, org, names, body)


def _to_agent(method: str, what: str, body: Body = None, action: str = "") -> Door:
    scope = Scope.READ if method == "GET" else Scope.ADMIN
    names = ("agent", "account") if body and action == "link" else ("agent",)
    return Door(method, f"{PREFIX}/agents/{{agent_id}}/{what}", scope, Org.FALLBACK, names, body, action)


def _to_administrator(method: str, path: str, names: tuple[str, ...] = (), body: Body = None) -> Door:
    scope = Scope.READ if method == "GET" and path.startswith("/api/v1/agents") else Scope.ADMIN
    return Door(method, path, scope, Org.OWN, names, body)


def _to_platform(method: str, body: Body = None) -> Door:
    template = f"{PREFIX}/voice/secrets/{{platform}}"
    path = template.format(platform="retell")
    return Door(method, path, Scope.ADMIN, Org.FALLBACK, (), body, template=template)


def _at_voice(what: str, template: str, org: Org = Org.ADDRESS) -> Door:
    address = f"{PREFIX}/voice/{{platform}}/{{org_id}}/{{agent_id}}"
    path = f"{PREFIX}/voice/generic/{{unitId}}/{{agent_id}}{what}"
    return Door("POST", path, Scope.MANAGE, org, ("agent",), template=f"{address}{template}")


# In this order they all succeed for whoever may call them: what is needed is taken away last.
DOORS = [
    _manage("suggest"),
    _manage("availability"),
    _manage("book", name="Jane Doe", email="jane@example.com", appointment_datetime="2026-03-27T11:00:00Z"),
    _manage("find", email="jane@example.com"),
    _manage("find", appointment_id="{booking}"),
    _at_voice("?action=suggest", ""),
    _at_voice("/availability", "/{action}"),
    _at_voice("/echo?action=suggest", "/echo", Org.EXACT),
    _at_voice("/context", "/context"),
    _to_platform("PUT", lambda _: {"secrets": [{"secret": "key_1"}]}),
    _to_platform("GET"),
    _to_platform("DELETE"),
    Door("GET", f"{PREFIX}/agents/{{agent_id}}/tools/vapi", Scope.READ, Org.FALLBACK, ("agent",),
    template=f"{PREFIX}/agents/{{agent_id}}/tools/{{platform}}"),
    Door("GET", f"{PREFIX}/appointments", Scope.READ, Org.QUERY),
    Door("GET", f"{PREFIX}/appointments/{{appointment_id}}", Scope.READ, Org.FALLBACK, ("booking",)),
    Door("GET", f"{PREFIX}/event-types", Scope.READ, Org.STRICT),
    Door("GET", f"{PREFIX}/event-types/lookup/1", Scope.READ, Org.STRICT,
    template=f"{PREFIX}/event-types/lookup/{{platform_id}}"),
    Door("GET", f"{PREFIX}/status", Scope.READ, Org.STRICT),
    _to_administrator("GET", f"{PREFIX}/audit"),
    _to_administrator("POST", "/api/v1/keys", body=lambda _: {"name": "tests", "scopes": ["read"]}),
    _to_administrator("GET", "/api/v1/keys"),
    _to_administrator("DELETE", "/api/v1/keys/{key_id}", ("key",)),
    _to_administrator("POST", "/api/v1/agents", body=lambda _: {"agentName": "Dr. Who"}),
    _to_administrator("GET", "/api/v1/agents"),
    _to_administrator("GET", "/api/v1/agents/{agent_id}", ("agent",)),
    _to_administrator("PATCH", "/api/v1/agents/{agent_id}", ("agent",), lambda _: {"agentName": "Dr. Rivera"}),
    _to_agent("PUT", "account", lambda _: {"calcom_account_id": None}, "unlink"),
    _to_agent("POST", "connect", lambda _: {"api_key": "cal_sandbox_demo", "account_name": "Mine"}),
    _to_agent("GET", "status"),
    _to_agent("GET", "info"),
    _to_agent("GET", "account"),
    _to_agent("POST", "disconnect"),
    _to_agent("PUT", "account", lambda names: {"calcom_account_id": names.account}, "link"),
    Door(
        "POST", f"{PREFIX}/connect", Scope.ADMIN, Org.EXACT, (),
        lambda names: {"org_id": names.organization, "api_key": "cal_sandbox_demo", "account_name": "Front desk"},
    ),
    Door(
        "POST", f"{PREFIX}/integration", Scope.ADMIN, Org.EXACT, (),
        lambda names: _integration(names, apiKey="cal_sandbox_demo"),
    ),
    Door("GET", f"{PREFIX}/integration/unit/{{unitId}}", Scope.READ, Org.EXACT),
    _to_integration("GET", ("account",), scope=Scope.READ),
    _to_integration("PUT", ("account", "agent"), lambda names: _integration(names, botId=names.agent)),
    _manage("reschedule", appointment_id="{booking}", appointment_datetime=WHEN),
    _manage("cancel", appointment_id="{booking}"),
    Door(
        "POST", f"{PREFIX}/disconnect", Scope.ADMIN, Org.EXACT, ("account",),
        lambda names: {"org_id": names.organization, "provider_id": names.account}, unknown=400,
    ),
    _to_integration("DELETE", ("account",)),
    _to_administrator("DELETE", "/api/v1/agents/{agent_id}", ("agent",)),
]  # fmt: skip


def guarded_routes(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of every route of the application that somebody has to be let in to."""
    routes = (route for route in app.routes if isinstance(route, APIRoute))
    found = {(method, route.path) for route in routes for method in route.methods or ()}
    return {(method, path) for method, path in found - OPEN - NOBODY - SIGNED if path not in DOCS}
