"""The door for Cal.com itself: what it has to tell of the accounts' bookings."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from calbridge.api.deps import Services
from calbridge.api.docs import documented
from calbridge.api.problems import PayloadTooLargeError
from calbridge.api.ravan.errors import render
from calbridge.api.ravan.schemas import Problem, Refusal
from calbridge.domain.errors import CalbridgeError, UnauthorizedError

PREFIX = "/api/v1/calcom/webhooks"
SIGNATURE = "x-cal-signature-256"
BODY = {
    "requestBody": {
        "required": True,
        "description": "A delivery as Cal.com makes it; anything in it is a hint, and Cal.com is asked what is true.",
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "examples": {
                    "cancelled": {
                        "value": {"triggerEvent": "BOOKING_CANCELLED", "payload": {"uid": "e4Ejy7hz2mXMRoEtuUUVy8"}}
                    }
                },
            }
        },
    },
    "parameters": [
        {
            "name": "X-Cal-Signature-256",
            "in": "header",
            "required": True,
            "description": "The hex HMAC-SHA256 of the raw body, under the secret of the webhook.",
            "schema": {"type": "string"},
        }
    ],
}

router = APIRouter(prefix=PREFIX, tags=["Cal.com: webhooks"])


class Received(BaseModel):
    """A delivery that was taken in."""

    success: bool = Field(default=True, examples=[True])


def _model(error: CalbridgeError) -> type[BaseModel]:
    return Refusal if isinstance(error, UnauthorizedError) else Problem


RESPONSES = documented(
    lambda error: render(error, PREFIX, None), _model, UnauthorizedError(), PayloadTooLargeError(64 * 1024)
)


@router.post("/{token}", responses=RESPONSES, openapi_extra=BODY, summary="Tell of a change")
async def receive(
    token: Annotated[str, Path(description="Random, and made by this service for one account.")],
    request: Request,
    services: Services,
) -> Received:
    """Take a delivery of Cal.com in, and look into it afterwards. The address is made when an account is connected.

    An unknown token, a missing or wrong signature and `no-secret-provided` are answered alike.
    """
    signatures = request.headers.getlist(SIGNATURE)
    signature = signatures[0] if len(signatures) == 1 else ""
    await services.inbox.receive(token, signature, await request.body())
    return Received()
