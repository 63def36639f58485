"""API keys and the audit log, in the Ravan dialect's shape."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, Field
from pydantic.config import JsonDict

from calbridge.api.deps import Administrator, AdministratorsOrganization, Limit, Offset, Services, Uuid
from calbridge.api.ravan.account_schemas import ACCOUNT
from calbridge.api.ravan.agent_schemas import Page
from calbridge.api.ravan.documentation import AUDIT, KEY_CREATE, KEY_LIST, KEY_REVOKE
from calbridge.api.ravan.errors import PREFIX
from calbridge.api.ravan.schemas import ORG, Envelope, answered, requested
from calbridge.domain.access import ApiKey, AuditEntry, Scope
from calbridge.tools import understand
from calbridge.tools.clock import iso

router = APIRouter(tags=["Ravan: administration"])
KEYS = "/api/v1/keys"

_KEY: JsonDict = {
    "id": ACCOUNT,
    "name": "Voice platform",
    "hint": "ak_3fT9xQ...",
    "scopes": ["manage", "read"],
    "created_at": "2026-03-20T08:00:00Z",
    "revoked_at": "",
}


def _name(value: object) -> object:
    return understand.plain(value, 200) if isinstance(value, str) else value


class KeyCreate(BaseModel):
    """A key to make."""

    model_config = requested({"name": "Voice platform", "scopes": ["manage", "read"]})

    name: Annotated[str, BeforeValidator(_name)] = Field(min_length=1, description="What it is for.")
    scopes: list[Scope] = Field(
        default=[Scope.MANAGE, Scope.READ],
        min_length=1,
        max_length=10,
        description="What it may do: manage appointments, read, admin (connections, agents, keys, audit).",
    )


class KeyRow(BaseModel):
    """An API key, without its secret."""

    id: str
    name: str
    hint: str = Field(description="Its first characters.")
    scopes: list[Scope]
    created_at: str
    revoked_at: str = Field(description="Empty while it is valid.")


class NewKey(KeyRow):
    """An API key that was just made."""

    key: str = Field(description="The key itself: shown this once, and kept only as a digest.")


class NewKeyAnswer(Envelope):
    """A new key."""

    model_config = answered("API key created", data={**_KEY, "key": "ak_3fT9xQ..."})

    data: NewKey


class KeyAnswer(Envelope):
    """A key."""

    model_config = answered("API key revoked", data=_KEY)

    data: KeyRow


class KeyListAnswer(Envelope):
    """The organization's keys, the oldest first, revoked ones too."""

    model_config = answered("API keys retrieved", data=[_KEY])

    data: list[KeyRow]


class AuditRow(BaseModel):
    """One change."""

    id: str
    at: str
    actor_kind: str = Field(description="token, key, command, or calbridge itself.")
    actor_name: str = Field(description="The token's subject, or the key's id.")
    event: str = Field(description="What happened: account.connected, agent.linked, key.revoked, ...")
    subject_id: str = Field(description="The account, agent or key that it happened to.")


class AuditAnswer(Envelope):
    """The organization's own entries, the newest first."""

    model_config = answered(
        "Audit log retrieved",
        data=[
            {
                "id": ORG,
                "at": "2026-03-20T08:00:00Z",
                "actor_kind": "token",
                "actor_name": "admin@clinic.example",
                "event": "account.connected",
                "subject_id": ACCOUNT,
            }
        ],
        meta={"total": 1, "limit": 50, "offset": 0},
    )

    data: list[AuditRow]
    meta: Page


@router.post(KEYS, status_code=201, responses=KEY_CREATE, summary="Create an API key")
async def create_key(
    body: KeyCreate, services: Services, credential: Administrator, organization: AdministratorsOrganization
) -> NewKeyAnswer:
    """Make an API key of the organization. It is shown this once."""
    key, secret = await services.keys.create(organization, body.name, frozenset(body.scopes), by=credential.actor)
    return NewKeyAnswer(message="API key created", data=NewKey(**_row(key).model_dump(), key=secret))


@router.get(KEYS, responses=KEY_LIST, summary="List API keys")
async def list_keys(services: Services, organization: AdministratorsOrganization) -> KeyListAnswer:
    """The organization's keys. The secrets are not kept."""
    keys = await services.keys.list(organization)
    return KeyListAnswer(message="API keys retrieved", data=[_row(key) for key in keys])


@router.delete(f"{KEYS}/{{key_id}}", responses=KEY_REVOKE, summary="Revoke an API key")
async def revoke_key(
    key_id: Uuid, services: Services, credential: Administrator, organization: AdministratorsOrganization
) -> KeyAnswer:
    """Revoke a key: from now on it opens nothing. Revoking it again changes nothing."""
    key = await services.keys.revoke(organization, key_id, by=credential.actor)
    return KeyAnswer(message="API key revoked", data=_row(key))


@router.get(f"{PREFIX}/audit", responses=AUDIT, summary="Who changed what?")
async def audit(
    services: Services, organization: AdministratorsOrganization, limit: Limit = 50, offset: Offset = 0
) -> AuditAnswer:
    """Who changed which connection, link, key or agent, and when: the organization's own entries, the newest first."""
    entries, total = await services.audit.list(organization, limit=limit, offset=offset)
    page = Page(total=total, limit=limit, offset=offset)
    return AuditAnswer(message="Audit log retrieved", data=[_entry(entry) for entry in entries], meta=page)


def _row(key: ApiKey) -> KeyRow:
    return KeyRow(
        id=str(key.id),
        name=key.name,
        hint=f"{key.hint}...",
        scopes=sorted(key.scopes),
        created_at=iso(key.created_at),
        revoked_at=iso(key.revoked_at) if key.revoked_at else "",
    )


def _entry(entry: AuditEntry) -> AuditRow:
    return AuditRow(
        id=str(entry.id),
        at=iso(entry.at),
        actor_kind=entry.actor.kind,
        actor_name=entry.actor.name,
        event=entry.event,
        subject_id=str(entry.subject_id),
    )
