"""Everything that can be changed over HTTP, and what the audit log says of it: one case a route, at the least."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.api import calcom, owner
from tests.api.bodies import Json
from tests.api.clinic import MANAGE, Clinic
from tests.api.office import AGENTS, KEYS, PREFIX, done

from calbridge.domain.access import Scope

PATH = f"{PREFIX}/audit"
AGENT, INTEGRATION = f"{PREFIX}/agents/{{agent_id}}", f"{PREFIX}/integration/{{integrationId}}"


@dataclass(frozen=True, slots=True)
class Scene:
    """An organization where every change is possible; but for the clinic, all are ids."""

    clinic: Clinic
    organization: str
    account: str  # of the demo user
    second: str  # an account of another user, which no agent uses
    linked: str  # an agent that uses ``account``
    free: str  # one that uses nothing
    keyed: str  # one with a private key
    private: str  # the account that is
    key: str  # an API key
    secrets: str  # the secrets of a voice platform

    async def entries(self) -> list[Json]:
        """The whole log, the oldest first."""
        log: list[Json] = await done(self.clinic, "GET", PATH, limit=200)
        return log[::-1]


async def grown(clinic: Clinic) -> Scene:
    """Have the clinic grow."""
    services, organization = clinic.services, clinic.organization.id
    await calcom.host(clinic)
    second, _ = await services.connections.connect(organization, api_key="cal_sandbox_other", name="Second")
    free = await services.agents.create(organization, "Dr. Free")
    keyed = await owner.private_agent(clinic, "cal_sandbox_other")
    private = await owner.accounts(clinic).private(keyed.id)
    key, _ = await services.keys.create(organization, "Old", {Scope.READ})
    assert private is not None
    await done(clinic, "PUT", f"{PREFIX}/voice/secrets/vapi", _secrets(None))
    (entry, *_) = await done(clinic, "GET", PATH, limit=1)
    return Scene(
        clinic,
        organization=str(organization),
        account=str(clinic.account.id),
        second=str(second.id),
        linked=str(clinic.agent.id),
        free=str(free.id),
        keyed=str(keyed.id),
        private=str(private.id),
        key=str(key.id),
        secrets=entry["subject_id"],
    )


def _secrets(_: Scene | None) -> Json:
    return {"secrets": [{"secret": "a secret of the platform's"}]}


Body = Callable[[Scene], Json] | None


@dataclass(frozen=True, slots=True)
class Case:
    """A change.

    ``on``: the scene's name of what the path names. ``entries``: events and the scene's names of their subjects, "" for
    what is new.
    """

    method: str
    route: str
    entries: tuple[tuple[str, str], ...]
    body: Body = None
    on: str = ""

    def request(self, scene: Scene) -> tuple[str, str, Json | None]:
        """Method, path and body."""
        subject = getattr(scene, self.on) if self.on else ""
        voice = {"platform": "generic" if self.on else "vapi", "org_id": scene.organization, "action": "book"}
        path = self.route.format(agent_id=subject, integrationId=subject, key_id=subject, **voice)
        return self.method, path, self.body(scene) if self.body else None


def _integration(**fields: str) -> Body:
    def body(scene: Scene) -> Json:
        named = {name: getattr(scene, value, value) for name, value in fields.items()}
        return owner.integration(scene.clinic, **named)

    return body


def _connect(key: str) -> Body:
    return lambda scene: {"org_id": scene.organization, "api_key": key, "account_name": "Front desk"}


def _disconnect(which: str) -> Body:
    return lambda scene: {"org_id": scene.organization, "provider_id": getattr(scene, which)}


def _link(which: str) -> Body:
    return lambda scene: {"calcom_account_id": getattr(scene, which) if which else None}


def _book(scene: Scene) -> Json:
    who = {"name": "Jane Doe", "email": "jane@example.com", "appointment_datetime": "2026-03-25T10:00:00"}
    return {"action": "book", "org_id": scene.organization, "agent_id": scene.linked, **who}


SECRETS = f"{PREFIX}/voice/secrets/{{platform}}"
DOOR = f"{PREFIX}/voice/{{platform}}/{{org_id}}/{{agent_id}}"
NEW_KEY = "cal_sandbox_new"
UNLINKED, LINKED, DISCONNECTED = "agent.unlinked", "agent.linked", "account.disconnected"
CASES = {
    "connect": Case("POST", f"{PREFIX}/connect", (("account.connected", ""),), _connect(NEW_KEY)),
    "connect again": Case("POST", f"{PREFIX}/connect", (("account.reconnected", "account"),), _connect(calcom.DEMO)),
    "disconnect": Case("POST", f"{PREFIX}/disconnect", ((DISCONNECTED, "second"),), _disconnect("second")),
    "disconnect what is used": Case(
        "POST", f"{PREFIX}/disconnect", ((UNLINKED, "linked"), (DISCONNECTED, "account")), _disconnect("account")
    ),
    "give a key": Case(
        "POST", f"{AGENT}/connect", (("agent_key.connected", ""),), lambda _: {"api_key": NEW_KEY}, "free"
    ),
    "change a key": Case(
        "POST", f"{AGENT}/connect", (("agent_key.rotated", "private"),), lambda _: {"api_key": NEW_KEY}, "keyed"
    ),
    "take a key": Case("POST", f"{AGENT}/disconnect", (("agent_key.disconnected", "private"),), None, "keyed"),
    "link": Case("PUT", f"{AGENT}/account", ((LINKED, "free"),), _link("account"), "free"),
    "link elsewhere": Case("PUT", f"{AGENT}/account", ((LINKED, "linked"),), _link("second"), "linked"),
    "unlink": Case("PUT", f"{AGENT}/account", ((UNLINKED, "linked"),), _link(""), "linked"),
    "make an agent": Case("POST", AGENTS, (("agent.created", ""),), lambda _: {"agentName": "Dr. New"}),
    "change an agent": Case(
        "PATCH", f"{AGENTS}/{{agent_id}}", (("agent.changed", "free"),), lambda _: {"status": "INACTIVE"}, "free"
    ),
    "delete an agent": Case("DELETE", f"{AGENTS}/{{agent_id}}", (("agent.deleted", "free"),), None, "free"),
    "delete one that is linked": Case(
        "DELETE", f"{AGENTS}/{{agent_id}}", ((UNLINKED, "linked"), ("agent.deleted", "linked")), None, "linked"
    ),
    "delete one with a key": Case(
        "DELETE",
        f"{AGENTS}/{{agent_id}}",
        (("agent_key.disconnected", "private"), ("agent.deleted", "keyed")),
        None,
        "keyed",
    ),
    "make an API key": Case("POST", KEYS, (("key.created", ""),), lambda _: {"name": "New", "scopes": ["read"]}),
    "revoke an API key": Case("DELETE", f"{KEYS}/{{key_id}}", (("key.revoked", "key"),), None, "key"),
    "create an integration": Case(
        "POST", f"{PREFIX}/integration", (("account.connected", ""),), _integration(apiKey=NEW_KEY)
    ),
    "update an integration": Case(
        "PUT", INTEGRATION, (("account.changed", "account"),), _integration(title="Renamed"), "account"
    ),
    "update its key": Case(
        "PUT", INTEGRATION, (("account.reconnected", "account"),), _integration(apiKey="cal_sandbox_limited"), "account"
    ),
    "update its bot": Case(
        "PUT", INTEGRATION, ((UNLINKED, "linked"), (LINKED, "free")), _integration(botId="free"), "account"
    ),
    "delete an integration": Case("DELETE", INTEGRATION, ((DISCONNECTED, "second"),), None, "second"),
    "set secrets": Case("PUT", SECRETS, (("voice_secrets.set", "secrets"),), _secrets),
    "remove secrets": Case("DELETE", SECRETS, (("voice_secrets.removed", "secrets"),)),
    "book": Case("POST", MANAGE, (), _book),  # appointments have records of their own
    "book at a door": Case("POST", DOOR, (), _book, "linked"),
    "book at its address": Case("POST", f"{DOOR}/{{action}}", (), _book, "linked"),
    "ask who calls": Case("POST", f"{DOOR}/context", (), lambda _: {}, "linked"),
    "try a payload": Case("POST", f"{DOOR}/echo", (), _book, "linked"),
}
