"""The secrets that voice platforms prove themselves with: who may set them, and what is checked against them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from calbridge.domain.access import Actor
from calbridge.domain.errors import NotFoundError, UnavailableError
from calbridge.domain.voice import SecretsInUse, VoiceSecret
from calbridge.storage.secrets import SealError
from calbridge.storage.voice_secrets import VoiceSecretStore

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a request may be signed with, and the present, which a signature must not be far from."""

    secrets: tuple[VoiceSecret, ...]
    now: datetime


class VoiceSecrets:
    """The secrets of organizations at voice platforms.

    They are read anew for every request: a secret that was taken away counts nowhere any more, in whichever process.
    """

    def __init__(self, store: VoiceSecretStore, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def candidates(self, organization_id: UUID, agent_id: UUID, platform: str) -> Candidates:
        """Return what a platform may sign with when it speaks for an agent.

        Raises UnavailableError if they cannot be read: to go on without them would be to let anybody in.
        """
        try:
            secrets = await self._store.of_agent(organization_id, agent_id, platform)
        except SealError as error:
            log.exception("voice.secrets_unreadable", organization_id=str(organization_id), platform=platform)
            raise UnavailableError from error
        return Candidates(secrets, self._clock())

    async def get(self, organization_id: UUID, platform: str) -> SecretsInUse | None:
        """Return what is set; None for nothing."""
        return await self._store.get(organization_id, platform)

    async def put(
        self, organization_id: UUID, platform: str, secrets: Sequence[VoiceSecret], *, by: Actor
    ) -> SecretsInUse:
        """Set the secrets in place of those before: from now on, what is not signed with one of them is refused."""
        return await self._store.put(organization_id, platform, secrets, by=by)

    async def remove(self, organization_id: UUID, platform: str, *, by: Actor) -> None:
        """Take the secrets away: nothing needs to be signed any more. Raises NotFoundError where there are none."""
        if not await self._store.remove(organization_id, platform, by=by):
            raise NotFoundError("Secrets")
