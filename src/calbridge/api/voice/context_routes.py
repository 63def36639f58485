"""Before the call: what a platform asks while the phone rings, and what its model should know by then."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from calbridge.api.deps import ApiKey, Bearer, ClientAddress, Services, Uuid
from calbridge.api.voice.contexts import documentation
from calbridge.api.voice.contexts.listed import PRE_CALLS
from calbridge.api.voice.contexts.pre_call import PreCall
from calbridge.api.voice.line import phone_of
from calbridge.api.voice.platform import Received
from calbridge.api.voice.platforms import PLATFORMS, PlatformName
from calbridge.api.voice.routes import DOOR, VOICE
from calbridge.api.voice.senders import credential_of, received, signature_of
from calbridge.api.voice.signatures import Verified
from calbridge.domain.access import Credential
from calbridge.domain.actions import Call, Find
from calbridge.domain.voice import Vouched
from calbridge.tools.greeting import variables

router = APIRouter(prefix=VOICE, tags=["Voice platforms"])


@dataclass(frozen=True, slots=True)
class Asked:
    """A question before a call, and who asks it."""

    pre_call: PreCall
    request: Received
    call: Call
    credential: Credential | None


async def asked(
    request: Request,
    services: Services,
    platform: Annotated[PlatformName, Path(description="The platform that calls.")],
    org_id: Annotated[Uuid, Path(description="The organization of the agent.")],
    agent_id: Annotated[Uuid, Path(description="The agent that will handle the call.")],
    _bearer: Bearer,
    _api_key: ApiKey,
) -> Asked:
    """Find out who asks, and who calls.

    Raises UnauthorizedError for what should be signed and is not, and for a key or a token that does not hold.
    """
    pre_call, taken = PRE_CALLS[platform], await received(request)
    signature = await signature_of(services, PLATFORMS[platform], taken, org_id, agent_id)
    credential = await credential_of(services, taken.headers, signature)
    phone = phone_of(pre_call.caller(taken))
    vouched = Vouched(platform.value, phone) if isinstance(signature, Verified) else None
    call = Call(organization_id=org_id, agent_id=agent_id, action=Find(phone=phone), vouched=vouched)
    return Asked(pre_call, taken, call, credential)


@router.post(
    f"{DOOR}/context",
    response_model=None,
    responses=documentation.RESPONSES,
    openapi_extra=documentation.BODY,
    summary="Tell what is known before a call",
)
async def context(question: Annotated[Asked, Depends(asked)], services: Services, address: ClientAddress) -> Any:  # noqa: ANN401 - each platform's own JSON
    """What a platform asks before it answers the phone, in its own shape (Vapi: assistant request; Retell: inbound
    webhook; ElevenLabs: conversation initiation; Telnyx: dynamic variables; the others: `caller_number`).

    It is told within 1.5 seconds whatever Cal.com does, and what is not known by then is `""`: `now`, `today`,
    `timezone`, `agent_name`, and with a signature, a key or a token also `caller_name`, `caller_has_email` (yes, no)
    and `next_appointment`. Meanwhile the open times are asked for, so that the first answer of the call is quick.
    """  # noqa: D205 - one sentence, shown on the documentation page
    if not question.pre_call.is_asked(question.request):
        return {}
    greeting = await services.contexts.of(question.call, question.credential, address)
    return question.pre_call.answer(variables(greeting), question.request)
