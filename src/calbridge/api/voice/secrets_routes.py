"""Secrets of voice platforms: set and taken away by administrators, and never shown again.

Once one is set, the platform's door takes nothing that is not signed with one of them; several are candidates while
they are rotated: the new one is added here, then used at the platform, then the old one is left out here.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path
from pydantic import BaseModel, BeforeValidator, Field, model_validator
from pydantic.config import JsonDict

from calbridge.api.deps import AdministeredOrganization, Administrator, Services
from calbridge.api.docs import WITH_BODY
from calbridge.api.ravan.documentation import problems
from calbridge.api.ravan.errors import PREFIX
from calbridge.api.ravan.schemas import Envelope, answered, requested
from calbridge.api.voice.signatures import PUBLIC_KEY_BYTES, from_base64
from calbridge.domain.errors import InvalidRequestError, NotFoundError
from calbridge.domain.voice import HmacOptions, Scheme, SecretsInUse, VoiceSecret
from calbridge.tools import understand
from calbridge.tools.clock import iso

router = APIRouter(prefix=f"{PREFIX}/voice/secrets", tags=["Voice platforms"])

MAX_SECRET = 1024
MOST_SECRETS = 5


class Signing(StrEnum):
    """The platforms that sign what they send; for the others, an API key in a header does."""

    VAPI = "vapi"
    RETELL = "retell"
    TELNYX = "telnyx"


def _plain(limit: int) -> BeforeValidator:
    def read(value: object) -> object:
        return understand.plain(value, limit) if isinstance(value, str) else value

    return BeforeValidator(read)


def _header(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


Secret = Annotated[str, Field(min_length=1), _plain(MAX_SECRET)]
Text = Annotated[str, _plain(255)]
HeaderName = Annotated[str, Field(pattern=r"^[a-z0-9-]{0,100}$"), BeforeValidator(_header)]


class HmacBody(BaseModel):
    """Vapi's options of an HMAC credential; what is left out is Vapi's default."""

    algorithm: Literal["sha256", "sha512", "sha1"] = "sha256"
    signature_header: HeaderName = Field(default="", description="`x-signature` unless told otherwise.")
    timestamp_header: HeaderName = Field(default="", description="`x-timestamp` unless told otherwise.")
    message_id_header: HeaderName = Field(default="", description="What `{svix-id}` stands for: `svix-id`.")
    payload_format: Text = Field(
        default="", description="`{timestamp}.{body}` unless told otherwise; also `{method}`, `{url}`, `{svix-id}`."
    )
    prefix: Text = Field(default="", description="What comes before the signature, such as `sha256=`.")
    encoding: Literal["hex", "base64"] = "hex"
    secret_is_base64: bool = False
    include_timestamp: bool = True

    @model_validator(mode="after")
    def signs_the_body(self) -> Self:
        """Refuse a format that leaves the body out: anybody could send another one."""
        if self.payload_format and "{body}" not in self.payload_format:
            raise ValueError("must contain {body}")
        return self


class SecretBody(BaseModel):
    """One secret."""

    secret: Secret = Field(
        description="Vapi: the credential's token or secret key. Retell: the API key with the webhook badge. "
        "Telnyx: the account's public key, in base64."
    )
    header: HeaderName = Field(
        default="", description="Vapi without `hmac`: the header with the token, if not `X-Vapi-Secret` or a bearer."
    )
    hmac: HmacBody | None = Field(default=None, description="Vapi: the credential signs with HMAC, with these options.")


class SecretsBody(BaseModel):
    """All secrets that count from now on."""

    model_config = requested({"secrets": [{"secret": "key_b3f1c0"}]})

    secrets: list[SecretBody] = Field(min_length=1, max_length=MOST_SECRETS, description="In place of those before.")


class SecretsStatus(BaseModel):
    """What is set, without the secrets."""

    platform: Signing
    required: bool = Field(description="Whether requests have to be signed: as soon as there is a secret.")
    count: int
    schemes: list[Scheme] = Field(description="How each of them is used, in their order.")
    changed_at: str = Field(description="Empty where nothing is set.")


_STATUS: JsonDict = {
    "platform": "retell",
    "required": True,
    "count": 1,
    "schemes": ["hmac"],
    "changed_at": "2026-03-20T08:00:00Z",
}
_NOTHING: JsonDict = {"platform": "retell", "required": False, "count": 0, "schemes": [], "changed_at": ""}


class SecretsAnswer(Envelope):
    """What is set."""

    model_config = answered("Voice secrets set", data=_STATUS)

    data: SecretsStatus


class SecretsGoneAnswer(Envelope):
    """Nothing is set any more."""

    model_config = answered("Voice secrets removed", data=_NOTHING)

    data: SecretsStatus


Platform = Annotated[Signing, Path(description="A platform that signs its requests.")]
_UNKNOWN = InvalidRequestError("platform", "must be 'vapi', 'retell' or 'telnyx'")
PUT = problems(InvalidRequestError("secrets", "is required"), NotFoundError("Organization"), *WITH_BODY)
GET = problems(_UNKNOWN, NotFoundError("Path"))
DELETE = problems(_UNKNOWN, NotFoundError("Secrets"))


@router.put("/{platform}", responses=PUT, summary="Set the secrets of a voice platform")
async def put(
    platform: Platform,
    body: SecretsBody,
    services: Services,
    credential: Administrator,
    organization: AdministeredOrganization,
) -> SecretsAnswer:
    """Set what the platform signs with, in place of what was set before. From now on it has to sign everything."""
    secrets = [READERS[platform](each) for each in body.secrets]
    used = await services.voice_secrets.put(organization, platform.value, secrets, by=credential.actor)
    return SecretsAnswer(message="Voice secrets set", data=_status(platform, used))


@router.get("/{platform}", responses=GET, summary="Are there secrets of a voice platform?")
async def get(
    platform: Platform, services: Services, _credential: Administrator, organization: AdministeredOrganization
) -> SecretsAnswer:
    """Whether secrets are set, how many, and since when. The secrets themselves are never shown."""
    used = await services.voice_secrets.get(organization, platform.value)
    return SecretsAnswer(message="Voice secrets retrieved", data=_status(platform, used))


@router.delete("/{platform}", responses=DELETE, summary="Remove the secrets of a voice platform")
async def remove(
    platform: Platform, services: Services, credential: Administrator, organization: AdministeredOrganization
) -> SecretsGoneAnswer:
    """Remove them: requests need not be signed any more, and what is not signed may do no more than anybody."""
    await services.voice_secrets.remove(organization, platform.value, by=credential.actor)
    return SecretsGoneAnswer(message="Voice secrets removed", data=_status(platform, None))


def _status(platform: Signing, used: SecretsInUse | None) -> SecretsStatus:
    secrets = used.secrets if used else ()
    return SecretsStatus(
        platform=platform,
        required=bool(secrets),
        count=len(secrets),
        schemes=[each.scheme for each in secrets],
        changed_at=iso(used.changed_at) if used else "",
    )


def _vapi(body: SecretBody) -> VoiceSecret:
    if body.hmac is None:
        return VoiceSecret(body.secret, Scheme.BEARER, body.header)
    if body.hmac.secret_is_base64 and not from_base64(body.secret):
        raise InvalidRequestError("secret", "must be base64")
    return VoiceSecret(body.secret, Scheme.HMAC, hmac=HmacOptions(**body.hmac.model_dump()))


def _retell(body: SecretBody) -> VoiceSecret:
    return VoiceSecret(body.secret, Scheme.HMAC)


def _telnyx(body: SecretBody) -> VoiceSecret:
    if len(from_base64(body.secret)) != PUBLIC_KEY_BYTES:
        raise InvalidRequestError("secret", "must be the account's public key: 32 bytes in base64")
    return VoiceSecret(body.secret, Scheme.PUBLIC_KEY)


READERS: dict[Signing, Callable[[SecretBody], VoiceSecret]] = {
    Signing.VAPI: _vapi,
    Signing.RETELL: _retell,
    Signing.TELNYX: _telnyx,
}
